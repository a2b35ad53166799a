"""Problems to rows of the ledger: a fixed number of queries for each thousand problems, plain values only."""

from __future__ import annotations

import contextlib
import datetime as dt
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce

from .. import clock
from ..choices import (
    DayCount,
    LinkStatus,
    MeasureKind,
    MeasureStatus,
    Period,
    Role,
    Source,
    Status,
    Step,
    StepOutcome,
)
from ..models import (
    CloseOut,
    CloseOutStep,
    Evidence,
    Extension,
    LedgerSettings,
    Manifestation,
    Measure,
    MeasureState,
    Membership,
    Problem,
    ProblemCause,
    ProblemState,
    ProgressNote,
)
from ..models.office import LedgerRule
from ..models.progress import PURGED
from ..wording import (
    date,
    deadline_words,
    extended_words,
    kind_words,
    lateness,
    light_chip,
    listed,
    numeral,
)
from .earlier import Earlier
from .row_types import MeasureRow, ProblemRow

SNAPSHOT = "snapshot"
CHUNK = 1000

WAITS = {Step.CONFIRM: "单位负责人确认", Step.REVIEW: "整改办审核", Step.SIGN: "责任领导签字"}

Grouped = defaultdict[int, list[Any]]
Posts = defaultdict[int | None, tuple[list[str], list[str]]]


@contextlib.contextmanager
def snapshot(using: str = "") -> Iterator[str]:
    """One consistent state for everything an export reads, without keeping writers waiting."""
    using = using or SNAPSHOT
    with transaction.atomic(using=using):
        yield using


def ledger_rows(
    problems: QuerySet[Problem], *, today: dt.date, on: dt.date | None = None, using: str = ""
) -> Iterator[ProblemRow]:
    """The ledger of these problems as they stand today, or as they stood when the day `on` ended.

    In the order of the report; withdrawn problems are left out, and so are causes that no person
    has confirmed. Read it inside `snapshot()`.
    """
    using = using or SNAPSHOT
    ordered = problems.using(using).order_by(
        "report_id", F("aspect__number").asc(nulls_last=True), "number", "pk"
    )
    ids = array("q", ordered.values_list("pk", flat=True).iterator(chunk_size=CHUNK))
    reader = _Reader(today=on or today, end=clock.end_of(on) if on else None, using=using)
    number = 0
    for start in range(0, len(ids), CHUNK):
        for row in reader.rows(ids[start : start + CHUNK].tolist()):
            number += 1
            row.number = number
            yield row


def units_of_problems(
    problems: QuerySet[Problem], *, on: dt.date | None = None, using: str = ""
) -> list[tuple[str, list[int]]]:
    """The problems of each responsible unit, in the order of the units' tree; those without one last."""
    using = using or SNAPSHOT
    ordered = problems.using(using)
    rows: QuerySet[Any] = ordered.filter(withdrawn=False)
    fields = ("pk", "lead_unit__path", "lead_unit__name")
    if on:
        rows = ProblemState.objects.using(using).at(on)
        rows = rows.filter(problem__in=ordered.order_by().values("pk"), withdrawn=False)
        fields = ("problem_id", "lead_unit__path", "lead_unit__name")
    grouped: dict[tuple[bool, str, str], list[int]] = defaultdict(list)
    for pk, path, name in rows.order_by().values_list(*fields):
        grouped[path is None, path or "", name or ""].append(pk)
    return [(key[2], grouped[key]) for key in sorted(grouped)]


class _Reader:
    """Reads a chunk of problems and what belongs to them; `end` is the moment a past day ended."""

    OWN = (
        *("title", "goal", "remark", "status", "kind", "also_standing"),
        *("deadline", "deadline_text", "original_deadline", "closed_on"),
        *("round", "carried"),
        *("responsible", "clerk__name", "clerk__phone", "leader__post", "lead_unit", "lead_unit__name"),
        "light",
    )
    LEAD_UNIT = OWN.index("lead_unit")
    # What the cell on closing is made from, besides the application.
    CONCLUDED = ("deadline", "original_deadline", "closed_on", "round", "carried")
    CONSTANT = (
        *("code", "source", "aspect__title"),
        *("report__settings__period", "report__settings__day_count"),
    )

    def __init__(self, *, today: dt.date, end: dt.datetime | None, using: str) -> None:
        self.today = today
        self.end = end
        self.using = using
        self.earlier = Earlier(end, using) if end else None
        self.rules: list[LedgerRule] = LedgerSettings.objects.using(using).rules()
        self.calendar = next((rule.calendar for rule in self.rules if rule.calendar), None)

    def rows(self, ids: list[int]) -> Iterator[ProblemRow]:
        """The rows of these problems, in this order."""
        found, owners = self._problems(ids)
        supporting = self._supporting(owners)
        manifestations = self._manifestations(ids)
        causes = self._causes(ids)
        measures = self._measures(ids)
        progress = self._progress(ids)
        evidence = self._evidence(ids)
        turns = {pk: values[self.OWN.index("round")] for pk, values in found.items()}
        later, applications = self._extensions(ids, turns), self._close_outs(ids, turns)
        posts = self._posts(found)
        for pk in ids:
            if pk not in found:
                continue
            steps = measures[pk]
            row = self._row(found[pk], steps, later.get(pk, ""))
            row.supporting_units = listed(supporting[pk])
            row.manifestations = _numbered(manifestations[pk])
            row.causes = _numbered(causes[pk])
            row.progress = progress.get(pk, "")
            row.evidence = _numbered(evidence[pk])
            concluded = [found[pk][self.OWN.index(name)] for name in self.CONCLUDED]
            row.close_out = _close_out(applications.get(pk, ""), *concluded)
            heads, clerks = posts[found[pk][self.LEAD_UNIT]]
            row.chief = listed(heads)
            row.contact = row.contact or "\n".join(clerks)
            yield row

    def _row(
        self, values: tuple[Any, ...], steps: list[tuple[MeasureRow, bool]], extended: str
    ) -> ProblemRow:
        (
            title, goal, remark, status, kind, also_standing, deadline, deadline_text, original, closed_on,
            _round, _carried, responsible, clerk, phone, leader, _unit, lead_unit, light, code, source,
            aspect, period, day_count,
        ) = values  # fmt: skip
        done = sum(done for _, done in steps)
        return ProblemRow(
            number=0,
            code=code,
            title=title,
            aspect=aspect or "",
            source=_label(Source, source),
            goal=goal,
            leader=leader or "",
            lead_unit=lead_unit or "",
            responsible=responsible or clerk or "",
            kind=kind_words(kind, also_standing),
            deadline=_deadline(deadline, deadline_text, kind, original, extended),
            due=date(deadline),
            completion=self._completion(
                status, light, deadline, period, self._working(deadline, day_count), done, len(steps)
            ),
            light=light,
            closed=date(closed_on),
            contact=_contact(clerk, phone) if clerk else "",
            remark=remark,
            measures=tuple(step for step, _ in steps),
        )

    def _working(self, deadline: dt.date | None, day_count: str | None) -> int | None:
        """The working days left, for a ledger that counts them."""
        if self.calendar is None or deadline is None or day_count != DayCount.WORKING:
            return None
        return self.calendar.between(self.today, deadline)

    def _completion(
        self,
        status: str,
        light: str,
        deadline: dt.date | None,
        period: str | None,
        working: int | None,
        done: int,
        steps: int,
    ) -> str:
        words = _status_and_light(status, light, deadline, self.today, period or "", working)
        return f"{words}\n措施完成 {done}/{steps}" if steps else words

    def _posts(self, found: dict[int, tuple[Any, ...]]) -> Posts:
        """Who heads each lead unit and who its clerks are, today: posts have no history."""
        units = {values[self.LEAD_UNIT] for values in found.values()} - {None}
        rows = Membership.objects.using(self.using).filter(unit__in=units, active=True, user__is_active=True)
        rows = rows.filter(role__in=(Role.UNIT_HEAD, Role.CLERK)).order_by("pk")
        posts: Posts = defaultdict(lambda: ([], []))
        for unit, role, name, phone in rows.values_list(
            *self._then("unit", "role", "user__name", "user__phone")
        ):
            heads, clerks = posts[unit]
            if role == Role.UNIT_HEAD:
                heads.append(name)
            else:
                clerks.append(_contact(name, phone))
        return posts

    # -- queries, one each ----------------------------------------------------------------------------

    def _problems(self, ids: list[int]) -> tuple[dict[int, tuple[Any, ...]], dict[int, int]]:
        """Each problem's values; and which problem the row read (its own or its state's) belongs to."""
        query: QuerySet[Any]
        if self.end is None:
            query = Problem.objects.filter(pk__in=ids, withdrawn=False)
            fields: tuple[str | F, ...] = ("pk", F("pk"), *self.OWN, *self.CONSTANT)
        else:
            query = ProblemState.objects.at(self.today).filter(problem__in=ids, withdrawn=False)
            fields = ("pk", F("problem_id"), *self.OWN, *(f"problem__{name}" for name in self.CONSTANT))
        lit = query.using(self.using).with_light(self.today, self.rules)
        values, owners = {}, {}
        for row, problem, *rest in lit.order_by().values_list(*self._then(*fields)):
            owners[row] = problem
            values[problem] = rest
        return values, owners

    def _supporting(self, owners: dict[int, int]) -> Grouped:
        through: type[Model]
        if self.end is None:
            through, owner = Problem.supporting_units.through, "problem_id"
        else:
            through, owner = ProblemState.supporting_units.through, "problemstate_id"
        query = through._default_manager.using(self.using).filter(**{f"{owner}__in": list(owners)})
        grouped: Grouped = defaultdict(list)
        for row, name in query.order_by("unit__path").values_list(*self._then(owner, "unit__name")):
            grouped[owners[row]].append(name)
        return grouped

    def _manifestations(self, ids: list[int]) -> Grouped:
        query = Manifestation.objects.using(self.using).filter(problem__in=ids).order_by("number")
        found = query.values_list("pk", "problem_id", "text")
        return _grouped(
            (problem, self.earlier.was("manifestation", "text", pk, text) if self.earlier else text)
            for pk, problem, text in found
        )

    def _causes(self, ids: list[int]) -> Grouped:
        query = ProblemCause.objects.using(self.using).filter(problem__in=ids).order_by("cause__number")
        paths = self._then("pk", "status", "problem_id", "cause__title", "cause__text")
        return _grouped(
            (problem, f"{title}：{text}" if text else title)
            for pk, status, problem, title, text in query.values_list(*paths)
            if self._link_then(pk, status) == LinkStatus.CONFIRMED
        )

    def _link_then(self, pk: int, status: str) -> str:
        return str(self.earlier.was("problemcause", "status", pk, status) if self.earlier else status)

    def _then(self, *paths: str | F) -> Sequence[Any]:
        """What to read: on a past day, names as they were."""
        return self.earlier.read(*paths) if self.earlier else paths

    def _measures(self, ids: list[int]) -> defaultdict[int, list[tuple[MeasureRow, bool]]]:
        own = ("text", "kind", "standard", "unit__name", "deadline", "status", "result", "finished_on")
        query: QuerySet[Any]
        if self.end is None:
            query = Measure.objects.filter(problem__in=ids).order_by("number")
            fields: tuple[str, ...] = ("problem_id", *own)
        else:
            query = MeasureState.objects.at(self.today).filter(measure__problem__in=ids)
            query = query.order_by("measure__number")
            fields = ("measure__problem_id", *own)
        grouped: defaultdict[int, list[tuple[MeasureRow, bool]]] = defaultdict(list)
        kept = query.using(self.using).exclude(status=MeasureStatus.DROPPED)
        for problem, text, kind, standard, unit, deadline, status, result, finished in kept.values_list(
            *self._then(*fields)
        ):
            done = status == MeasureStatus.DONE
            step = MeasureRow(
                text,
                _label(MeasureKind, kind),
                standard,
                unit or "",
                date(deadline),
                _finished(result, finished),
            )
            grouped[problem].append((step, done))
        return grouped

    def _progress(self, ids: list[int]) -> dict[int, str]:
        """The newest note in force of each problem, in full; a correction keeps the day it corrects."""
        notes = ProgressNote.objects.using(self.using)
        newest = notes.filter(problem=OuterRef("pk"))
        if self.end is None:
            newest = newest.filter(correction__isnull=True)
        else:
            later = Q(correction__isnull=True) | Q(correction__at__gte=self.end)
            newest = newest.filter(later, at__lt=self.end)
        newest = newest.order_by(Coalesce("corrects__at", "at").desc(), "-pk")
        pks = Subquery(newest.values("pk")[:1])
        chosen = Problem.objects.using(self.using).filter(pk__in=ids).order_by().values_list(pks)
        fields = ("problem_id", "at", "corrects__at", "author_label", "text", "percent")
        found = notes.filter(pk__in=[pk for (pk,) in chosen if pk]).order_by().values_list(*fields)
        return {problem: _progress_words(*note) for problem, *note in found}

    def _evidence(self, ids: list[int]) -> Grouped:
        query = Evidence.objects.using(self.using).filter(problem__in=ids).exclude(name=PURGED)
        if self.end:
            query = query.filter(at__lt=self.end)
        return _grouped(query.order_by("pk").values_list("problem_id", "name"))

    def _extensions(self, ids: list[int], turns: dict[int, int]) -> dict[int, str]:
        """How often the deadline was extended in this round, and the days that had run before."""
        query = Extension.objects.using(self.using).passed().filter(problem__in=ids)
        if self.end:
            query = query.filter(ended_at__lt=self.end)
        before = Problem.objects.using(self.using).filter(pk__in=ids, extensions_before__gt=0)
        counts = dict(before.order_by().values_list("pk", "extensions_before"))
        counts = {pk: count for pk, count in counts.items() if turns.get(pk) == 1}
        days: dict[int, int] = defaultdict(int)
        for one in query.order_by("pk"):
            if one.round == turns.get(one.problem_id):
                counts[one.problem_id] = counts.get(one.problem_id, 0) + 1
                days[one.problem_id] += one.overdue_days
        return {pk: extended_words(count, days[pk]) for pk, count in counts.items()}

    def _close_outs(self, ids: list[int], turns: dict[int, int]) -> dict[int, str]:
        """Where the newest application of this round stands: its steps to that day decide."""
        query = CloseOut.objects.using(self.using).filter(problem__in=ids)
        if self.end:
            query = query.filter(applied_at__lt=self.end)
        newest = {
            one.problem_id: one for one in query.order_by("pk") if one.round == turns.get(one.problem_id)
        }
        keys = [one.pk for one in newest.values()]
        steps = CloseOutStep.objects.using(self.using).filter(application__in=keys).order_by("pk")
        if self.end:
            steps = steps.filter(at__lt=self.end)
        last = {step.application_id: step for step in steps}
        return {pk: _application_words(one, last[one.pk]) for pk, one in newest.items() if one.pk in last}


# -- words --------------------------------------------------------------------------------------------


def _grouped(rows: Iterable[tuple[int, str]]) -> Grouped:
    grouped: Grouped = defaultdict(list)
    for key, value in rows:
        grouped[key].append(value)
    return grouped


def _numbered(texts: list[str]) -> str:
    """One text as it is; several as a numbered list, a line each."""
    if len(texts) < 2:
        return texts[0] if texts else ""
    return "\n".join([f"{number}. {text}" for number, text in enumerate(texts, 1)])


@lru_cache(maxsize=64)
def _label(choices: type[TextChoices], value: str) -> str:
    return str(choices(value).label)


def _deadline(deadline: dt.date | None, text: str, kind: str, original: dt.date | None, extended: str) -> str:
    """The deadline in words; an extension leaves the original date in sight."""
    words = deadline_words(deadline, text, kind)
    moved = f"原定{date(original)}" if deadline and original and original != deadline else ""
    told = "，".join(part for part in (moved, extended) if part)
    return f"{words}\n（{told}）" if told else words


@lru_cache(maxsize=4096)
def _status_and_light(
    status: str, light: str, deadline: dt.date | None, today: dt.date, period: str, working: int | None
) -> str:
    chip = light_chip(light, deadline, today, period or Period.MONTHLY, working)
    label = _label(Status, status)
    light_words = f"{chip.shape} {chip.full}"
    return light_words if chip.words == label else f"{label}\n{light_words}"


def _close_out(
    application: str,
    deadline: dt.date | None,
    original: dt.date | None,
    closed_on: dt.date | None,
    turn: int,
    carried: bool,
) -> str:
    words = "未销号"
    if closed_on is not None:
        words = f"{date(closed_on)}\n{lateness(closed_on, deadline, original)}"
    elif carried:
        words = "已结转"
    elif application:
        words = application
    return f"{words}\n（第{numeral(turn)}轮整改）" if turn > 1 else words


def _application_words(application: CloseOut, last: CloseOutStep) -> str:
    """待审核：等签字, 未销号（申请曾退回）, 阶段成果已确认: from the last step that was taken."""
    if last.outcome == StepOutcome.RETURN:
        return f"未销号\n{date(clock.day_of(last.at))}申请退回"
    if last.outcome == StepOutcome.WITHDRAW:
        return "未销号"
    path = application.path_steps
    waiting = path[0] if last.step == Step.APPLY else application.step_after(last.step)
    if waiting:
        return f"待审核\n等{WAITS[Step(waiting)]}"
    return f"{date(application.decided_on)}\n阶段成果已确认"


def _contact(name: str, phone: str | None) -> str:
    """Who to ring up."""
    return f"{name}　{phone}" if phone else name


def _finished(result: str, on: dt.date | None) -> str:
    """What a finished measure came to, and when."""
    if on is None:
        return ""
    return f"完成情况：{result}（{date(on)}完成）" if result else f"完成情况：{date(on)}完成"


def _progress_words(
    at: dt.datetime, corrected_at: dt.datetime | None, author: str, text: str, percent: int | None
) -> str:
    """2022年6月27日 县发改局 经办人：……（完成 65%）."""
    words = f"{date(clock.day_of(corrected_at or at))}　{author}：{text}"
    if percent is not None:
        words += f"（完成 {percent}%）"
    if corrected_at:
        words += f"（{date(clock.day_of(at))}更正）"
    return words

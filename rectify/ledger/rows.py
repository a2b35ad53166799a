"""Problems to rows of the ledger: a fixed number of queries for each thousand problems, plain values only."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Model, QuerySet

from rectify import clock
from rectify.choices import DayCount, MeasureKind, MeasureStatus, Role, Source
from rectify.ledger.archive.earlier import Earlier
from rectify.ledger.cause_rows import Causes, confirmed_causes
from rectify.ledger.closing_rows import NOT_APPLIED, ClosingReader, Concluding, close_out_words
from rectify.ledger.note_rows import newest_notes
from rectify.ledger.row_types import MeasureRow, ProblemRow
from rectify.ledger.row_words import (
    contact,
    deadline_cell,
    finished_words,
    label_of,
    numbered,
    status_and_light,
    step_day,
)
from rectify.models import (
    Evidence,
    LedgerSettings,
    Manifestation,
    Measure,
    MeasureState,
    Membership,
    Problem,
    ProblemState,
)
from rectify.models.field_registry import REMARK, TEXTS, names_of
from rectify.models.many import Many
from rectify.models.office import LedgerRule
from rectify.models.progress import PURGED
from rectify.roles import REPORTING
from rectify.wording import date, kind_words, listed

SNAPSHOT = "snapshot"
CHUNK = 500

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
    for start in range(0, len(ids), CHUNK):
        yield from reader.rows(ids[start : start + CHUNK].tolist())


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


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What belongs to some problems, by the problem (posts by the unit)."""

    supporting: Grouped
    manifestations: Grouped
    causes: defaultdict[int, Causes]
    measures: defaultdict[int, list[tuple[MeasureRow, bool]]]
    notes: dict[int, tuple[str, int]]
    evidence: Grouped
    extended: dict[int, str]
    applications: dict[int, Concluding]
    posts: Posts


class _Reader:
    """Reads a chunk of problems and what belongs to them; `end` is the moment a past day ended."""

    WORDS = names_of((*TEXTS, REMARK))  # printed as they are
    OWN = (
        *WORDS,
        *("title", "status", "kind", "also_standing"),
        *("deadline", "deadline_text", "original_deadline", "closed_on"),
        *("round", "carried"),
        *("responsible", "clerk__name", "clerk__phone", "leader__post", "lead_unit", "lead_unit__name"),
        "light",
    )
    ROUND, LEAD_UNIT = OWN.index("round"), OWN.index("lead_unit")
    CONSTANT = (
        *("code", "source", "aspect__title", "aspect__short"),
        *("report__settings__period", "report__settings__day_count"),
    )

    def __init__(self, *, today: dt.date, end: dt.datetime | None, using: str) -> None:
        self.today = today
        self.end = end
        self.using = using
        self.earlier = Earlier(end, using) if end else None
        self.closing = ClosingReader(end=end, using=using)
        self.rules: list[LedgerRule] = LedgerSettings.objects.using(using).rules()
        self.calendar = next((rule.calendar for rule in self.rules if rule.calendar), None)
        self.numbers = itertools.count(1)

    def rows(self, ids: list[int]) -> Iterator[ProblemRow]:
        """The rows of these problems, in this order."""
        found, owners = self._problems(ids)
        chunk = self._chunk(ids, found, owners)
        for pk in ids:
            if pk in found:
                yield self._row(pk, found[pk], chunk)

    def _chunk(self, ids: list[int], found: dict[int, tuple[Any, ...]], owners: dict[int, int]) -> _Chunk:
        turns = {pk: values[self.ROUND] for pk, values in found.items()}
        return _Chunk(
            supporting=self._supporting(owners),
            manifestations=self._manifestations(ids),
            causes=confirmed_causes(ids, self.earlier, self.using),
            measures=self._measures(ids),
            notes=newest_notes(ids, end=self.end, using=self.using),
            evidence=self._evidence(ids),
            extended=self.closing.extensions(ids, turns),
            applications=self.closing.applications(ids, turns),
            posts=self._posts(found),
        )

    def _row(self, pk: int, values: tuple[Any, ...], chunk: _Chunk) -> ProblemRow:
        (
            title, status, kind, also_standing, deadline, deadline_text, original, closed_on,
            turn, carried, responsible, clerk, phone, leader, unit, lead_unit, light, code, source,
            aspect, short, period, day_count,
        ) = values[len(self.WORDS):]  # fmt: skip
        steps, causes = chunk.measures[pk], chunk.causes[pk]
        done, working = sum([done for _, done in steps]), self._working(deadline, day_count)
        progress, earlier_notes = chunk.notes.get(pk, ("", 0))
        application = chunk.applications.get(pk, NOT_APPLIED)
        heads, clerks = chunk.posts[unit]
        return ProblemRow(
            number=next(self.numbers),
            code=code,
            title=title,
            aspect=aspect or "",
            aspect_short=short or "",
            source=label_of(Source, source),
            manifestations=numbered(chunk.manifestations[pk]),
            causes=causes.in_full,
            cause_titles=causes.in_brief,
            leader=leader or "",
            lead_unit=lead_unit or "",
            supporting_units=listed(chunk.supporting[pk]),
            responsible=responsible or clerk or "",
            kind=kind_words(kind, also_standing),
            deadline=deadline_cell(deadline, deadline_text, kind, original, chunk.extended.get(pk, "")),
            due=date(deadline),
            progress=progress,
            earlier_notes=earlier_notes,
            completion=self._completion(status, light, deadline, period, working, done, len(steps)),
            light=light,
            evidence=numbered(chunk.evidence[pk]),
            close_out=close_out_words(
                application.standing, status, deadline, original, closed_on, turn, carried
            ),
            chief=listed(heads),
            contact=contact(clerk, phone) if clerk else "\n".join(clerks),
            applied="\n".join(filter(None, [lead_unit, application.applied])) if application.applied else "",
            review=application.review,
            acceptance=application.acceptance,
            closed=date(closed_on),
            **dict(zip(self.WORDS, values, strict=False)),
            measures=tuple([step for step, _ in steps]),
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
        words = status_and_light(status, light, deadline, self.today, period or "", working)
        return f"{words}\n措施完成 {done}/{steps}" if steps else words

    def _posts(self, found: dict[int, tuple[Any, ...]]) -> Posts:
        """Who heads each lead unit and who its clerks are, today: posts have no history."""
        units = {values[self.LEAD_UNIT] for values in found.values()} - {None}
        rows = Membership.objects.using(self.using).filter(unit__in=units, active=True, user__is_active=True)
        rows = rows.filter(role__in=REPORTING).order_by("pk")
        posts: Posts = defaultdict(lambda: ([], []))
        for unit, role, name, phone in rows.values_list(
            *self._then("unit", "role", "user__name", "user__phone")
        ):
            heads, clerks = posts[unit]
            if role == Role.UNIT_HEAD:
                heads.append(name)
            else:
                clerks.append(contact(name, phone))
        return posts

    # -- queries, one each ----------------------------------------------------------------------------

    def _problems(self, ids: list[int]) -> tuple[dict[int, tuple[Any, ...]], dict[int, int]]:
        """Each problem's values; and which problem the row read (its own or its state's) belongs to."""
        query: QuerySet[Any]
        if self.end is None:
            query = Problem.objects.filter(pk__in=Many(ids), withdrawn=False)
            fields: tuple[str | F, ...] = ("pk", F("pk"), *self.OWN, *self.CONSTANT)
        else:
            query = ProblemState.objects.at(self.today).filter(problem__in=Many(ids), withdrawn=False)
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
        query = through._default_manager.using(self.using).filter(**{f"{owner}__in": Many(list(owners))})
        grouped: Grouped = defaultdict(list)
        for row, name in query.order_by("unit__path").values_list(*self._then(owner, "unit__name")):
            grouped[owners[row]].append(name)
        return grouped

    def _manifestations(self, ids: list[int]) -> Grouped:
        query = (
            Manifestation.objects.using(self.using)
            .filter(problem__in=Many(ids))
            .order_by("problem_id", "number")
        )
        found = query.values_list("pk", "problem_id", "text")
        return _grouped(
            (problem, self.earlier.was("manifestation", "text", pk, text) if self.earlier else text)
            for pk, problem, text in found
        )

    def _then(self, *paths: str | F) -> Sequence[Any]:
        """What to read: on a past day, names as they were."""
        return self.earlier.read(*paths) if self.earlier else paths

    def _measures(self, ids: list[int]) -> defaultdict[int, list[tuple[MeasureRow, bool]]]:
        own = ("text", "kind", "standard", "unit__name", "deadline", "status", "result", "finished_on")
        query: QuerySet[Any]
        if self.end is None:
            query = Measure.objects.filter(problem__in=Many(ids)).order_by("problem_id", "number")
            fields: tuple[str, ...] = ("problem_id", *own)
        else:
            query = MeasureState.objects.at(self.today).filter(measure__problem__in=Many(ids))
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
                label_of(MeasureKind, kind),
                standard,
                unit or "",
                date(deadline),
                finished_words(result, finished),
                step_day(deadline, finished if done else None, self.today),
            )
            grouped[problem].append((step, done))
        return grouped

    def _evidence(self, ids: list[int]) -> Grouped:
        query = Evidence.objects.using(self.using).filter(problem__in=Many(ids)).exclude(name=PURGED)
        if self.end:
            query = query.filter(at__lt=self.end)
        return _grouped(query.order_by("pk").values_list("problem_id", "name"))


def _grouped(rows: Iterable[tuple[int, str]]) -> Grouped:
    grouped: Grouped = defaultdict(list)
    for key, value in rows:
        grouped[key].append(value)
    return grouped

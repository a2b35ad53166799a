"""One act on many problems: planned without writing, then carried out as the ordinary operations would.

Applying a plan is one transaction: all the accepted rows, or none when any moved on since it was shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db.models import Prefetch

from rectify import clock, transitions, wording
from rectify.audit import chain, field_values
from rectify.choices import Action, MeasureStatus, Status
from rectify.errors import Difference, Incomplete, Refusal
from rectify.models import AuditEntry, BulkAct, Leader, Measure, Problem, Unit, User
from rectify.notifications import telling
from rectify.operations import problems, recording
from rectify.operations.together import prepared
from rectify.operations.together.items import ItemsTogether
from rectify.operations.together.prepared import Nothing
from rectify.policies import may

LIMIT = 500
ASSIGNED = ("leader", "lead_unit", "clerk", "kind", "deadline")
CLEARABLE = ("leader", "lead_unit", "clerk")
NUMBER_LETTERS = "23456789ACDEFGHJKLMNPQRTUVWXY"


@dataclass(frozen=True)
class Wanted:
    """What is to become of every row: a field that is absent stays as it is; None empties it."""

    fields: Mapping[Any, Any] = field(default_factory=dict)

    @property
    def assigned(self) -> dict[str, Any]:
        return {name: self.fields[name] for name in ASSIGNED if name in self.fields}

    @property
    def status(self) -> str:
        return str(self.fields.get("status") or "")

    @property
    def words(self) -> str:
        """责任领导：县长；整改类型：限期整改."""
        label = partial(field_values.label, Problem())
        return "；".join(f"{label(name)}：{_shown(name, value)}" for name, value in self.fields.items())

    def of(self, problem: Problem) -> Wanted:
        """The same for every row."""
        return self


@dataclass(frozen=True)
class WantedEach(Wanted):
    """Something else for each row: `fields` holds the fields of each by its id."""

    what: str = ""

    @property
    def words(self) -> str:
        return self.what

    def of(self, problem: Problem) -> Wanted:
        return Wanted(self.fields.get(problem.pk, {}))


@dataclass(frozen=True)
class BulkLine:
    """What will happen to one problem: each change, what stays and why, or why nothing may happen."""

    problem: Problem
    changes: Sequence[Difference] = ()
    kept: Sequence[str] = ()
    refused: str = ""
    is_stale: bool = False

    @property
    def is_accepted(self) -> bool:
        return bool(self.changes) and not self.refused

    @property
    def item(self) -> str:
        return f"{self.problem.pk}:{self.problem.version}"


@dataclass(frozen=True)
class BulkPlan:
    lines: list[BulkLine]

    @property
    def accepted(self) -> list[BulkLine]:
        return [line for line in self.lines if line.is_accepted]

    @property
    def refused(self) -> list[BulkLine]:
        return [line for line in self.lines if line.refused]

    @property
    def unchanged(self) -> list[BulkLine]:
        return [line for line in self.lines if not line.changes and not line.refused]

    @property
    def stale(self) -> list[BulkLine]:
        return [line for line in self.lines if line.is_stale]


class Moved(Refusal):
    """Some rows changed since the plan was shown: nothing was done, and here is the plan as it is now."""

    def __init__(self, plan: BulkPlan) -> None:
        count = len(plan.stale)
        super().__init__(
            f"还没有办理：预览之后有 {count} 项被别人更新，已标出。您填写的内容没有丢失，请核对后再次确认。"
        )
        self.plan = plan


def subjects(user: User, ids: Iterable[int]) -> list[Problem]:
    """The problems of these ids that the person may see, with all that a plan asks; in the order given."""
    wanted = list(dict.fromkeys(ids))
    opened = Measure.objects.filter(status=MeasureStatus.OPEN).select_related("unit")
    found = Problem.objects.visible_to(user).filter(pk__in=wanted)
    found = found.select_related("report__unit", "leader", "lead_unit", "clerk")
    found = found.prefetch_related(
        "supporting_units",
        "supporting_leaders",
        "clerk__memberships",
        Prefetch("measures", opened, to_attr="open_measures"),
    )
    by_id = {problem.pk: problem for problem in found.order_by()}
    return [by_id[pk] for pk in wanted if pk in by_id]


def plan(
    rows: Sequence[Problem], wanted: Wanted, *, by: User, seen: dict[int, int] | None = None
) -> BulkPlan:
    """What the act will do to each row; nothing is written. `seen` marks rows whose version moved on."""
    lines = []
    for problem in rows:
        line = _line(problem, wanted.of(problem), by)
        moved = seen is not None and seen.get(problem.pk) != problem.version
        lines.append(replace(line, is_stale=True) if moved else line)
    return BulkPlan(lines)


def apply(
    items: dict[int, int], wanted: Wanted, *, by: User, reason: str, idempotency_key: str | None = None
) -> BulkAct:
    """Carry the plan out for these ids, as the versions say they were seen; the same key acts once.

    Raises Moved with the plan of now when a row that would change is not the one that was seen.
    """
    reason = recording.need_reason(reason)
    check_size(len(items))
    if not wanted.fields:
        raise Incomplete("请至少选择一项要改的内容。")
    reports = {problem.report_id: problem.report for problem in subjects(by, items)}

    def prepare(by: User) -> _Decided | Nothing:
        if earlier := done_before(by, idempotency_key):
            return Nothing(earlier)
        current = plan(subjects(by, items), wanted, by=by, seen=items)
        if current.stale:
            raise Moved(current)
        if not current.accepted:
            raise Incomplete("所选的事项没有一项可以这样办理，没有改动。")
        return _Decided(current, wanted, by, reason, idempotency_key)

    done: BulkAct = prepared.stored(reports.values(), by, prepare)
    return done


def done_before(by: User, idempotency_key: str | None) -> BulkAct | None:
    """The act that this page has asked for already."""
    same = BulkAct.objects.filter(by=by, idempotency_key=idempotency_key)
    return same.first() if idempotency_key else None


def check_size(count: int) -> None:
    """An act stays within a request of a few seconds."""
    if count > LIMIT:
        raise Incomplete(f"一次最多办理 {LIMIT} 项，现在选了 {count} 项。请缩小筛选范围，分次办理。")
    if not count:
        raise Incomplete("还没有选中事项。请在列表里勾选，或者选“全部符合条件的”。")


class _Decided:
    """The accepted lines of a plan, decided and not yet stored."""

    def __init__(
        self, current: BulkPlan, wanted: Wanted, by: User, reason: str, idempotency_key: str | None
    ) -> None:
        self.current, self.wanted, self.by, self.reason = current, wanted, by, reason
        self.idempotency_key = idempotency_key
        self._rows = [line.problem for line in current.accepted]
        self._number = _new_number()
        together = ItemsTogether(self._rows, by=by, reason=reason, tie={"batch": self._number}, tells=True)
        for line in current.accepted:
            _decide(line, wanted.of(line.problem), together)
        self._ready = together.ready()

    def holds(self, touched: set[int]) -> bool:
        return touched.isdisjoint(line.problem.pk for line in self.current.lines)

    def caught_up(self, touched: set[int]) -> None:
        """Five hundred items at most: all of them are decided again."""

    def store(self) -> BulkAct:
        reports = {problem.report_id: problem.report for problem in self._rows}
        before = _last_entry()
        with telling.gathered() as gathered, chain.together(reports.values()):
            self._ready.store()
        done = self._recorded(before)
        done.reports.set(reports)
        chain.append_waiting(self.by)
        telling.tell_together(gathered, self.by)
        return done

    def _recorded(self, before: int) -> BulkAct:
        return BulkAct.objects.create(
            number=self._number, by=self.by, at=clock.now(), reason=self.reason[:500],
            what=self.wanted.words[:500], applied=len(self._rows),
            refused=len(self.current.lines) - len(self._rows), first_entry=before + 1,
            last_entry=_last_entry(), idempotency_key=self.idempotency_key,
        )  # fmt: skip


def _last_entry() -> int:
    return AuditEntry.objects.order_by("-id").values_list("pk", flat=True).first() or 0


def _decide(line: BulkLine, wanted: Wanted, together: ItemsTogether) -> None:
    """What an ordinary operation would refuse refuses the whole act, and names the row."""
    changing = {difference.label for difference in line.changes}
    fields = {
        name: value
        for name, value in wanted.assigned.items()
        if field_values.label(line.problem, name) in changing
    }
    try:
        if fields:
            together.assign(line.problem, fields)
        if field_values.label(line.problem, "status") in changing:
            together.set_status(line.problem, wanted.status)
    except Refusal as refusal:
        words = f"{line.problem.code} 没有办成：{refusal.message}其余各项也没有改动。"
        raise Incomplete(words) from refusal


def _line(problem: Problem, wanted: Wanted, by: User) -> BulkLine:
    fields, kept = problems.leave_clerk_behind(problem, dict(wanted.assigned)), []
    if problem.deadline is not None and "deadline" in fields:
        del fields["deadline"]
        kept.append(f"整改时限保留{wording.date(problem.deadline)}，改期须按延期办理")
    differing = {
        name: value
        for name, value in fields.items()
        if field_values.plain(problem, name) != field_values.as_plain(value)
    }
    status = wanted.status if wanted.status and wanted.status != problem.status else ""
    refused = _refusal(problem, differing, status, by)
    changes = [_difference(problem, name, value) for name, value in differing.items()]
    if status:
        changes.append(_difference(problem, "status", status))
    return BulkLine(problem, changes, kept, refused)


def _refusal(problem: Problem, fields: dict[str, Any], status: str, by: User) -> str:
    """Why this row may not be changed so; empty when it may."""
    for act in ([Action.ASSIGN] if fields else []) + ([Action.SET_STATUS] if status else []):
        decision = may(by, act, problem)
        if not decision:
            return decision.why
    if status and not transitions.allowed(transitions.PROBLEM, Action.SET_STATUS, problem.status, status):
        return f"现在是“{Status(problem.status).label}”，不能变为“{Status(status).label}”。"
    root = problem.report.unit.path
    for name, path in (
        ("leader", _path(fields.get("leader"))),
        ("lead_unit", _path(fields.get("lead_unit"))),
    ):
        if path and not path.startswith(root):
            return f"所选{field_values.label(problem, name)}不属于{problem.report.unit}，不能承担这一项。"
    if not fields:
        return ""
    try:
        problems.check_assignment(problem, dict(fields))
    except Incomplete as refusal:
        return "；".join([refusal.message, *refusal.missing])
    return ""


def _path(thing: Leader | Unit | None) -> str:
    if isinstance(thing, Leader):
        return str(thing.unit.path)
    return str(thing.path) if thing else ""


def _difference(problem: Problem, name: str, value: Any) -> Difference:
    """Old and new in words: `theirs` is what stands, `mine` what is wanted."""
    old = field_values.shown(problem, name, field_values.value_of(problem, name))
    return Difference(field_values.label(problem, name), _shown(name, value), old)


def _shown(name: str, value: Any) -> str:
    return field_values.shown(Problem(), name, value.label if isinstance(value, User) else value)


def _new_number() -> str:
    """P20250320-7F3KQ2: the day, and letters that tell acts of one day apart."""
    letters = "".join(secrets.choice(NUMBER_LETTERS) for _ in range(6))
    return f"P{clock.today():%Y%m%d}-{letters}"

"""The counts kept beside the problems: begun anew when the day turns, recounted, and compared."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from rectify import clock
from rectify.audit import chain
from rectify.audit.mismatch import Mismatch
from rectify.choices import CountedBy
from rectify.models import LedgerSettings, Measure, Problem, ProblemState, Report, Rollup, RollupDay
from rectify.models.office import LedgerRule
from rectify.models.rollups import RollupKey, cells_of, course_days, lasting_of, passage_of, still_to_come

STEP = 500
FIELDS = (
    *("status", "kind", "leader", "lead_unit", "deadline", "original_deadline", "closed_on", "withdrawn"),
    *("carried", "rank", "due", "created_at", "reported_at"),
)
PASSAGE = ("withdrawn", "rank", "deadline", "original_deadline", "valid_from", "valid_to")
REMEDY = "请运行 manage.py verify_summaries --rebuild 重新统计"


def refresh() -> int:
    """Count anew the ledgers that are counted as of another day, or by other thresholds, than today's."""
    today = clock.today()
    rules = {rule: rule for rule in LedgerSettings.objects.rules()}
    behind = 0
    for report in Report.objects.select_related("settings", "counted").order_by("pk"):
        rule = _rule_of(report, rules)
        kept = getattr(report, "counted", None)
        if kept is None or not kept.is_as(RollupDay.made_of(report, today, rule)):
            rebuild(report, today, rule)
            behind += 1
    return behind


def rebuild_all() -> None:
    rules = {rule: rule for rule in LedgerSettings.objects.rules()}
    for report in Report.objects.select_related("settings").order_by("pk"):
        rebuild(report, clock.today(), _rule_of(report, rules))


def rebuild(report: Report, day: dt.date, rule: LedgerRule) -> None:
    """Count the problems of a ledger as of a day, while nobody changes one of them."""
    with transaction.atomic():
        chain.lock([report])
        as_of = RollupDay.made_of(report, day, rule)
        Rollup.objects.filter(report=report).delete()
        as_of.save()
        counted = recounted(as_of) + _earlier(as_of, rule)
        rows = [Rollup(**cell._asdict(), number=number) for cell, number in sorted(counted.items())]
        Rollup.objects.bulk_create(rows, batch_size=STEP)


def recounted(as_of: RollupDay, using: str = "default") -> Counter[RollupKey]:
    """What the counts of a ledger must be, from its problems themselves."""
    found: Counter[Any] = Counter()
    problems = Problem.objects.using(using).filter(report=as_of.report_id).live().order_by()
    for problem in problems.only(*FIELDS).iterator():
        found.update(cells_of(problem, as_of))
    start = clock.end_of(course_days(as_of.day)[0])
    states = ProblemState.objects.using(using).filter(problem__report=as_of.report_id).live().order_by()
    moved = states.filter(Q(valid_from__gte=start) | Q(valid_to__gte=start)).only(*PASSAGE)
    for state in moved.iterator():
        found[passage_of(state, as_of, CountedBy.CAME)] += 1
        if state.valid_to:
            found[passage_of(state, as_of, CountedBy.WENT, state.valid_to)] += 1
    found.pop(None, None)
    measures: dict[int, list[tuple[str, str]]] = {}
    carried = set(problems.filter(carried=True).values_list("pk", flat=True))
    of_live = Measure.objects.using(using).filter(problem__report=as_of.report_id, problem__withdrawn=False)
    for problem_id, *said in of_live.order_by().values_list("problem_id", "kind", "status"):
        measures.setdefault(problem_id, []).append((said[0], said[1]))
    for problem_id, steps in measures.items():
        cells = list(lasting_of(as_of.report_id, steps))
        gone_on = still_to_come(cells) if problem_id in carried else []
        found.update(cell for cell in cells if cell not in gone_on)
    return found


def disagreements(report: Report, using: str) -> Iterator[Mismatch]:
    """The counts of a ledger that are not what its problems say."""
    as_of = RollupDay.objects.using(using).filter(report=report).first()
    if as_of is None:
        return
    rows = Rollup.objects.using(using).filter(report=report).exclude(by=CountedBy.EARLIER)
    kept, counted = rows.as_counter(), recounted(as_of, using)
    for cell in sorted(kept.keys() | counted.keys()):
        if kept[cell] != counted[cell]:
            yield Mismatch(f"汇总数 {_named(cell)}", f"记的是 {kept[cell]}，实有 {counted[cell]}，{REMEDY}")


def _earlier(as_of: RollupDay, rule: LedgerRule) -> Counter[RollupKey]:
    """The lights when the last period ended: past, so that no act changes them."""
    states = ProblemState.objects.filter(problem__report=as_of.report_id).at(as_of.since).live()
    rows: Any = states.with_light(as_of.since, [rule]).order_by()
    lit = rows.values_list("light").annotate(n=Count("*"))
    return Counter({RollupKey(as_of.report_id, CountedBy.EARLIER.value, 0, light): n for light, n in lit})


def _rule_of(report: Report, rules: dict[LedgerRule, LedgerRule]) -> LedgerRule:
    """The rule of a ledger, with the calendar where it counts working days."""
    settings = getattr(report, "settings", None)
    rule = settings.rule if settings else LedgerRule()
    return rules.get(rule, rule)


def _named(cell: RollupKey) -> str:
    return " ".join(str(value) for value in cell[1:] if value not in ("", 0, False))

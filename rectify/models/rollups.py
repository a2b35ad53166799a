"""Counts kept beside the problems, as of a day: how many of a ledger have the same in common.

Today's overview of a hundred thousand problems adds these up and looks at no problem. They hold for the
day and the thresholds that `RollupDay` names, and are changed in the transaction of each act that changes
a problem. Where the day or the thresholds are others by now, the problems themselves are counted.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connections, models

from rectify import clock
from rectify.choices import CountedBy, MeasureKind, MeasureStatus
from rectify.models.office import LedgerRule
from rectify.models.progress import Measure
from rectify.models.rag_status import RowReading
from rectify.models.report import Problem, Report
from rectify.models.timing import band_of, timings_of
from rectify.models.versioned_fields import MeasureFields

TREND_WEEKS = 12
WEEKS_AHEAD = 8
LASTING = (MeasureStatus.DONE, MeasureStatus.OPEN)


class RollupDay(models.Model):
    """As of which day a ledger is counted, and what its settings made of it."""

    report = models.OneToOneField(Report, models.PROTECT, primary_key=True, related_name="counted")
    day = models.DateField()
    soon_until = models.DateField()
    heard_since = models.DateField()
    since = models.DateField()  # the end of the last period, whose lights are counted too

    class Meta:
        verbose_name = verbose_name_plural = "汇总日"

    def __str__(self) -> str:
        return f"{self.report_id} {self.day}"

    @classmethod
    def made_of(cls, report: Report, day: dt.date, rule: LedgerRule) -> RollupDay:
        since = clock.period_start(day, rule.period, rule.cutoff_day) - dt.timedelta(days=1)
        return cls(
            report=report,
            day=day,
            soon_until=rule.due_soon_until(day),
            heard_since=rule.reporting_since(day),
            since=since,
        )

    def is_as(self, other: RollupDay) -> bool:
        names = ("day", "soon_until", "heard_since", "since")
        return all(getattr(self, name) == getattr(other, name) for name in names)


class RollupKey(NamedTuple):
    """What the problems of one count have in common; `of` is the leader or the unit, 0 for none."""

    report_id: int
    by: str
    of: int = 0
    light: str = ""
    status: str = ""
    kind: str = ""
    band: str = ""
    timing: str = ""
    first_timing: str = ""
    was_extended: bool = False
    is_stale: bool = False
    rank: int = 0
    due_place: int = 0
    first_place: int = 0
    moment: int = 0


class RollupQuerySet(models.QuerySet["Rollup"]):
    def on_problem_change(self, problem: Problem, before: Any, after: Any) -> None:
        """A problem stands otherwise than before (state rows; none before it was there)."""
        if (as_of := self._as_of(problem)) is None:
            return
        for state in filter(None, (before, after)):
            state.created_at, state.reported_at = problem.created_at, problem.reported_at
        changes: Counter[Any] = Counter([*cells_of(after, as_of), passage_of(after, as_of, CountedBy.CAME)])
        if before:
            changes.subtract(cells_of(before, as_of))
            changes[passage_of(before, as_of, CountedBy.WENT, after.valid_from)] += 1
        changes.pop(None, None)
        if before and before.withdrawn != after.withdrawn:
            lasting = lasting_of(problem.report_id, problem.measures.values_list("kind", "status"))
            (changes.subtract if after.withdrawn else changes.update)(lasting)
        if before and after.carried and not before.carried:
            measures = problem.measures.values_list("kind", "status")
            changes.subtract(still_to_come(lasting_of(problem.report_id, measures)))
        self.add(changes)

    def on_note(self, problem: Problem, at: dt.datetime) -> None:
        """Progress is about to be noted on a problem."""
        if (as_of := self._as_of(problem)) is None:
            return
        row = Problem.objects.get(pk=problem.pk)
        before = Counter(cells_of(row, as_of))
        row.reported_at = max(at, row.reported_at or at)
        changes = Counter(cells_of(row, as_of))
        changes.subtract(before)
        self.add(changes)

    def on_measure_change(self, measure: Measure, before: MeasureFields | None, after: MeasureFields) -> None:
        """A measure stands otherwise than before."""
        problem = measure.problem
        live = {"report__problems": problem.pk, "report__problems__withdrawn": False}
        if not RollupDay.objects.using(self.db).filter(**live).exists():
            return
        others = [*problem.measures.exclude(pk=measure.pk).values_list("kind", "status")]
        changes = Counter(lasting_of(problem.report_id, [*others, (after.kind, after.status)]))
        was = [(before.kind, before.status)] if before else []
        changes.subtract(lasting_of(problem.report_id, [*others, *was]))
        self.add(changes)

    def _as_of(self, problem: Problem) -> RollupDay | None:
        return RollupDay.objects.using(self.db).filter(report=problem.report_id).first()

    def add(self, changes: Counter[RollupKey]) -> None:
        """Change counts by so much, in one statement: of two at once none is lost, and as the cells come
        in order neither waits for the other in a circle."""
        rows = [(*cell, n) for cell, n in sorted(changes.items()) if n]
        if not rows:
            return
        connection = connections[self.db]
        quote = connection.ops.quote_name
        table, names = quote(self.model._meta.db_table), [quote(name) for name in RollupKey._fields]
        places = ", ".join([f"({', '.join(['%s'] * (len(names) + 1))})"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}, number) VALUES {places} "
                f"ON CONFLICT ({', '.join(names)}) DO UPDATE SET number = {table}.number + excluded.number",
                [value for row in rows for value in row],
            )

    def as_counter(self) -> Counter[RollupKey]:
        """The counts that are not nothing."""
        rows = self.exclude(number=0).order_by().values_list(*RollupKey._fields, "number")
        return Counter({RollupKey(*row[:-1]): row[-1] for row in rows})


class Rollup(models.Model):
    """How many problems of one ledger share a cell."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="+", db_index=False)
    by = models.CharField(max_length=10, choices=CountedBy)
    of = models.BigIntegerField(default=0)
    light = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    band = models.CharField(max_length=10, blank=True)
    timing = models.CharField(max_length=20, blank=True)
    first_timing = models.CharField(max_length=20, blank=True)
    was_extended = models.BooleanField(default=False)
    is_stale = models.BooleanField(default=False)
    rank = models.SmallIntegerField(default=0)
    due_place = models.SmallIntegerField(default=0)
    first_place = models.SmallIntegerField(default=0)
    moment = models.SmallIntegerField(default=0)
    number = models.IntegerField(default=0)

    objects = RollupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "汇总数"
        constraints = [
            models.UniqueConstraint(fields=["report", *RollupKey._fields[1:]], name="rollup_once"),
        ]
        indexes = [
            # What is added up for the units, which are many, without a look at the rows.
            models.Index(fields=["by", "of", "light", "is_stale", "report", "number"], name="rollup_owners"),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.of}: {self.number}"


def cells_of(row: Any, as_of: RollupDay) -> Iterator[RollupKey]:
    """The cells that count a problem as it stands, or a state of it that is told when it was reported."""
    if row.withdrawn:
        return
    report, day = as_of.report_id, as_of.day
    reading = RowReading(row, day, as_of.soon_until, as_of.heard_since)
    light = str(reading.light)
    timing, first_timing = timings_of(row, day)
    was_extended = bool(row.deadline and row.deadline > row.original_deadline)
    yield RollupKey(
        *(report, CountedBy.REPORT.value, report, light, row.status, row.kind, band_of(row, day)),
        *(timing, first_timing, was_extended),
    )
    yield RollupKey(report, CountedBy.LEADER.value, row.leader_id or 0, light)
    yield RollupKey(report, CountedBy.UNIT.value, row.lead_unit_id or 0, light, is_stale=reading.is_stale)
    yield RollupKey(report, CountedBy.COURSE.value, **_course_of(row, as_of))


def passage_of(
    state: Any, as_of: RollupDay, way: CountedBy, at: dt.datetime | None = None
) -> RollupKey | None:
    """The cell that counts a state as come, or gone at a moment, within the weeks of the trend."""
    ends = [clock.end_of(day) for day in course_days(as_of.day) if day <= as_of.day]
    moment = bisect_right(ends, at or state.valid_from)
    if state.withdrawn or not moment:
        return None
    return RollupKey(as_of.report_id, way.value, **_course_of(state, as_of), moment=moment)


def _course_of(row: Any, as_of: RollupDay) -> dict[str, Any]:
    days = course_days(as_of.day)
    places = place_of(row.deadline, days), place_of(row.original_deadline, days)
    return dict(zip(("rank", "due_place", "first_place"), (int(row.rank), *places), strict=True))


def lasting_of(report_id: int, measures: Any) -> Iterator[RollupKey]:
    """The cells that count a problem with these measures (kind, status) among those with a lasting one."""
    found = {status for kind, status in measures if kind == MeasureKind.LASTING}
    for status in LASTING:
        if status in found:
            yield RollupKey(report_id, CountedBy.LASTING.value, 0, status.value)


def still_to_come(cells: Iterable[RollupKey]) -> list[RollupKey]:
    """Those of what is not yet in place: it goes on, and counts, in the ledger the problem was carried to."""
    return [cell for cell in cells if cell.light == MeasureStatus.OPEN]


def course_days(day: dt.date, weeks: int = TREND_WEEKS, ahead: int = WEEKS_AHEAD) -> list[dt.date]:
    """The ends of the last weeks, the day itself, and the ends of the weeks ahead."""
    sunday = day - dt.timedelta(days=day.isoweekday())
    past = [sunday - dt.timedelta(weeks=n) for n in range(weeks - 2, -1, -1)] + [day]
    coming = [day - dt.timedelta(days=day.isoweekday() - 7 * n) for n in range(1, ahead + 1)]
    return past + [one for one in coming if one > day]


def place_of(date: dt.date | None, days: list[dt.date]) -> int:
    """How many of the days are not later; -1 for no date."""
    return -1 if date is None else bisect_right(days, date)

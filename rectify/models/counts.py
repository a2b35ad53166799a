"""Counts kept beside the problems: of those whose light hangs on no day, by what they have in common.

Today's overview of a hundred thousand problems reads these, and only the open ones themselves: most are
closed, and a closed one counts the same tomorrow. What can be read otherwise is never read from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connections, models

from ..choices import CountedBy, Status, Timing
from .report import Report
from .tracked import ProblemFields, Rank

# Ranks that decide the light alone, and count at all.
FIXED = (Rank.STANDING, Rank.CLOSED, Rank.CARRIED)


class Cell(NamedTuple):
    """What the problems of one count have in common; `of` is the leader or the unit, 0 for none."""

    report_id: int
    by: str
    of: int = 0
    rank: int = 0
    status: str = ""
    kind: str = ""
    timing: str = ""
    first_timing: str = ""
    was_extended: bool = False


class FixedCountQuerySet(models.QuerySet["FixedCount"]):
    def moved(self, report_id: int, before: ProblemFields | None, after: ProblemFields) -> None:
        """A problem stands otherwise than before: out of its old counts and into its new ones."""
        changes = Counter(cells_of(after, report_id))
        changes.subtract(cells_of(before, report_id) if before else ())
        self.add(changes)

    def add(self, changes: Counter[Cell]) -> None:
        """Change counts by so much, in one statement: of two at once none is lost, and as the cells come
        in order neither waits for the other in a circle."""
        rows = [(*cell, n) for cell, n in sorted(changes.items()) if n]
        if not rows:
            return
        connection = connections[self.db]
        quote = connection.ops.quote_name
        table, names = quote(self.model._meta.db_table), [quote(name) for name in Cell._fields]
        places = ", ".join([f"({', '.join(['%s'] * (len(names) + 1))})"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}, number) VALUES {places} "
                f"ON CONFLICT ({', '.join(names)}) DO UPDATE SET number = {table}.number + excluded.number",
                [value for row in rows for value in row],
            )

    def as_counter(self) -> Counter[Cell]:
        """The counts that are not nothing."""
        rows = self.exclude(number=0).order_by().values_list(*Cell._fields, "number")
        return Counter({Cell(*row[:-1]): row[-1] for row in rows})


class FixedCount(models.Model):
    """How many problems of one ledger share a cell."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="+", db_index=False)
    by = models.CharField(max_length=10, choices=CountedBy)
    of = models.BigIntegerField(default=0)
    rank = models.SmallIntegerField(default=0)
    status = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    timing = models.CharField(max_length=20, blank=True)
    first_timing = models.CharField(max_length=20, blank=True)
    was_extended = models.BooleanField(default=False)
    number = models.IntegerField(default=0)

    objects = FixedCountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "汇总数"
        constraints = [models.UniqueConstraint(fields=["report", *Cell._fields[1:]], name="fixedcount_once")]
        indexes = [models.Index(fields=["by", "report", "of", "rank", "number"], name="fixedcount_by")]

    def __str__(self) -> str:
        return f"{self.by} {self.of}: {self.number}"


def cells_of(row: ProblemFields, report_id: int) -> Iterator[Cell]:
    """The cells that count a problem as it stands, or stood."""
    if row.rank not in FIXED:
        return
    current, original = timings_of(row)
    extended = bool(row.deadline and row.original_deadline and row.deadline > row.original_deadline)
    facts = (row.status, row.kind, current, original, extended)
    yield Cell(report_id, CountedBy.REPORT.value, 0, int(row.rank), *facts)
    yield Cell(report_id, CountedBy.LEADER.value, row.leader_id or 0, int(row.rank))
    yield Cell(report_id, CountedBy.UNIT.value, row.lead_unit_id or 0, int(row.rank))


def timings_of(row: ProblemFields) -> tuple[str, str]:
    """How a closed one stands against the date in force and the first one; what `timing_rule` asks."""
    if row.status != Status.CLOSED or row.closed_on is None:
        return "", ""
    is_late = row.deadline is not None and row.closed_on > row.deadline
    was_late = row.original_deadline is not None and row.closed_on > row.original_deadline
    return (
        (Timing.CLOSED_LATE if is_late else Timing.CLOSED_ON_TIME).value,
        (Timing.ORIGINAL_LATE if was_late else Timing.ORIGINAL_ON_TIME).value,
    )

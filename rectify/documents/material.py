"""What the documents of a ledger are made from: its rows and facts of one day, read in one state."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from rectify import clock
from rectify.choices import RagStatus, Status
from rectify.documents.facts import Facts, read_facts
from rectify.errors import Incomplete
from rectify.ledger.row_types import ProblemRow
from rectify.ledger.rows import ledger_rows, snapshot
from rectify.models import Narrative, Problem, Report, Unit
from rectify.selectors.problem_changes import in_subtree


@dataclass
class Item:
    """One problem: its row as the ledger prints it, and what documents say besides."""

    row: ProblemRow
    facts: Facts

    @property
    def is_carried(self) -> bool:
        return self.row.light == RagStatus.CARRIED

    @property
    def is_overdue(self) -> bool:
        return self.row.light == RagStatus.OVERDUE

    @property
    def is_open(self) -> bool:
        """Neither fixed nor in the state that is kept up."""
        return not (self.facts.is_finished or self.facts.is_standing or self.is_carried)


@dataclass
class Material:
    """The items that a document is about, as they stood when the day ended."""

    report: Report
    day: dt.date
    items: list[Item]
    unit: Unit | None = None
    narrative: Narrative | None = None

    @property
    def counted(self) -> list[Item]:
        """A carried item counts in its new ledger."""
        return [item for item in self.items if not item.is_carried]

    @property
    def open(self) -> list[Item]:
        return [item for item in self.counted if item.is_open]

    @property
    def by_status(self) -> Counter[str]:
        return Counter(item.facts.status for item in self.counted)

    @property
    def overdue(self) -> int:
        return sum(item.is_overdue for item in self.counted)

    @property
    def closed(self) -> int:
        return self.by_status[Status.CLOSED]

    @property
    def closed_percent(self) -> int:
        """Rounded down, as on every page: 100 is said only of all; what was finished before is left out."""
        rated = len(self.counted) - self.by_status[Status.FINISHED_BEFORE]
        return 100 * self.closed // rated if rated else 0

    @property
    def by_aspect(self) -> list[tuple[str, list[Item]]]:
        groups: dict[str, list[Item]] = {}
        for item in self.items:
            groups.setdefault(item.row.aspect, []).append(item)
        return list(groups.items())

    def written(self, part: str) -> str:
        """What the office wrote for a part of the report; of a unit's own report nothing is written yet."""
        return str(getattr(self.narrative, part)) if self.narrative and not self.unit else ""

    @property
    def whose(self) -> str:
        """Who hands the paper in."""
        return self.unit.name if self.unit else self.report.unit.name


def read_material(
    report: Report, problems: QuerySet[Problem], day: dt.date, unit: Unit | None = None
) -> Material:
    """Read everything at once; refuses where there is nothing to write about."""
    if unit:
        problems = problems.filter(in_subtree(unit))
    on = day if day < clock.today() else None
    with snapshot() as using:
        rows = list(ledger_rows(problems, today=clock.today(), on=on, using=using))
        facts = read_facts(problems, on=on, using=using)
        narrative = Narrative.objects.using(using).filter(report=report).first()
    if not rows:
        whose = f"{unit}负责的" if unit else ""
        raise Incomplete(
            f"《{report}》里还没有{whose}整改事项，没有可以写的内容，没有生成文件。", field="report"
        )
    return Material(report, day, [Item(row, facts[row.code]) for row in rows], unit, narrative)

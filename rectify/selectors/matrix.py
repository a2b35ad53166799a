"""Problem × cause × direction × measure: what is tied to what, and what is covered by nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rectify.choices import LinkStatus, MeasureKind, MeasureStatus
from rectify.models import ImprovementDirection, Problem, Report, RootCause
from rectify.models.office import LedgerRule
from rectify.models.report import ProblemQuerySet
from rectify.selectors.problem_rows import calendar_of, chip

CAUSE, DIRECTION, MEASURE = "根源", "努力方向", "措施"


@dataclass
class MatrixRow:
    """A problem: for each cause and direction the standing of its tie, and the measures by kind."""

    problem: Problem
    light: object
    causes: list[tuple[RootCause, str]]
    directions: list[tuple[ImprovementDirection, str]]
    measures: list[tuple[str, str, int, int]]  # kind, its label, how many, how many of them done
    gaps: list[str] = field(default_factory=list)
    idle: list[RootCause | ImprovementDirection] = field(default_factory=list)  # wherever they stand

    @property
    def takes_ties(self) -> bool:
        """Whether it is still worked on, so that a gap can be closed."""
        return not self.problem.is_closed and not self.problem.carried

    @property
    def crossings(self) -> list[tuple[str, str, RootCause | ImprovementDirection, str, bool]]:
        """(kind, word, source, tie, whether a tie would close a gap): the cells of the row, causes first."""
        kinds: tuple[tuple[str, str, str, Any], ...] = (
            ("cause", CAUSE, CAUSE, self.causes),
            ("direction", "方向", DIRECTION, self.directions),
        )
        return [
            (kind, word, one, tie, name in self.gaps or one in self.idle)
            for kind, word, name, ties in kinds
            for one, tie in ties
        ]


@dataclass
class Matrix:
    causes: list[RootCause]
    directions: list[ImprovementDirection]
    rows: list[MatrixRow]
    idle: list[RootCause | ImprovementDirection]  # tied to no problem
    gaps: Counter[str] = field(default_factory=Counter)

    @property
    def gap_counts(self) -> list[tuple[str, int]]:
        return list(self.gaps.items())


def matrix(
    report: Report,
    problems: ProblemQuerySet,
    today: dt.date,
    rules: list[LedgerRule],
    sees_all: bool = True,
) -> Matrix:
    """The live problems given, in a fixed number of queries; who does not see the whole ledger, with the
    causes and directions that belong to them."""
    shown = list(
        problems.filter(report=report)
        .live()
        .with_light(today, rules)
        .select_related("report__settings", "aspect", "lead_unit", "leader")
        .prefetch_related("cause_links", "direction_links", "measures")
        .order_by("number")
    )
    causes, directions = list(report.causes.all()), list(report.directions.all())
    if not sees_all:
        causes = [cause for cause in causes if _is_tied(cause.pk, shown, "cause")]
        directions = [
            direction
            for direction in directions
            if direction.covers_all or _is_tied(direction.pk, shown, "direction")
        ]
    calendar = calendar_of(shown)
    found = Matrix(causes, directions, [], [])
    for problem in shown:
        row = _row(problem, chip(problem, today, calendar), causes, directions)
        found.rows.append(row)
        found.gaps.update(row.gaps)
    used = {(type(one), one.pk) for row in found.rows for one, tie in (*row.causes, *row.directions) if tie}
    sources: list[RootCause | ImprovementDirection] = [*causes, *directions]
    found.idle = [source for source in sources if (type(source), source.pk) not in used]
    for row in found.rows:
        row.idle = found.idle
    return found


def _is_tied(pk: int, problems: list[Problem], kind: str) -> bool:
    return any(
        getattr(link, f"{kind}_id") == pk and link.status != LinkStatus.REJECTED
        for problem in problems
        for link in getattr(problem, f"{kind}_links").all()
    )


def _row(
    problem: Problem, light: object, causes: list[RootCause], directions: list[ImprovementDirection]
) -> MatrixRow:
    caused = {link.cause_id: link.status for link in problem.cause_links.all()}
    directed = {link.direction_id: link.status for link in problem.direction_links.all()}
    kept = [measure for measure in problem.measures.all() if measure.status != MeasureStatus.DROPPED]
    of_causes = [(cause, _tie(caused.get(cause.pk, ""))) for cause in causes]
    of_directions = [
        (direction, _tie(directed.get(direction.pk, "")) or ("all" if direction.covers_all else ""))
        for direction in directions
    ]
    measures = []
    for kind in MeasureKind:
        these = [one for one in kept if one.kind == kind]
        done = sum(one.status == MeasureStatus.DONE for one in these)
        measures.append((kind.value, str(kind.label), len(these), done))
    gaps = [
        name
        for name, is_there in (
            (CAUSE, any(tie for _, tie in of_causes)),
            (DIRECTION, any(tie for _, tie in of_directions)),
            (MEASURE, bool(kept)),
        )
        if not is_there
    ]
    return MatrixRow(problem, light, of_causes, of_directions, measures, gaps)


def _tie(status: str) -> str:
    return "" if status == LinkStatus.REJECTED else status

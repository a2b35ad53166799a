"""Problem × cause × direction × measure: what is tied to what, and what is covered by nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from rectify.choices import LinkStatus, MeasureKind, MeasureStatus
from rectify.models import (
    ImprovementDirection,
    Measure,
    Problem,
    ProblemCause,
    ProblemDirection,
    Report,
    RootCause,
)
from rectify.models.office import LedgerRule
from rectify.models.report import ProblemQuerySet
from rectify.selectors.dashboard.rollups import kept_alone
from rectify.selectors.problem_rows import calendar_of, chip

CAUSE, DIRECTION, MEASURE = "根源", "努力方向", "措施"
PAGE = 50


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
    """One page of the rows, and what all of them lack."""

    causes: list[RootCause]
    directions: list[ImprovementDirection]
    page: Page
    rows: list[MatrixRow]
    idle: list[RootCause | ImprovementDirection]  # tied to no problem
    total: int
    gaps: Counter[str] = field(default_factory=Counter)

    @property
    def gap_counts(self) -> list[tuple[str, int]]:
        return [(name, n) for name, n in self.gaps.items() if n]


def matrix(
    report: Report,
    problems: ProblemQuerySet,
    today: dt.date,
    rules: list[LedgerRule],
    asked: Asked,
    sees_all: bool = True,
) -> Matrix:
    """A page of the live problems given, in a fixed number of queries; who does not see the whole ledger,
    with the causes and directions that belong to them."""
    live = problems.filter(report=report, withdrawn=False)  # a plain column: read in order of number
    causes, directions, idle = _sources(report, live, sees_all)
    lacks = _lacks(covered=any(direction.covers_all for direction in directions))
    kept = kept_alone("gaps", [report] if asked.whole else [], today, rules)
    numbers = kept.get(report.pk) or gaps_of(live)
    chosen = live.filter(reduce(or_, lacks.values())) if asked.only_gaps else live
    page = _page(chosen.order_by("number"), asked, None if asked.only_gaps else numbers["total"])
    shown = list(
        problems.filter(pk__in=[problem.pk for problem in page.object_list])
        .with_light(today, rules)
        .select_related("report__settings", "aspect", "lead_unit", "leader")
        .prefetch_related("cause_links", "direction_links", "measures")
        .order_by("number")
    )
    calendar = calendar_of(shown)
    rows = [_row(problem, chip(problem, today, calendar), causes, directions) for problem in shown]
    for row in rows:
        row.idle = idle
    gaps = Counter({word: numbers[word] for word in lacks})
    return Matrix(causes, directions, page, rows, idle, numbers["total"], gaps)


def gaps_of(live: ProblemQuerySet) -> dict[str, int]:
    """How many problems these are, and how many of them lack what."""
    lacking = {word: Count("pk", filter=condition) for word, condition in _lacks(covered=False).items()}
    return live.aggregate(total=Count("pk"), **lacking)


@dataclass(frozen=True)
class Asked:
    """Which page of the matrix, or the one that holds a problem, and whether only of what lacks something."""

    page: str | None = None
    problem: int = 0
    only_gaps: bool = False
    whole: bool = False  # the person sees all that is in the ledger


def _page(rows: QuerySet, asked: Asked, total: int | None) -> Page:
    place: int | str | None = asked.page
    if asked.problem and (row := rows.filter(pk=asked.problem).first()):
        place = rows.filter(number__lt=row.number).count() // PAGE + 1
    pages = Paginator(rows.only("pk"), PAGE)
    if total is not None:
        pages.count = total
    return pages.get_page(place)


def _lacks(covered: bool) -> dict[str, Q]:
    """What a problem may lack; a direction that covers all leaves none without."""
    of_it = {"problem": OuterRef("pk")}
    conditions = {
        CAUSE: ~Q(Exists(ProblemCause.objects.standing().filter(**of_it))),
        DIRECTION: ~Q(Exists(ProblemDirection.objects.standing().filter(**of_it))),
        MEASURE: ~Q(Exists(Measure.objects.kept().filter(**of_it))),
    }
    return {word: condition for word, condition in conditions.items() if not (covered and word == DIRECTION)}


def _sources(report: Report, live: ProblemQuerySet, sees_all: bool) -> tuple[list[Any], list[Any], list[Any]]:
    """The causes, the directions, and those that stand for no problem."""
    of_these = {"problem__in": live.order_by().values("pk")}
    caused = ProblemCause.objects.standing().filter(cause=OuterRef("pk"), **of_these)
    directed = ProblemDirection.objects.standing().filter(direction=OuterRef("pk"), **of_these)
    causes = list(report.causes.annotate(is_tied=Exists(caused)))
    covering = Q(Exists(directed)) | Q(Exists(live), covers_all=True)
    directions = list(
        report.directions.annotate(is_tied=Case(When(covering, Value(True)), default=Value(False)))
    )
    if not sees_all:
        causes = [cause for cause in causes if cause.is_tied]
        directions = [one for one in directions if one.is_tied or one.covers_all]
    every: list[Any] = [*causes, *directions]
    return causes, directions, [source for source in every if not source.is_tied]


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

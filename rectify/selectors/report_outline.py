"""A report as written: its aspects, causes and directions, and what ties them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from django.db.models import Prefetch

from rectify import wording
from rectify.choices import ENDED, LinkStatus
from rectify.models import Aspect, ImprovementDirection, Problem, Report, RootCause, SourcePassage
from rectify.models.analysis import ProblemCause, ProblemDirection
from rectify.models.report import ProblemQuerySet
from rectify.selectors.problem_rows import calendar_of, chip

Link = ProblemCause | ProblemDirection


@dataclass(frozen=True)
class OutlineProblem:
    """A problem with its causes and directions, and whether both cover it."""

    problem: Problem
    light: wording.LightChip
    causes: list[ProblemCause]
    directions: list[ProblemDirection]
    has_cause: bool
    has_direction: bool

    @property
    def pending(self) -> int:
        statuses = [*(link.status for link in self.causes), *(link.status for link in self.directions)]
        return statuses.count(LinkStatus.PENDING)

    @property
    def is_unassigned(self) -> bool:
        """Nobody was named yet: what a report just loaded needs next."""
        named = self.problem.leader_id or self.problem.lead_unit_id
        return not named and self.problem.status not in ENDED

    @property
    def missing(self) -> str:
        return wording.listed(["" if self.has_cause else "根源", "" if self.has_direction else "努力方向"])


@dataclass(frozen=True)
class OutlineAspect:
    aspect: Aspect | None
    problems: list[OutlineProblem]


@dataclass(frozen=True)
class OutlineSource:
    """A cause or a direction with the problems it is tied to."""

    source: RootCause | ImprovementDirection
    links: Sequence[Link]
    covers_all: bool = False

    @property
    def concerns(self) -> bool:
        """Whether it is about any of the problems at all."""
        return self.covers_all or bool(self.links)


@dataclass(frozen=True)
class Outline:
    """A report as written: aspects, causes, directions, and what ties them."""

    aspects: list[OutlineAspect]
    aspect_count: int  # those shown or not
    causes: list[OutlineSource]
    directions: list[OutlineSource]
    uncovered: int
    pending: int
    total: int


def outline(
    report: Report,
    problems: ProblemQuerySet,
    today: dt.date,
    pending_only: bool = False,
    sees_all: bool = True,
) -> Outline:
    """The structure of a report with the problems given, in a fixed number of queries.

    Who does not see the whole ledger reads of its analysis what belongs to the problems given.
    """
    causes, directions = list(report.causes.all()), list(report.directions.all())
    covering = any(direction.covers_all for direction in directions)
    shown = _shown(report, problems, today)
    calendar = calendar_of(shown)
    rows = [_outlined(problem, covering, chip(problem, today, calendar)) for problem in shown]
    groups: dict[Aspect | None, list[OutlineProblem]] = {
        aspect: [] for aspect in (report.aspects.all() if sees_all else ())
    }
    for row in rows:
        groups.setdefault(row.problem.aspect, []).append(row)
    aspects = [
        OutlineAspect(aspect, [row for row in rows if row.pending or not pending_only])
        for aspect, rows in groups.items()
    ]
    return Outline(
        aspects=[aspect for aspect in aspects if aspect.problems or not pending_only],
        aspect_count=sum(aspect is not None for aspect in groups),
        causes=_tied(causes, chain.from_iterable(row.causes for row in rows), sees_all),
        directions=_tied(directions, chain.from_iterable(row.directions for row in rows), sees_all),
        uncovered=sum(bool(row.missing) for row in rows),
        pending=sum(row.pending for row in rows),
        total=len(rows),
    )


def _shown(report: Report, problems: ProblemQuerySet, today: dt.date) -> ProblemQuerySet:
    places = Prefetch("passages", SourcePassage.objects.without_text(), to_attr="places")
    return (
        problems.filter(report=report)
        .live()
        .with_light(today)
        .select_related("report__settings", "leader", "lead_unit", "aspect")
        .prefetch_related("cause_links__cause", "direction_links__direction", places)
        .order_by("number")
    )


def _outlined(problem: Problem, covering: bool, light: wording.LightChip) -> OutlineProblem:
    causes = [link for link in problem.cause_links.all() if link.status != LinkStatus.REJECTED]
    directions = [link for link in problem.direction_links.all() if link.status != LinkStatus.REJECTED]
    return OutlineProblem(problem, light, causes, directions, bool(causes), covering or bool(directions))


def _tied(
    sources: Sequence[RootCause | ImprovementDirection], links: Iterable[Link], sees_all: bool
) -> list[OutlineSource]:
    """Each source with its problems; to who sees a part, only those about the problems given."""
    of_source: dict[int, list[Link]] = {}
    for link in links:
        of_source.setdefault(link.other.pk, []).append(link)
    tied = [
        OutlineSource(source, of_source.get(source.pk, []), getattr(source, "covers_all", False))
        for source in sources
    ]
    return [source for source in tied if sees_all or source.concerns]

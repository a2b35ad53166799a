"""Numbers for pages, of today or of a date: queryset in, dataclasses out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Model, OuterRef, Prefetch, Q, Subquery

from . import clock, wording
from .choices import Light, LinkStatus, Status, Timing
from .models import (
    Aspect,
    Holiday,
    ImprovementDirection,
    Leader,
    LedgerSettings,
    Problem,
    ProblemState,
    ProgressNote,
    Report,
    RootCause,
    SourcePassage,
    Unit,
)
from .models.analysis import ProblemCause, ProblemDirection
from .models.office import LedgerRule
from .models.report import ProblemQuerySet
from .models.tracked import timing_rule

Link = ProblemCause | ProblemDirection

ORDER = (
    Light.OVERDUE,
    Light.DUE_SOON,
    Light.UNREPORTED,
    Light.UNDATED,
    Light.NORMAL,
    Light.STANDING,
    Light.CLOSED,
    Light.CARRIED,
)
YELLOW = (Light.DUE_SOON, Light.UNREPORTED)
TREND_WEEKS = 12
NOTED = ("pk", "at", "text", "percent")


# -- rows ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProblemRow:
    """One problem as lists show it: its light and its newest note in force."""

    problem: Problem
    light: wording.LightChip
    note: ProgressNote | None
    said: str
    percent: int | None
    can_report: bool = False

    @property
    def kind(self) -> str:
        return wording.kind_words(self.problem.kind, self.problem.also_standing)


def problem_rows(
    ids: Sequence[int],
    workable: Callable[[list[Problem]], set[int]] | None = None,
    rules: list[LedgerRule] | None = None,
) -> list[ProblemRow]:
    """The rows of these problems in this order, in a fixed number of queries."""
    today = clock.today()
    newest = ProgressNote.objects.in_force().filter(problem=OuterRef("pk")).newest_first()
    related = ("report__settings", "report__unit", "aspect", "leader", "lead_unit", "clerk")
    noted = {f"noted_{name}": Subquery(newest.values(name)[:1]) for name in NOTED}
    found = Problem.objects.select_related(*related).with_light(today, rules).annotate(**noted)
    problems = {problem.pk: problem for problem in found.filter(pk__in=ids).order_by()} if ids else {}
    able = workable(list(problems.values())) if workable else set()
    calendar = calendar_of(problems.values(), rules)
    shown = [problems[pk] for pk in ids if pk in problems]
    return [_row(one, chip(one, today, calendar), today, one.pk in able) for one in shown]


def _row(
    problem: Problem,
    light: wording.LightChip,
    today: dt.date,
    can_report: bool,
) -> ProblemRow:
    noted = {name: getattr(problem, f"noted_{name}") for name in NOTED}
    note = ProgressNote(problem=problem, **noted) if noted["at"] else None
    said = f"{wording.days_ago(clock.day_of(note.at), today)}：{note.text}" if note else "还没有进展记录"
    percent = note.percent if note else None
    return ProblemRow(problem, light, note, said, percent, can_report)


def chip(problem: Problem, today: dt.date, calendar: clock.WorkCalendar | None = None) -> wording.LightChip:
    """The chip of a problem that carries the annotation `light`."""
    settings = getattr(problem.report, "settings", None) or LedgerSettings()
    working = None
    if calendar and problem.deadline and settings.by_working_days:
        working = calendar.between(today, problem.deadline)
    light = problem.light  # type: ignore[attr-defined]
    return wording.light_chip(light, problem.deadline, today, settings.period, working)


def calendar_of(
    problems: Iterable[Problem], rules: list[LedgerRule] | None = None
) -> clock.WorkCalendar | None:
    """The calendar of working days, read only where one of the ledgers counts them and no rule brings it."""
    settings = (getattr(problem.report, "settings", None) for problem in problems)
    if not any(one and one.by_working_days for one in settings):
        return None
    known = (rule.calendar for rule in rules or () if rule.calendar)
    return next(known, None) or Holiday.objects.calendar()


# -- counts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One colour of a bar."""

    value: str
    label: str
    count: int
    start: float
    width: float


@dataclass
class Tally:
    """How many problems of each light; `key` and `label` say of what."""

    key: int | None = None
    label: str = "未明确"
    rank: tuple = ()
    lights: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.lights.values())

    @property
    def param(self) -> str:
        return "none" if self.key is None else str(self.key)

    @property
    def overdue(self) -> int:
        return self.lights[Light.OVERDUE]

    @property
    def yellow(self) -> int:
        return sum(self.lights[light] for light in YELLOW)

    @property
    def closed(self) -> int:
        return self.lights[Light.CLOSED]

    @property
    def by_light(self) -> list[tuple[str, str, int]]:
        """(value, label, count) of the lights that occur, the worst first."""
        return [(str(one), str(one.label), self.lights[one]) for one in ORDER if self.lights[one]]

    @property
    def words(self) -> str:
        said = "，".join(f"{label} {count}" for _, label, count in self.by_light)
        return f"{self.total} 项：{said}" if said else "0 项"

    @property
    def parts(self) -> list[Part]:
        parts, start = [], 0.0
        for value, label, count in self.by_light:
            width = round(100 * count / self.total, 3)
            parts.append(Part(value, label, count, round(start, 3), width))
            start += width
        return parts

    @property
    def closed_percent(self) -> int:
        """Closed of all live problems, rounded down: 100 is said only of all."""
        return 100 * self.closed // self.total if self.total else 0


@dataclass(frozen=True)
class Overview:
    """The numbers of the dashboard; all of them from one grouped query."""

    all: Tally
    by_leader: list[Tally]
    by_unit: list[Tally]
    by_aspect: list[Tally]
    by_report: list[Tally]
    mostly_done: int
    in_review: int
    longest_overdue: int


def overview(problems: ProblemQuerySet, today: dt.date, rules: list[LedgerRule] | None = None) -> Overview:
    """Count live problems by light, leader, unit, aspect and report."""
    names = ("light", "status", "leader_id", "lead_unit_id", "aspect_id", "report_id")
    live = problems.live().with_light(today, rules)
    cells = list(live.order_by().values_list(*names).annotate(n=Count("*")))
    whole = Tally(label="全部")
    statuses: Counter[str] = Counter()
    for light, status, *_, n in cells:
        whole.lights[light] += n
        statuses[status] += n
    first = live.filter(light=Light.OVERDUE).order_by("deadline").values_list("deadline", flat=True).first()
    return Overview(
        all=whole,
        by_leader=_by(cells, 2, Leader, lambda one: (one.rank, one.pk)),
        by_unit=_by(cells, 3, Unit, lambda one: (one.path,)),
        by_aspect=_by(cells, 4, Aspect, lambda one: (one.report_id, one.number), worst_first=False),
        by_report=_by(cells, 5, Report, lambda one: (-one.year, -one.pk), worst_first=False),
        mostly_done=statuses[Status.MOSTLY_DONE],
        in_review=statuses[Status.IN_REVIEW],
        longest_overdue=(today - first).days if first else 0,
    )


def tally(problems: ProblemQuerySet, today: dt.date, rules: list[LedgerRule] | None = None) -> Tally:
    """Live problems by light."""
    rows = problems.live().with_light(today, rules).order_by().values_list("light").annotate(n=Count("*"))
    return Tally(label="全部", lights=Counter(dict(rows)))


def tallies_by_report(problems: ProblemQuerySet, today: dt.date) -> dict[int, Tally]:
    """Live problems by light for each report."""
    rows = problems.live().with_light(today).order_by().values_list("report_id", "light")
    tallies: dict[int, Tally] = {}
    for report, light, n in rows.annotate(n=Count("*")):
        tallies.setdefault(report, Tally(report)).lights[light] += n
    return tallies


def _by(
    cells: Iterable[tuple],
    place: int,
    model: type[Model],
    rank: Callable[[Any], tuple],
    worst_first: bool = True,
) -> list[Tally]:
    tallies: dict[int | None, Tally] = {}
    for cell in cells:
        tallies.setdefault(cell[place], Tally(cell[place])).lights[cell[0]] += cell[-1]
    named = model._default_manager.in_bulk([key for key in tallies if key is not None])
    for key, one in named.items():
        tallies[key].label, tallies[key].rank = str(one), rank(one)
    return sorted(
        tallies.values(),
        key=lambda one: (
            one.key is None,
            (-one.overdue, -one.yellow) if worst_first else (),
            one.rank,
        ),
    )


@dataclass(frozen=True)
class DateCounts:
    """How the problems stand against the dates in force, and against those first set."""

    rows: list[tuple[str, tuple[int, str], tuple[int, str]]]
    extended: int


def against_dates(problems: ProblemQuerySet, today: dt.date) -> DateCounts:
    """Two columns of the same questions, from one query; each count with the filter that lists it."""
    live = problems.live().with_light(today).order_by()
    wanted = {timing: Count("pk", filter=timing_rule(timing, today)) for timing in Timing}
    counts = live.aggregate(overdue=Count("pk", filter=Q(light=Light.OVERDUE)), **wanted)

    def said(timing: Timing) -> tuple[int, str]:
        return counts[timing], f"timing={timing}"

    rows = [
        ("逾期未销号", (counts["overdue"], "light=overdue"), said(Timing.ORIGINAL_OVERDUE)),
        ("逾期销号", said(Timing.CLOSED_LATE), said(Timing.ORIGINAL_LATE)),
        ("按期销号", said(Timing.CLOSED_ON_TIME), said(Timing.ORIGINAL_ON_TIME)),
    ]
    return DateCounts(rows, counts[Timing.EXTENDED])


# -- trend -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """How many were closed and how many overdue when a day ended."""

    day: dt.date
    closed: int
    overdue: int
    is_today: bool


def trend(
    problems: ProblemQuerySet,
    today: dt.date,
    weeks: int = TREND_WEEKS,
    rules: list[LedgerRule] | None = None,
) -> list[Point]:
    """The ends of the last weeks and today, from history rows; the number of queries is fixed."""
    rules = LedgerSettings.objects.rules() if rules is None else rules
    sunday = today - dt.timedelta(days=today.isoweekday())
    days = [sunday - dt.timedelta(weeks=n) for n in range(weeks - 2, -1, -1)] + [today]
    theirs = problems.order_by().values("pk")
    points = []
    for day in days:
        # Only these can be closed or overdue: the dearer rules of the other lights are not evaluated.
        eligible = Q(status=Status.CLOSED) | Q(deadline__lt=day)
        states = ProblemState.objects.at(day).filter(eligible, problem__in=theirs).live()
        row = states.with_light(day, rules).aggregate(
            closed=Count("pk", filter=Q(light=Light.CLOSED)),
            overdue=Count("pk", filter=Q(light=Light.OVERDUE)),
        )
        points.append(Point(day, row["closed"], row["overdue"], day == today))
    return points


# -- the report's own structure ---------------------------------------------------------------------


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
        return not named and self.problem.status != Status.CLOSED

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


@dataclass(frozen=True)
class Outline:
    """A report as written: aspects, causes, directions, and what ties them."""

    aspects: list[OutlineAspect]
    causes: list[OutlineSource]
    directions: list[OutlineSource]
    uncovered: int
    pending: int
    total: int


def outline(report: Report, problems: ProblemQuerySet, today: dt.date, pending_only: bool = False) -> Outline:
    """The structure of a report with the problems given, in a fixed number of queries."""
    places = Prefetch("passages", SourcePassage.objects.without_text(), to_attr="places")
    shown = (
        problems.filter(report=report)
        .live()
        .with_light(today)
        .select_related("report__settings", "leader", "lead_unit", "aspect")
        .prefetch_related("cause_links__cause", "direction_links__direction", places)
        .order_by("number")
    )
    causes, directions = list(report.causes.all()), list(report.directions.all())
    covering = any(direction.covers_all for direction in directions)
    calendar = calendar_of(shown)
    rows = [_outlined(problem, covering, chip(problem, today, calendar)) for problem in shown]
    kept = [row for row in rows if row.pending or not pending_only]
    groups: dict[Aspect | None, list[OutlineProblem]] = {aspect: [] for aspect in report.aspects.all()}
    for row in kept:
        groups.setdefault(row.problem.aspect, []).append(row)
    return Outline(
        aspects=[OutlineAspect(aspect, rows) for aspect, rows in groups.items() if rows or not pending_only],
        causes=[_source(one, [link for row in rows for link in row.causes]) for one in causes],
        directions=[_source(one, [link for row in rows for link in row.directions]) for one in directions],
        uncovered=sum(bool(row.missing) for row in rows),
        pending=sum(row.pending for row in rows),
        total=len(rows),
    )


def _outlined(problem: Problem, covering: bool, light: wording.LightChip) -> OutlineProblem:
    causes = [link for link in problem.cause_links.all() if link.status != LinkStatus.REJECTED]
    directions = [link for link in problem.direction_links.all() if link.status != LinkStatus.REJECTED]
    return OutlineProblem(problem, light, causes, directions, bool(causes), covering or bool(directions))


def _source(source: RootCause | ImprovementDirection, links: Iterable[Link]) -> OutlineSource:
    covers_all = getattr(source, "covers_all", False)
    return OutlineSource(source, [link for link in links if link.other.pk == source.pk], covers_all)

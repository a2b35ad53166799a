"""The course of the work over weeks: what was closed, overdue and still open, and what was planned.

Past days are told from the present by what entered and left the history in between, so that the cost
grows with what happened in those weeks and not with how much there is.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, IntegerField, QuerySet, Value, When

from rectify import clock
from rectify.models import LedgerSettings, ProblemState
from rectify.models.compiled import compiled
from rectify.models.office import LedgerRule
from rectify.models.rank import PLANNED, Rank, rank_case
from rectify.models.report import ProblemQuerySet
from rectify.models.rollups import TREND_WEEKS, course_days
from rectify.selectors.dashboard.counts import Scope


@dataclass(frozen=True)
class Point:
    """How things stood when a day ended; of a day to come only what is planned."""

    day: dt.date
    closed: int | None
    overdue: int | None
    open: int | None  # neither closed nor standing
    planned: int  # of those there are: not due before this day, or without a date and open
    planned_first: int  # the same by the dates first set
    is_today: bool


def trend(
    problems: ProblemQuerySet | Scope,
    today: dt.date,
    weeks: int = TREND_WEEKS,
    rules: list[LedgerRule] | None = None,
    ahead: int = 0,
) -> list[Point]:
    """The ends of the last weeks and today, and of the weeks ahead, from at most one query."""
    if isinstance(problems, Scope):
        scope = problems
    else:
        scope = Scope(problems, today, LedgerSettings.objects.rules() if rules is None else rules)
    days = course_days(today, weeks, ahead)
    past = [day for day in days if day <= today]
    rows = scope.kept.course() if scope.kept else []
    if (uncounted := scope.uncounted) is not None:
        rows += _rows(uncounted, past, days)
    plan = "plan" if scope.is_past else "now"
    return [_point(rows, day, days, day <= today, day == today, plan) for day in days]


def _rows(scope: Scope, past: Sequence[dt.date], days: Sequence[dt.date]) -> list[tuple]:
    """(what, rank, due, first due, moment, number): dates as the place among the days, counted up."""
    key = scope.key and ("trend", scope.key, tuple(days))
    return compiled(key, lambda: _course(scope, past, days))


def _course(scope: Scope, past: Sequence[dt.date], days: Sequence[dt.date]) -> QuerySet:
    ends = [clock.end_of(day) for day in past]
    history = scope.narrowed(scope.of_these(ProblemState.objects.live()))
    now = scope.narrowed(scope.problems.live())
    parts = [
        _counted(now, "now", days, Value(0)),
        _counted(history.filter(valid_from__gte=ends[0]), "in", days, _place("valid_from", ends)),
        _counted(history.filter(valid_to__gte=ends[0]), "out", days, _place("valid_to", ends)),
    ]
    if scope.is_past:  # planned is what the dates of that day say, not those set since
        parts.append(_counted(scope.rows(), "plan", days, Value(0)))
    return parts[0].union(*parts[1:], all=True)


def _counted(rows: Any, what: str, days: Sequence[dt.date], moment: Any) -> Any:
    columns = {
        "what": Value(what, output_field=CharField()),
        "ranked": rank_case(output_field=IntegerField()),
        "due_place": _place("deadline", days),
        "first_place": _place("original_deadline", days),
        "moment": moment,
    }
    return rows.order_by().annotate(**columns).values_list(*columns).annotate(n=Count("*"))


def _place(name: str, steps: Sequence[Any]) -> Case:
    """How many of the steps, which ascend, are not later than the value; -1 for no value."""
    cases = [When(**{f"{name}__isnull": True}, then=Value(-1))]
    cases += [When(**{f"{name}__lt": step}, then=Value(place)) for place, step in enumerate(steps)]
    return Case(*cases, default=Value(len(steps)), output_field=IntegerField())


def _point(
    rows: list[tuple], day: dt.date, days: Sequence[dt.date], is_known: bool, is_today: bool, plan: str
) -> Point:
    place = bisect_left(days, day)

    def count(test: Callable[[int, int], bool]) -> int:
        """Now, without what came after the day, with what left after it."""
        signs = {"now": 1, "in": -1, "out": 1, "plan": 0}
        return sum(
            signs[what] * n
            for what, rank, due, _, moment, n in rows
            if test(rank, due) and (what == "now" or moment > place)
        )

    def planned(column: int) -> int:
        """Those that are not due before the day, or have no date and are open."""
        found = ((row[1], row[column], row[-1]) for row in rows if row[0] == plan and row[1] in PLANNED)
        return sum(n for rank, date, n in found if date > place or (date < 0 and rank == Rank.OPEN))

    known: dict[str, int | None] = {"closed": None, "overdue": None, "open": None}
    if is_known:
        known = {
            "closed": count(lambda rank, due: rank == Rank.CLOSED),
            # The light's own condition, by places: a date before the day has at most the day's place.
            "overdue": count(lambda rank, due: rank == Rank.OPEN and 0 <= due <= place),
            "open": count(lambda rank, due: rank == Rank.OPEN),
        }
    return Point(day=day, planned=planned(2), planned_first=planned(3), is_today=is_today, **known)

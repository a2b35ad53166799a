"""The course of the work over weeks: what was closed, overdue and still open, and what was planned.

The ends of weeks that have passed are told from the day itself by what entered and left the history since,
so that the cost grows with what happened in those weeks and not with how much there is.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, IntegerField, QuerySet, Value, When

from rectify import clock
from rectify.models import LedgerSettings
from rectify.models.office import LedgerRule
from rectify.models.rank import PLANNED, Rank, rank_case
from rectify.models.report import ProblemQuerySet
from rectify.selectors.dashboard.rollups import APART
from rectify.selectors.dashboard.scope import Scope

TREND_WEEKS = 12
WEEKS_AHEAD = 8
# What is there as the day ends, and what came and went before, with the week of it.
NOW, CAME, WENT = "now", "in", "out"


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
    rows = [_row(key, n) for key, n in course_of(scope).items()]
    days = course_days(today)
    past = days.index(today)
    shown = days[past + 1 - weeks : past + 1 + ahead]
    return [_point(rows, day, days, day <= today, day == today) for day in shown]


def course_of(scope: Scope) -> Counter[str]:
    """How many share a way, a rank, dates as places among the days, and the moment as such a place."""
    kept = scope.kept.counts.get("course", Counter())
    return kept + course(scope.uncounted) if scope.uncounted else kept


def course(scope: Scope) -> Counter[str]:
    """The same from the problems themselves and their history."""
    days = course_days(scope.day)
    found: Counter[str] = Counter()
    for what, rank, due, first, moment, n in scope.asked("course", _course):
        places = place_of(due, days), place_of(first, days)
        found[APART.join(map(str, (what, rank, *places, moment)))] += n
    return found


def place_of(date: dt.date | None, days: Sequence[dt.date]) -> int:
    """How many of the days are not later; -1 for no date."""
    return -1 if date is None else bisect_right(days, date)


def _course(scope: Scope) -> QuerySet:
    ends = [clock.end_of(day) for day in course_days(scope.day) if day <= scope.day]
    history = scope.past()
    if scope.is_past:
        came, went = {"valid_from__lt": ends[-1]}, {"valid_to__lt": ends[-1]}
    else:
        came, went = {}, {}
    parts = [
        _counted(scope.rows(), NOW, Value(0)),
        _counted(history.filter(valid_from__gte=ends[0], **came), CAME, _place("valid_from", ends)),
        _counted(history.filter(valid_to__gte=ends[0], **went), WENT, _place("valid_to", ends)),
    ]
    return parts[0].union(*parts[1:], all=True)


def course_days(day: dt.date) -> list[dt.date]:
    """The ends of the last weeks, the day itself, and the ends of the weeks ahead."""
    sunday = day - dt.timedelta(days=day.isoweekday())
    past = [sunday - dt.timedelta(weeks=n) for n in range(TREND_WEEKS - 2, -1, -1)] + [day]
    coming = [day - dt.timedelta(days=day.isoweekday() - 7 * n) for n in range(1, WEEKS_AHEAD + 1)]
    return past + [one for one in coming if one > day]


def _row(key: str, n: int) -> tuple:
    """(what, rank, due, first due, moment, number)"""
    what, *places = key.split(APART)
    return (what, *map(int, places), n)


def _counted(rows: Any, what: str, moment: Any) -> Any:
    columns = {
        "what": Value(what, output_field=CharField()),
        "ranked": rank_case(output_field=IntegerField()),
        "due_then": F("deadline"),
        "first_due": F("original_deadline"),
        "moment": moment,
    }
    return rows.order_by().annotate(**columns).values_list(*columns).annotate(n=Count("*"))


def _place(name: str, ends: Sequence[dt.datetime]) -> Case:
    """How many of the moments, which ascend, are not later than the value."""
    cases = [When(**{f"{name}__lt": end}, then=Value(place)) for place, end in enumerate(ends)]
    return Case(*cases, default=Value(len(ends)), output_field=IntegerField())


def _point(rows: list[tuple], day: dt.date, days: Sequence[dt.date], is_known: bool, is_today: bool) -> Point:
    place = bisect_left(days, day)

    def count(test: Callable[[int, int], bool]) -> int:
        """As the day asked for ended, without what came after, with what left after."""
        signs = {NOW: 1, CAME: -1, WENT: 1}
        return sum(
            signs[what] * n
            for what, rank, due, _, moment, n in rows
            if test(rank, due) and (what == NOW or moment > place)
        )

    def planned(column: int) -> int:
        """Those that are not due before the day, or have no date and are open."""
        found = ((row[1], row[column], row[-1]) for row in rows if row[0] == NOW and row[1] in PLANNED)
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

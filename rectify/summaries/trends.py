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

from django.db.models import Case, CharField, Count, IntegerField, Value, When

from .. import clock
from ..choices import Status
from ..models import LedgerSettings, ProblemState
from ..models.office import LedgerRule
from ..models.report import ProblemQuerySet
from ..models.tracked import Rank
from .cells import Slice

TREND_WEEKS = 12
WEEKS_AHEAD = 8
OPENED = (Rank.OPEN, Rank.STANDING, Rank.CLOSED)


@dataclass(frozen=True)
class Point:
    """How things stood when a day ended; of a day to come only what is planned."""

    day: dt.date
    closed: int | None
    overdue: int | None
    open: int | None  # neither closed nor standing
    planned: int  # of those there are now: not due before this day, or without a date and open
    planned_first: int  # the same by the dates first set
    is_today: bool


def trend(
    problems: ProblemQuerySet | Slice,
    today: dt.date,
    weeks: int = TREND_WEEKS,
    rules: list[LedgerRule] | None = None,
    ahead: int = 0,
) -> list[Point]:
    """The ends of the last weeks and today, and of the weeks ahead, from one query."""
    if isinstance(problems, Slice):
        looked = problems
    else:
        looked = Slice(problems, today, LedgerSettings.objects.rules() if rules is None else rules)
    sunday = today - dt.timedelta(days=today.isoweekday())
    past = [sunday - dt.timedelta(weeks=n) for n in range(weeks - 2, -1, -1)] + [today]
    coming = [today - dt.timedelta(days=today.isoweekday() - 7 * n) for n in range(1, ahead + 1)]
    days = past + [day for day in coming if day > today]
    rows = _rows(looked, past, days)
    return [_point(rows, day, days, day <= today, day == today) for day in days]


def _rows(looked: Slice, past: Sequence[dt.date], days: Sequence[dt.date]) -> list[tuple]:
    """(what, rank, due, first due, moment, number): dates as the place among the days, counted up."""
    ends = [clock.end_of(day) for day in past]
    now = looked.narrowed(looked.problems.live())
    history = looked.narrowed(looked.of_these(ProblemState.objects.live()))
    parts = [
        _counted(now, "now", days, Value(0)),
        _counted(history.filter(valid_from__gte=ends[0]), "in", days, _place("valid_from", ends)),
        _counted(history.filter(valid_to__gte=ends[0]), "out", days, _place("valid_to", ends)),
    ]
    return list(parts[0].union(*parts[1:], all=True))


def _counted(rows: Any, what: str, days: Sequence[dt.date], moment: Any) -> Any:
    columns = {
        "what": Value(what, output_field=CharField()),
        "ranked": _rank(),
        "due_place": _place("deadline", days),
        "first_place": _place("original_deadline", days),
        "moment": moment,
    }
    return rows.order_by().annotate(**columns).values_list(*columns).annotate(n=Count("*"))


def _rank() -> Case:
    """The rank of live ones from the plain columns, which SQLite reads out of an index alone."""
    cases = [
        When(carried=True, then=Value(Rank.CARRIED)),
        When(status=Status.CLOSED, then=Value(Rank.CLOSED)),
        When(status=Status.STANDING, then=Value(Rank.STANDING)),
    ]
    return Case(*cases, default=Value(Rank.OPEN), output_field=IntegerField())


def _place(name: str, steps: Sequence[Any]) -> Case:
    """How many of the steps, which ascend, are not later than the value; -1 for no value."""
    cases = [When(**{f"{name}__isnull": True}, then=Value(-1))]
    cases += [When(**{f"{name}__lt": step}, then=Value(place)) for place, step in enumerate(steps)]
    return Case(*cases, default=Value(len(steps)), output_field=IntegerField())


def _point(rows: list[tuple], day: dt.date, days: Sequence[dt.date], is_known: bool, is_today: bool) -> Point:
    place = bisect_left(days, day)

    def count(test: Callable[[int, int, int], bool], whatever_day: bool = False) -> int:
        """Now, without what came after the day, with what left after it."""
        total = 0
        for what, rank, due, first, moment, n in rows:
            later = moment > place
            if not test(rank, due, first):
                continue
            if what == "now":
                total += n
            elif not whatever_day and later:
                total += n if what == "out" else -n
        return total

    known: dict[str, int | None] = {"closed": None, "overdue": None, "open": None}
    if is_known:
        known = {
            "closed": count(lambda rank, due, first: rank == Rank.CLOSED),
            "overdue": count(lambda rank, due, first: rank == Rank.OPEN and 0 <= due <= place),
            "open": count(lambda rank, due, first: rank == Rank.OPEN),
        }

    def plan(date: int, rank: int) -> bool:
        return rank in OPENED and (date > place or (date < 0 and rank == Rank.OPEN))

    return Point(
        day=day,
        planned=count(lambda rank, due, first: plan(due, rank), True),
        planned_first=count(lambda rank, due, first: plan(first, rank), True),
        is_today=is_today,
        **known,
    )

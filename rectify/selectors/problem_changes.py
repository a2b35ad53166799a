"""Conditions on problems that the overviews count: what happened between two days, and how things stood."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.lookups import IsNull

from rectify import clock
from rectify.choices import Happened, MeasureKind, MeasureStatus, Outcome
from rectify.models.analysis import ImprovementDirection, ProblemCause, ProblemDirection, RootCause
from rectify.models.closing import CloseOut, Extension
from rectify.models.people import Unit
from rectify.models.progress import Measure, ProgressNote
from rectify.models.rank import PLANNED, Rank, is_closed, is_open
from rectify.models.report import in_any
from rectify.models.state import ProblemState, ProblemStateQuerySet


def happened(what: str, since: dt.date, until: dt.date) -> Q:
    """The problems to which this happened after `since` closed and before `until` closed."""
    start, end = clock.end_of(since), clock.end_of(until)
    then = ProblemState.objects.at(until)
    moved = then.filter(valid_from__gte=start)
    before = ProblemState.objects.at(since).filter(problem=OuterRef("pk"))
    was_there = Exists(before.filter(withdrawn=False))
    if what == Happened.ADDED:
        return _any(moved.filter(withdrawn=False)) & ~Q(was_there)
    if what == Happened.REMOVED:
        return _any(moved.filter(withdrawn=True)) & Q(was_there)
    if what == Happened.CHANGED:
        return _any(moved.filter(withdrawn=False)) & Q(was_there)
    if what == Happened.CLOSED:
        return _any(moved.filter(is_closed())) & ~Q(Exists(before.filter(rank=Rank.CLOSED)))
    if what == Happened.SLIPPED:
        late = _late(since, until, then)
        # As a value and not as a condition: PostgreSQL would read the whole history to join it once.
        already = Subquery(before.filter(rank=Rank.OPEN, due__lt=since).order_by().values("pk")[:1])
        return late & Q(IsNull(already, True))
    if what == Happened.EXTENDED:
        return _any(Extension.objects.filter(outcome=Outcome.PASSED, ended_at__gte=start, ended_at__lt=end))
    if what == Happened.RETURNED:
        back = {"outcome": Outcome.RETURNED, "ended_at__gte": start, "ended_at__lt": end}
        ended = CloseOut.objects.filter(**back), Extension.objects.filter(**back)
        return in_any([rows.values("problem_id") for rows in ended])
    notes = ProgressNote.objects.filter(problem=OuterRef("pk"), at__gte=start, at__lt=end)
    return Q(reported_at__gte=start) & Q(Exists(notes))


def _late(since: dt.date, until: dt.date, then: ProblemStateQuerySet) -> Q:
    """Overdue as `until` closed, as far as it can have become so after `since`: it was due in between, or
    something was changed."""
    rule, moved = Q(rank=Rank.OPEN, due__lt=until), then.filter(valid_from__gte=clock.end_of(since))
    if until >= clock.today():
        return rule & (Q(due__gte=since) | Q(Exists(moved.filter(problem=OuterRef("pk")))))
    moved_late = moved.filter(is_open() & Q(deadline__lt=until)).values("problem_id")
    due = then.filter(rule, deadline__gte=since, deadline__lt=until).values("problem_id")
    return in_any([due, moved_late])


def _any(rows: Any) -> Q:
    return Q(pk__in=rows.order_by().values("problem_id"))


def in_subtree(unit: Unit) -> Q:
    """Problems, or history rows, whose responsible unit is this one or below it."""
    return Q(lead_unit__in=unit.subtree().order_by().values("pk"))


def planned_open(date: str, day: dt.date) -> Q:
    """By its dates not yet finished when that day begins; `date` says whether those in force or the first."""
    undated = Q(**{f"{date}__isnull": True}, rank=Rank.OPEN)
    return Q(rank__in=PLANNED) & (Q(**{f"{date}__gte": day}) | undated)


def follow_up_due(day: dt.date) -> Q:
    """Somebody should have looked again by that day, and nobody has."""
    return Q(follow_up_on__lte=day, rank__in=(Rank.STANDING, Rank.CLOSED))


def with_lasting(done: bool) -> Q:
    """With a lasting measure (长久立) that is in place, or one that is still to come."""
    status = MeasureStatus.DONE if done else MeasureStatus.OPEN
    found = _any(Measure.objects.filter(kind=MeasureKind.LASTING, status=status))
    return found if done else found & Q(carried=False)  # to come where the problem goes on


def tied_to(source: RootCause | ImprovementDirection) -> Q:
    """The problems of a cause or a direction; ties that a person rejected do not count."""
    if isinstance(source, RootCause):
        return _any(ProblemCause.objects.standing().filter(cause=source))
    if source.covers_all:
        return Q(report=source.report_id)
    return _any(ProblemDirection.objects.standing().filter(direction=source))

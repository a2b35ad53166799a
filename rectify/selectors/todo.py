"""What waits for a person in the reviewed procedures: their own decisions, what came back, who is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery

from rectify.choices import Action, MeasureStatus, Outcome, Todo
from rectify.models import (
    CloseOut,
    Extension,
    Measure,
    ProblemState,
    ProgressNote,
    User,
)
from rectify.models.closing import DECIDING
from rectify.models.report import in_any
from rectify.policies import allowed, entrusted
from rectify.policies.closing import STEP_ACTS
from rectify.roles import REPORTING
from rectify.selectors.problem_changes import follow_up_due
from rectify.transitions import BY_HAND

WEEK = dt.timedelta(days=7)


def todo(user: User, what: str, day: dt.date) -> Q:
    """The problems in which something of the reviewed procedures waits for this person."""
    if what in DECIDING:
        waiting = [
            model.objects.filter(allowed(user, STEP_ACTS[model][what])).values("problem_id")
            for model in (CloseOut, Extension)
        ]
        return in_any(waiting)
    if what == Todo.FOLLOW_UP:
        return follow_up_due(day) & entrusted(user, Action.RECORD_FOLLOW_UP)
    work = measures_due(day) if what == Todo.MEASURE_DUE else UNIT_WORK[what]()
    return Q(lead_unit__in=user.unit_ids(*REPORTING)) & UNFINISHED & work


def without_measures() -> Q:
    """Given to a unit that has not said yet what it will do."""
    return Q(round=1) & ~Q(Exists(kept_measures()))


def reopened() -> Q:
    """In another round of which nothing is reported yet."""
    states = ProblemState.objects.filter(problem=OuterRef("pk"), round=OuterRef("round"))
    began = states.order_by("valid_from").values("valid_from")[:1]
    silent = Q(reported_at=None) | Q(reported_at__lt=Subquery(began))
    return Q(round__gt=1) & silent


def measures_due(day: dt.date) -> Q:
    """With a measure under way that is late, or has to be finished within the week."""
    return Q(Exists(Measure.objects.due(day + WEEK).filter(problem=OuterRef("pk"))))


def finished() -> Q:
    """Every measure is done, and nobody has applied yet; a later round needs a measure of its own first."""
    done, left = (kept_measures().filter(status=which) for which in (MeasureStatus.DONE, MeasureStatus.OPEN))
    return Q(Exists(done), round=1) & ~Q(Exists(left)) & ~returned()


def kept_measures() -> Any:
    return Measure.objects.kept().filter(problem=OuterRef("pk"))


def returned() -> Q:
    """The newest application came back and nothing has been done about it: no new application, and for
    an extension no note either."""
    newer = {"problem": OuterRef("problem"), "round": OuterRef("round"), "pk__gt": OuterRef("pk")}
    back = Q(outcome=Outcome.RETURNED, round=F("problem__round"))
    close_outs = CloseOut.objects.filter(back).exclude(Exists(CloseOut.objects.filter(**newer)))
    noted = ProgressNote.objects.filter(problem=OuterRef("problem"), at__gt=OuterRef("ended_at"))
    extensions = Extension.objects.filter(back, problem__deadline=F("old_date"))
    extensions = extensions.exclude(Exists(Extension.objects.filter(**newer))).exclude(Exists(noted))
    return in_any([close_outs.values("problem_id"), extensions.values("problem_id")])


UNFINISHED = Q(status__in=BY_HAND, withdrawn=False, carried=False)
UNIT_WORK: dict[str, Callable[[], Q]] = {
    Todo.ASSIGNED: without_measures,
    Todo.REOPENED: reopened,
    Todo.RETURNED: returned,
    Todo.FINISHED: finished,
}

"""What waits for a person in the reviewed procedures: their own decisions, what came back, who is due."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, F, OuterRef, Q

from rectify.choices import Action, Outcome, Todo
from rectify.models import CloseOut, Extension, FollowUp, ProgressNote, User
from rectify.models.closing import DECIDING
from rectify.models.report import in_any
from rectify.policies import allowed
from rectify.policies.closing import STEP_ACTS
from rectify.roles import REPORTING
from rectify.transitions import BY_HAND


def todo(user: User, what: str, day: dt.date) -> Q:
    """The problems in which something of the reviewed procedures waits for this person."""
    if what in DECIDING:
        waiting = [
            model.objects.filter(allowed(user, STEP_ACTS[model][what])).values("problem_id")
            for model in (CloseOut, Extension)
        ]
        return in_any(waiting)
    if what == Todo.FOLLOW_UP:
        due = FollowUp.objects.due(day).values("problem_id")
        return allowed(user, Action.RECORD_FOLLOW_UP) & Q(pk__in=due)
    return Q(lead_unit__in=user.unit_ids(*REPORTING)) & returned()


def returned() -> Q:
    """The newest application came back and nothing has been done about it: no new application, and for
    an extension no note either."""
    newer = {"problem": OuterRef("problem"), "round": OuterRef("round"), "pk__gt": OuterRef("pk")}
    back = Q(outcome=Outcome.RETURNED, round=F("problem__round"))
    close_outs = CloseOut.objects.filter(back).exclude(Exists(CloseOut.objects.filter(**newer)))
    noted = ProgressNote.objects.filter(problem=OuterRef("problem"), at__gt=OuterRef("ended_at"))
    extensions = Extension.objects.filter(back, problem__deadline=F("old_date"))
    extensions = extensions.exclude(Exists(Extension.objects.filter(**newer))).exclude(Exists(noted))
    unfinished = Q(status__in=BY_HAND, withdrawn=False, carried=False)
    return unfinished & in_any([close_outs.values("problem_id"), extensions.values("problem_id")])

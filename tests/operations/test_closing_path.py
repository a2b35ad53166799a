"""The reviewed path from the application to the signature, on one day."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import Action, Outcome, Role, Status, Step
from rectify.models import AuditEntry
from tests import builders


@pytest.mark.django_db
def test_the_whole_path_closes_with_date_steps_and_planned_follow_ups():
    with clock.pretend(dt.datetime(2025, 3, 31, 4, tzinfo=dt.UTC)):
        cast = builders.cast()
        problem = builders.closed(cast)
    assert (problem.status, problem.closed_on) == (Status.CLOSED, dt.date(2025, 3, 31))
    application = problem.close_outs.get()
    assert (application.outcome, application.decided_on) == (Outcome.PASSED, dt.date(2025, 3, 31))
    taken = [(step.step, step.by, step.role) for step in application.steps.all()]
    assert taken == [
        (Step.APPLY, cast["clerk"], Role.CLERK),
        (Step.CONFIRM, cast["unit_head"], Role.UNIT_HEAD),
        (Step.REVIEW, cast["office"], Role.OFFICE),
        (Step.SIGN, cast["leader"], Role.LEADER),
    ]
    planned = list(problem.follow_ups.values_list("planned_on", flat=True))
    assert planned == [dt.date(2025, 6, 30), dt.date(2025, 9, 30)]
    for act in (
        Action.APPLY_CLOSE_OUT,
        Action.CONFIRM_CLOSE_OUT,
        Action.REVIEW_CLOSE_OUT,
        Action.SIGN_CLOSE_OUT,
    ):
        assert AuditEntry.objects.filter(report=cast.report, act=act).count() == 1

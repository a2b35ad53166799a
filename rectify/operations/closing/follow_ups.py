"""回头看: planned when a problem is concluded, filled in when somebody has looked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Subquery

from rectify import clock
from rectify.audit import field_values, written
from rectify.digests import digest_of
from rectify.models import FollowUp, Problem, User

EARLY = dt.timedelta(days=30)  # so long before its day a check answers what is planned


def plan(problem: Problem, days: Sequence[dt.date]) -> list[dict[str, Any]]:
    """Rows of follow-ups to come, and what the entry of the act says of them."""
    rows = [FollowUp.objects.create(problem=problem, round=problem.round, planned_on=day) for day in days]
    tell_problem(problem)
    return [{"id": row.pk, "planned_on": field_values.as_plain(row.planned_on)} for row in rows]


def facts(row: FollowUp) -> dict[str, Any]:
    """What the entry vouches for; the text also by its digest."""
    names = ("round", "planned_on", "done_on", "outcome")
    plain = {name: field_values.as_plain(getattr(row, name)) for name in names}
    return {"id": row.pk, "finding": row.finding, "finding_digest": digest_of(row.finding), **plain}


def done(problem: Problem, by: User, finding: str, outcome: str, day: dt.date) -> FollowUp:
    """The planned check that this one answers, filled in; without one, a check of its own."""
    values = {
        "done_on": day,
        "finding": finding,
        "outcome": outcome,
        "by": by,
        "by_label": by.label[:160],
        "recorded_at": clock.now(),
    }
    planned = FollowUp.objects.filter(problem=problem).due(day + EARLY).order_by("planned_on", "id")
    if (first := planned.first()) is None:
        return FollowUp.objects.create(problem=problem, round=problem.round, **values)
    FollowUp.objects.filter(pk=first.pk).update(**values)
    tell_problem(problem)
    row = FollowUp.objects.get(pk=first.pk)
    written.wrote(row)
    return row


def tell_problem(problem: Problem) -> None:
    """The problem knows when somebody is to look next, in the round it is in."""
    Problem.objects.filter(pk=problem.pk).update(follow_up_on=Subquery(FollowUp.objects.next_of_problem()))

"""Who may report progress on which of many problems, in at most one query."""

from __future__ import annotations

from rectify.choices import Action
from rectify.models import Problem, User
from rectify.policies import allowed


def workable(user: User, problems: list[Problem]) -> set[int]:
    """The problems a person may report progress on, in at most one query: what the row's button offers."""
    rows = Problem.objects.filter(allowed(user, Action.ADD_PROGRESS), pk__in=[row.pk for row in problems])
    return set(rows.order_by().values_list("pk", flat=True))

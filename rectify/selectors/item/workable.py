"""Who may report progress on which of many problems, in at most one query."""

from __future__ import annotations

from functools import partial

from django.db.models import OuterRef, QuerySet

from rectify.choices import Action
from rectify.models import Problem, User
from rectify.models.compiled import compiled, padded
from rectify.policies import allowed


def workable(user: User, problems: list[Problem]) -> set[int]:
    """The problems a person may report progress on, in at most one query: what the row's button offers."""
    ids = padded([row.pk for row in problems])
    return set(compiled(("workable", user.scope), partial(_workable, user), *ids))


def _workable(user: User, *ids: int) -> QuerySet:
    """Each asked by itself: of one condition over all SQLite reads every problem of the statuses."""
    itself = Problem.objects.filter(allowed(user, Action.ADD_PROGRESS), pk=OuterRef("pk"))
    found = Problem.objects.filter(pk__in=ids).filter(pk__in=itself.order_by().values("pk"))
    return found.order_by().values_list("pk", flat=True)

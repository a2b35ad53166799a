"""The items that need somebody first, with their causes and next steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import QuerySet

from rectify.choices import MeasureStatus, RagStatus
from rectify.models import Measure, ProblemCause
from rectify.models.compiled import compiled
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.ledgers import Ledgers
from rectify.selectors.problem_filter import most_urgent_first
from rectify.selectors.problem_rows import ProblemRow, problem_rows

URGENT = (RagStatus.OVERDUE, RagStatus.DUE_SOON, RagStatus.UNREPORTED)
URGENT_SHOWN = 5
RED_SHOWN = 8


def urgent(looked: Scope, ledgers: Ledgers, shown: int = URGENT_SHOWN) -> list[ProblemRow]:
    """The first of what needs somebody, as it stands today."""
    if looked.is_past:
        return []
    ids = compiled(looked.as_key("overdue", shown), lambda: _first(looked, shown, [RagStatus.OVERDUE]))
    if len(ids) < shown:  # else the overdue ones, first in the order, are all there is to read
        ids = compiled(looked.as_key("urgent", shown), lambda: _first(looked, shown, URGENT))
    return problem_rows(ids, rules=looked.rules, ledgers=ledgers.told_apart, reports=ledgers.seen)


def _first(looked: Scope, shown: int, lights: Sequence[RagStatus]) -> QuerySet:
    conditions = looked.rows().light_conditions(looked.day, looked.rules)
    wanted = reduce(or_, (conditions[light] for light in lights))
    return most_urgent_first(looked.rows().filter(wanted)).values_list("pk", flat=True)[:shown]


def overdue_longest(looked: Scope, ledgers: Ledgers, shown: int = RED_SHOWN) -> list[tuple]:
    """(row, causes in words, next measure) of the items overdue longest, as they stand today."""
    if looked.is_past:
        return []
    late = looked.rows().light_conditions(looked.day, looked.rules)[RagStatus.OVERDUE]
    ids = list(most_urgent_first(looked.rows().filter(late)).values_list("pk", flat=True)[:shown])
    causes: dict[int, list[str]] = {}
    for pk, title in (
        ProblemCause.objects.confirmed().filter(problem__in=ids).values_list("problem_id", "cause__title")
    ):
        causes.setdefault(pk, []).append(title)
    steps: dict[int, Measure] = {}
    waiting = Measure.objects.filter(problem__in=ids, status=MeasureStatus.OPEN).select_related("unit")
    for measure in waiting.order_by("deadline", "number"):
        steps.setdefault(measure.problem_id, measure)
    rows = problem_rows(ids, rules=looked.rules, ledgers=ledgers.told_apart, reports=ledgers.seen)
    return [(row, "、".join(causes.get(row.problem.pk, [])), steps.get(row.problem.pk)) for row in rows]

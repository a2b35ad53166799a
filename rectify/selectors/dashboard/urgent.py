"""The items that need somebody first, with their causes and next steps."""

from __future__ import annotations

import datetime as dt
from itertools import chain

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
    first = _first(looked, shown, RagStatus.OVERDUE)
    if len(first) < shown:  # else the overdue ones, first in the order, are all there is to read
        later = [_first(looked, shown, light) for light in URGENT if light != RagStatus.OVERDUE]
        first += sorted(chain(*later))
    ids = [pk for _, pk in first[:shown]]
    return problem_rows(ids, rules=looked.rules, ledgers=ledgers.told_apart, reports=ledgers.seen)


def _first(looked: Scope, shown: int, light: RagStatus) -> list[tuple[dt.date, int]]:
    """The most urgent of a light, which is one range of an index: of several SQLite would sort all."""
    return compiled(looked.as_key("first", light, shown), lambda: _of_light(looked, light)[:shown])


def _of_light(looked: Scope, light: RagStatus) -> QuerySet:
    condition = looked.rows().light_conditions(looked.day, looked.rules)[light]
    return most_urgent_first(looked.rows().filter(condition)).values_list("due", "pk")


def overdue_longest(looked: Scope, ledgers: Ledgers, shown: int = RED_SHOWN) -> list[tuple]:
    """(row, causes in words, next measure) of the items overdue longest, as they stand today."""
    if looked.is_past:
        return []
    ids = [pk for _, pk in _of_light(looked, RagStatus.OVERDUE)[:shown]]
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

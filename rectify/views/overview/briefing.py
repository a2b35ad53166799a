"""The briefing: one printable page for the committee, its sentences built from facts."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify.choices import MeasureStatus, RagStatus
from rectify.models import Measure, ProblemCause
from rectify.selectors.dashboard.counts import Scope
from rectify.selectors.problem_filter import most_urgent_first
from rectify.selectors.problem_rows import problem_rows
from rectify.views.overview.dashboard import asked_of, counted_of, tiles
from rectify.views.request import AuthenticatedRequest

RED_SHOWN = 8


@require_safe
def briefing(request: AuthenticatedRequest) -> HttpResponse:
    """The figures, the changes since last time, and the red items with cause and next step."""
    asked = asked_of(request)
    looked = asked.looked
    counted = counted_of(asked)
    numbers = counted["numbers"]
    red = [] if looked.is_past else _red(looked)
    shown = tiles(numbers, [row for row, *_ in red])
    context = counted | {
        "differences": "，".join(str(tile["words"]) for tile in shown if tile["words"]),
        "red": red,
        "more": numbers.all.overdue - len(red),
        "silent": numbers.stale[:6],
    }
    return render(request, "dashboard/briefing.html", context)


def _red(looked: Scope) -> list[tuple]:
    """(row, causes in words, next measure) of the items overdue longest."""
    late = looked.rows().light_conditions(looked.day, looked.rules)[RagStatus.OVERDUE]
    ids = list(most_urgent_first(looked.rows().filter(late)).values_list("pk", flat=True)[:RED_SHOWN])
    causes: dict[int, list[str]] = {}
    for pk, title in (
        ProblemCause.objects.confirmed().filter(problem__in=ids).values_list("problem_id", "cause__title")
    ):
        causes.setdefault(pk, []).append(title)
    steps: dict[int, Measure] = {}
    waiting = Measure.objects.filter(problem__in=ids, status=MeasureStatus.OPEN).select_related("unit")
    for measure in waiting.order_by("deadline", "number"):
        steps.setdefault(measure.problem_id, measure)
    rows = problem_rows(ids, rules=looked.rules)
    return [(row, "、".join(causes.get(row.problem.pk, [])), steps.get(row.problem.pk)) for row in rows]

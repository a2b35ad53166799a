"""What stands beside an item in the reviewed procedures: what is asked for, or why it came back."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from rectify import clock, wording
from rectify.choices import Outcome, StepOutcome
from rectify.models import CloseOut, Extension, FollowUp, Measure
from rectify.models.compiled import compiled, padded
from rectify.policies.closing import NOUNS
from rectify.selectors.item.procedures import summary
from rectify.selectors.todo import WEEK


def asked(ids: list[int]) -> dict[int, str]:
    """What is asked for in the open applications."""
    said: dict[int, str] = {}
    for model in (CloseOut, Extension):
        for one in compiled(("asked", model), partial(_open, model), *padded(ids)):
            words = f"{NOUNS[model]}：{summary(one)}"
            said[one.problem_id] = f"{said[one.problem_id]}；{words}" if one.problem_id in said else words
    return said


def _open(model: Any, *ids: int) -> Any:
    return model.objects.open().filter(problem__in=ids).order_by("pk")


def came_back(ids: list[int]) -> dict[int, str]:
    """Why the newest application came back."""
    newest: dict[int, Any] = {}
    for model in (CloseOut, Extension):
        for one in compiled(("came back", model), partial(_returned, model), *padded(ids)):
            if one.problem_id not in newest or one.ended_at > newest[one.problem_id].ended_at:
                newest[one.problem_id] = one
    said = {}
    for pk, one in newest.items():
        step = next(step for step in one.steps.all() if step.outcome == StepOutcome.RETURN)
        when = wording.moment(step.at, clock.today())
        said[pk] = f"{NOUNS[type(one)]}被退回。{step.comment}（{step.by_label}，{when}）"
    return said


def _returned(model: Any, *ids: int) -> Any:
    return model.objects.filter(problem__in=ids, outcome=Outcome.RETURNED).prefetch_related("steps")


def planned(ids: list[int]) -> dict[int, str]:
    """When somebody should have looked again."""
    today = clock.today()
    rows = compiled(("planned", today), partial(_due, today), *padded(ids))
    return {pk: f"计划 {wording.date(day)}回头看，{wording.days_left(day, today)}" for pk, day in rows if day}


def _due(today: dt.date, *ids: int) -> Any:
    due = FollowUp.objects.due(today).filter(problem__in=ids).order_by("-planned_on")
    return due.values_list("problem_id", "planned_on")


def measures_due(ids: list[int]) -> dict[int, str]:
    """Which measure has to be finished first, and by when."""
    today = clock.today()
    rows = compiled(("measures due", today), partial(_measures_due, today), *padded(ids))
    latest_first = sorted(rows, key=lambda one: (one.deadline, one.number), reverse=True)
    return {
        one.problem_id: f"措施 {one.number}（{wording.days_left(one.deadline, today)}）：{one.text}"
        for one in latest_first
    }


def _measures_due(today: dt.date, *ids: int) -> Any:
    return Measure.objects.due(today + WEEK).filter(problem__in=ids).order_by("pk")

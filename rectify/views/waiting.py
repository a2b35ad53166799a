"""What waits for a person in the reviewed procedures: each group is counted by the filter its link opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from .. import clock, wording
from ..choices import Outcome, StepOutcome, Todo
from ..filters import ProblemFilter, most_urgent_first
from ..models import CloseOut, Extension, FollowUp, User
from ..policies.closing import NOUNS
from ..summaries import ProblemRow, problem_rows
from .deciding import summary

SHOWN = 8
ORDER = (Todo.RETURNED, Todo.SIGN, Todo.REVIEW, Todo.CONFIRM, Todo.FOLLOW_UP)
ACTIONS: dict[str, tuple[str, str]] = {
    Todo.RETURNED: ("查看理由", "#rounds"),
    Todo.SIGN: ("办理", ""),
    Todo.REVIEW: ("办理", ""),
    Todo.CONFIRM: ("办理", ""),
    Todo.FOLLOW_UP: ("登记", "#rounds"),
}


@dataclass
class TodoGroup:
    """Problems in which one sort of thing waits, with the first of them and why."""

    what: str
    count: int
    action: str
    anchor: str
    rows: list[tuple[ProblemRow, str]] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(Todo(self.what).label)

    @property
    def url(self) -> str:
        return f"{reverse('problems')}?todo={self.what}"


def todo_groups(user: User) -> list[TodoGroup]:
    """The groups that are not empty, what came back first."""
    groups: list[tuple[TodoGroup, list[int]]] = []
    for what in ORDER:
        found = ProblemFilter.of(user, f"todo={what}").qs
        if count := found.count():
            ids = list(most_urgent_first(found).values_list("pk", flat=True)[:SHOWN])
            groups.append((TodoGroup(what, count, *ACTIONS[what]), ids))
    rows = {row.problem.pk: row for row in problem_rows([pk for _, ids in groups for pk in ids])}
    for group, ids in groups:
        said = SAYINGS[group.what](ids)
        group.rows = [(rows[pk], said.get(pk, "")) for pk in ids if pk in rows]
    return [group for group, _ in groups]


def _asked(ids: list[int]) -> dict[int, str]:
    """What is asked for in the open applications."""
    said: dict[int, str] = {}
    for model in (CloseOut, Extension):
        for one in model.objects.open().filter(problem__in=ids).order_by("pk"):
            words = f"{NOUNS[model]}：{summary(one)}"
            said[one.problem_id] = f"{said[one.problem_id]}；{words}" if one.problem_id in said else words
    return said


def _came_back(ids: list[int]) -> dict[int, str]:
    """Why the newest application came back."""
    newest: dict[int, Any] = {}
    for model in (CloseOut, Extension):
        back = model.objects.filter(problem__in=ids, outcome=Outcome.RETURNED).prefetch_related("steps")
        for one in back:
            if one.problem_id not in newest or one.ended_at > newest[one.problem_id].ended_at:
                newest[one.problem_id] = one
    said = {}
    for pk, one in newest.items():
        step = next(step for step in one.steps.all() if step.outcome == StepOutcome.RETURN)
        when = wording.moment(step.at, clock.today())
        said[pk] = f"{NOUNS[type(one)]}被退回。{step.comment}（{step.by_label}，{when}）"
    return said


def _planned(ids: list[int]) -> dict[int, str]:
    """When somebody should have looked again."""
    today = clock.today()
    due = FollowUp.objects.due(today).filter(problem__in=ids).order_by("-planned_on")
    rows = due.values_list("problem_id", "planned_on")
    return {pk: f"计划 {wording.date(day)}回头看，{wording.days_left(day, today)}" for pk, day in rows if day}


SAYINGS: dict[str, Callable[[list[int]], dict[int, str]]] = {
    Todo.RETURNED: _came_back,
    Todo.SIGN: _asked,
    Todo.REVIEW: _asked,
    Todo.CONFIRM: _asked,
    Todo.FOLLOW_UP: _planned,
}

"""Conclusions reached on paper: registered with evidence, by another person than the author."""

from __future__ import annotations

import datetime as dt
from typing import cast

from .. import clock, transitions
from ..choices import Act, Status
from ..errors import Incomplete
from ..models import Evidence, Problem, User
from . import recording


def register_paper(
    problem: Problem, *, by: User, seen: int, status: str, decided_on: dt.date, reason: str
) -> Problem:
    """Register that a problem was closed, or made standing, by a signed paper.

    Raises Incomplete without evidence on file, or when the person who registers also wrote the
    latest progress: nobody declares their own work fixed.
    """
    reason = recording.need_reason(reason)
    if decided_on > clock.today():
        raise Incomplete("结论日期不能晚于今天。", field="decided_on")
    allowed = transitions.allowed(transitions.PROBLEM, Act.REGISTER_PAPER, problem.status, status)
    if problem.version == seen:
        names = Status(problem.status).label, Status(status).label
        recording.check_transition(allowed, "这一项", *(str(name) for name in names))
    if not Evidence.objects.filter(problem=problem).exists():
        raise Incomplete("代录纸质结论须有佐证材料，请先上传。", ["佐证材料"])
    last = problem.notes.order_by("-at", "-id").first()
    if last is None or last.author_id == by.pk:
        raise Incomplete("代录人不能是最近一次填报进展的人，请由另一位同志办理。", ["第二人"])
    changes: dict[str, object] = {"status": status}
    if status == Status.CLOSED:
        changes["closed_on"] = decided_on
    changed = recording.update(
        problem,
        by=by,
        act=Act.REGISTER_PAPER,
        seen=seen,
        changes=changes,
        reason=reason,
        decided_on=decided_on.isoformat(),
    )
    return cast(Problem, changed)

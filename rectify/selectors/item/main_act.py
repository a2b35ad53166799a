"""The one main act of an item for a person: the only filled button of its page."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rectify.choices import Action
from rectify.models import Problem, User
from rectify.policies import runs
from rectify.policies.closing import DECIDING
from rectify.roles import REPORTING

# Where nothing presses; the first that may be done.
USUAL = (
    *(Action.ADD_PROGRESS, Action.RECORD_FOLLOW_UP, Action.INSTRUCT, Action.ISSUE_SUPERVISION),
    *(Action.APPLY_CLOSE_OUT, Action.APPLY_EXTENSION, Action.ADD_MEASURE),
)


def main_act(allowed: Collection[str], pressing: Action | None, ready: bool, unassigned: bool) -> str:
    """A decision that waits, then what presses, then an application for which all is `ready`."""
    deciding = sorted(act for act in allowed if act in DECIDING)
    first = [pressing] if pressing else []
    first += [Action.APPLY_CLOSE_OUT] if ready else []
    first += [Action.ASSIGN] if unassigned else []
    return next((act for act in (*deciding, *first, *USUAL) if act in allowed), "")


def pressing(user: User, problem: Problem, suggested: Any) -> Action | None:
    """For the office, of what others are late with: to be assigned, chased, or answered for on paper."""
    if not runs(user, problem.report) or problem.lead_unit_id in user.unit_ids(*REPORTING):
        return None
    if problem.lead_unit_id is None:
        return Action.ASSIGN
    return Action.ISSUE_SUPERVISION if suggested else Action.URGE

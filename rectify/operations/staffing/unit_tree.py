"""Asking for a change of the tree of units: done at once, or after a second person has agreed."""

from __future__ import annotations

from django.db import transaction

from rectify.audit import chain
from rectify.choices import DutyKind
from rectify.errors import Incomplete, WrongState
from rectify.models import DutyRequest, Unit, User
from rectify.models.duties import is_strict
from rectify.operations import duties, recording
from rectify.operations.staffing.tree_acts import ACTS, carry_out
from rectify.selectors.staffing.tree_change import TreeChange, common_ancestor, tree_change


def change_tree(kind: str, unit: Unit, target: Unit, *, by: User, reason: str) -> TreeChange | DutyRequest:
    """Move a unit below another, or merge it into another: by the office of a unit above both.

    Where duties are separate the request waits for the auditor or the administrator above both.
    """
    reason = recording.need_reason(reason)
    with transaction.atomic():
        chain.lock([None])
        unit, target = Unit.objects.get(pk=unit.pk), Unit.objects.get(pk=target.pk)
        common = common_ancestor(unit, target)
        if common is None:
            raise Incomplete(tree_change(kind, unit, target).refused, field="target")
        recording.require(by, ACTS[DutyKind(kind)], common)
        if not is_strict(common.path):
            return carry_out(kind, unit, target, by=by, reason=reason)
        if refused := tree_change(kind, unit, target).refused:
            raise Incomplete(f"{refused}没有内容被改动。", field="target")
        if DutyRequest.objects.waiting().filter(moved=unit).exists():
            raise WrongState(f"{unit}已有一份调整在等待确认。")
        return duties.ask(kind, unit=common, by=by, reason=reason, moved=unit, target=target)

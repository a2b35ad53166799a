"""Moving a unit in the tree and merging one into another: carried out, with every row in the record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from rectify.audit import chain, written
from rectify.choices import Action, DutyKind, MeasureStatus
from rectify.errors import Incomplete
from rectify.models import Leader, Measure, Membership, Problem, Unit, User
from rectify.operations import recording
from rectify.selectors.staffing.tree_change import Sight, TreeChange, borne_by, tree_change

ACTS = {DutyKind.MOVE: Action.MOVE_UNIT, DutyKind.MERGE: Action.MERGE_UNITS}


def carry_out(
    kind: str, unit: Unit, target: Unit, *, by: User, reason: str, asked_by: User | None = None
) -> TreeChange:
    """Change the tree as it stands now; raises Incomplete when it no longer can be.

    One entry of the system names every unit whose path changed, and every post and leader that moved;
    items that go to another unit have their own.
    """
    with transaction.atomic():
        ledgers = [problem.report for problem in borne_by(unit)] if kind == DutyKind.MERGE else []
        chain.lock([None, *ledgers])
        unit, target = Unit.objects.get(pk=unit.pk), Unit.objects.get(pk=target.pk)
        change = tree_change(kind, unit, target)
        if change.refused:
            raise Incomplete(f"{change.refused}没有内容被改动。", field="target")
        paths = dict(Unit.objects.values_list("pk", "path"))
        if kind == DutyKind.MERGE:
            _merge(unit, target, by, reason)
        else:
            Unit.objects.move(unit, target, "last-child")
        _enter(change, _moved_units(paths), by, reason, asked_by)
        return change


def _enter(change: TreeChange, moved: list[Unit], by: User, reason: str, asked_by: User | None) -> None:
    facts = {
        "units": [str(one) for one in moved],
        "gains": _lines(change.gains),
        "loses": _lines(change.loses),
        "counts": dict(change.counts),
        "asked_by": asked_by.label if asked_by else "",
    }
    chain.append_entry(
        by=by, act=ACTS[DutyKind(change.kind)], report=None, target=change.unit, label=change.words[:120],
        payload={"facts": facts}, reason=reason,
    )  # fmt: skip


def _moved_units(before: dict[int, str]) -> list[Unit]:
    """Those whose path is another one now; the tree writes without saving, so that they are told here."""
    moved = [unit for unit in Unit.objects.all() if before[unit.pk] != unit.path]
    written.wrote(*moved)
    return moved


def _lines(sights: Iterable[Sight]) -> list[str]:
    return [f"{one.person}：{one.named}" for one in sights]


# -- merging ------------------------------------------------------------------------------------------


def _merge(unit: Unit, target: Unit, by: User, reason: str) -> None:
    """Items, open measures, people, leaders and the units below go over; the unit is no longer in use."""
    for problem in borne_by(unit).prefetch_related("supporting_units"):
        _change(problem, _merged(problem, unit, target), by, reason)
    open_steps = Measure.objects.filter(unit=unit, status=MeasureStatus.OPEN)
    for measure in open_steps.select_related("problem__report__unit").order_by("pk"):
        _change(measure, {"unit": target}, by, reason)
    for post in Membership.objects.filter(unit=unit, active=True).order_by("pk"):
        _move_post(post, target)
    for leader in Leader.objects.filter(unit=unit).order_by("pk"):
        leader.unit = target
        leader.save(update_fields=["unit"])
    for child in Unit.objects.get_children(unit).order_by("path"):
        Unit.objects.move(child, Unit.objects.get(pk=target.pk), "last-child")
    unit.refresh_from_db()
    unit.active = False
    unit.save(update_fields=["active"])


def _merged(problem: Problem, unit: Unit, target: Unit) -> dict[str, Any]:
    """Its units with the one in place of the other, each once."""
    lead = target if problem.lead_unit_id == unit.pk else problem.lead_unit
    others = [target if one.pk == unit.pk else one for one in problem.supporting_units.all()]
    others = [one for one in dict.fromkeys(others) if one != lead]
    return {"lead_unit": lead, "supporting_units": others}


def _change(row: Problem | Measure, changes: dict[str, Any], by: User, reason: str) -> None:
    """The policy was asked about the units, not about each item."""
    recording.update(
        row, by=by, act=Action.MERGE_UNITS, seen=row.version, changes=changes, reason=reason, judged=True
    )


def _move_post(post: Membership, target: Unit) -> None:
    """The post at the old unit ends, and the like at the new one begins."""
    post.active = False
    post.save(update_fields=["active"])
    new, _ = Membership.objects.get_or_create(user=post.user, unit=target, role=post.role)
    if not new.active:
        new.active = True
        new.save(update_fields=["active"])

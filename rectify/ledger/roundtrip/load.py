"""A confirmed plan to operations: one transaction, one batch, through the acts everybody else uses."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from rectify.audit import chain
from rectify.choices import Action, ImportKind
from rectify.errors import Incomplete, Refusal
from rectify.ledger.roundtrip import merge
from rectify.ledger.roundtrip.columns import KIND_WORDS
from rectify.ledger.roundtrip.plan import OF_TEXT, CellChange, MergePlan, PlannedItem
from rectify.ledger.roundtrip.reader import Returned
from rectify.operations import recording
from rectify.operations.exchange import import_export
from rectify.operations.exchange.items_together import TOGETHER, ItemsTogether


class ItemRefused(Exception):
    """An operation refused an item: nothing was written; `code` and `words` say which and why."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


@dataclass
class Loaded:
    """What became of a confirmation: the batch, or the plan that is no longer the one confirmed."""

    plan: MergePlan
    batch: Any = None
    moved: bool = False
    applied: int = 0


def apply(
    returned: Returned,
    *,
    by: Any,
    may: Any,
    name: str,
    sha256: str,
    digest: str = "",
    choices: Mapping[str, str] | None = None,
    refusals: Mapping[str, str] | None = None,
    upload: Any = None,
) -> Loaded:
    """Plan again under the lock, and carry the plan out if it still is the one of `digest` (empty: any)."""
    choices = choices or {}
    report = merge.report_of(returned, by)
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.IMPORT, report)
        plan = merge.plan(returned, by, may=may, refusals=refusals)
        if digest and plan.digest != digest:
            return Loaded(plan, moved=True)
        if why := plan.too_much:
            raise Incomplete(why, field="file")
        items = plan.applicable(choices)
        if not items:
            return Loaded(plan)
        kept = {"kind": ImportKind.RETURNED, "name": name, "sha256": sha256}
        with import_export.batch(report, by=by, upload=upload, **kept) as batch:
            for start in range(0, len(items), TOGETHER):
                some = items[start : start + TOGETHER]
                problems, reason = [item.problem for item in some], f"导入填报表《{batch.name}》"
                _carry_out(some, choices, ItemsTogether(problems, by=by, reason=reason))
            batch.counts = plan.counts | {"applied": len(items)}
        return Loaded(plan, batch, applied=len(items))


@contextlib.contextmanager
def _named(item: PlannedItem) -> Iterator[None]:
    """What an operation refuses is told with the item it refuses."""
    try:
        yield
    except Refusal as refusal:
        raise ItemRefused(item.code, refusal.message) from refusal


def _carry_out(items: Sequence[PlannedItem], choices: Mapping[str, str], together: ItemsTogether) -> None:
    for item in items:
        edits, assigned = _fields(item.accepted(choices))
        with _named(item):
            if edits:
                together.edit(item.problem, edits)
            if assigned:
                together.assign(item.problem, assigned)
            together.add_measures(item.problem, item.measures)
            if item.note:
                together.add_note(item.problem, *item.note)
    together.store()


def _fields(changes: list[CellChange]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What belongs to the text of the problem, and what to its assignment."""
    edits: dict[str, Any] = {}
    assigned: dict[str, Any] = {}
    for change in changes:
        if change.key in OF_TEXT:
            edits[change.key] = change.value
        elif change.key == "kind":
            assigned["kind"], assigned["also_standing"] = KIND_WORDS[change.value]
        else:
            assigned[change.key] = change.value
    return edits, assigned

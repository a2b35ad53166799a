"""A confirmed plan made ready before the lock: every act decided, then stored as one batch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rectify.errors import Refusal
from rectify.ledger.roundtrip import merge
from rectify.ledger.roundtrip.columns import KIND_WORDS
from rectify.ledger.roundtrip.plan import OF_TEXT, CellChange, MergePlan, PlannedItem
from rectify.ledger.roundtrip.reader import Returned
from rectify.models import Problem, User
from rectify.operations.exchange import import_export
from rectify.operations.together.items import TOGETHER, ItemsTogether

AGAIN = 5 * TOGETHER  # items that are planned anew under the lock


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


@dataclass(frozen=True)
class Confirmed:
    """What somebody wants to load, and what they chose."""

    returned: Returned
    by: User
    may: Any
    name: str
    choices: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)

    def plan(self) -> MergePlan:
        return merge.plan(self.returned, self.by, may=self.may, refusals=self.refusals)

    def only(self, ids: set[int]) -> Confirmed:
        """The same of these items alone."""
        codes = set(Problem.objects.filter(pk__in=ids).values_list("code", flat=True))
        rows = [row for row in self.returned.rows if row.code in codes]
        return replace(self, returned=replace(self.returned, rows=rows, faults=[]))


class Decided:
    """The acts of a plan in parts of the file."""

    def __init__(self, confirmed: Confirmed, plan: MergePlan, kept: Mapping[str, Any]) -> None:
        """What the plan says of each item is noted first: the acts change the items."""
        self.confirmed, self.plan, self.kept = confirmed, plan, kept
        self._said, self._counts = _said(plan), plan.counts
        self._unseen = _unseen(plan)
        self._items = plan.applicable(confirmed.choices)
        parts = [self._items[start : start + TOGETHER] for start in range(0, len(self._items), TOGETHER)]
        self._parts = [(part, _decided(part, confirmed)) for part in parts]

    def holds(self, touched: set[int]) -> bool:
        """Whether the plan is what it was, and the acts too, or made anew for a few items."""
        ours = touched & self._said.keys()
        return touched.isdisjoint(self._unseen) and (not ours or self._catch_up(ours))

    def store(self) -> Loaded:
        """Everything is stored as one batch."""
        with import_export.batch(self.plan.report, by=self.confirmed.by, **self.kept) as batch:
            for _, together in self._parts:
                together.store()
            batch.counts = self._counts | {"applied": len(self._items)}
        return Loaded(self.plan, batch, applied=len(self._items))

    def _catch_up(self, touched: set[int]) -> bool:
        """Read the parts with these items again, unless they are many or the plan has changed by it."""
        moved = [number for number, (items, _) in enumerate(self._parts) if touched & _ids(items)]
        again = touched.union(*(_ids(self._parts[number][0]) for number in moved))
        if len(again) > AGAIN:
            return False
        fresh = self.confirmed.only(again).plan()
        if _said(fresh) != {pk: self._said[pk] for pk in again}:
            return False
        by_id = {item.problem.pk: item for item in fresh.items}
        for number in moved:
            items = [by_id[item.problem.pk] for item in self._parts[number][0]]
            self._parts[number] = (items, _decided(items, self.confirmed))
        return True


def _ids(items: Sequence[PlannedItem]) -> set[int]:
    return {item.problem.pk for item in items}


def _said(plan: MergePlan) -> dict[int, list[Any]]:
    return {item.problem.pk: item.plain for item in plan.items if item.problem}


def _unseen(plan: MergePlan) -> set[int]:
    """What the file names and the person cannot see, until an act on it lets them."""
    codes = [item.code for item in plan.items if item.problem is None]
    hidden = Problem.objects.filter(report=plan.report, code__in=codes)
    return set(hidden.values_list("pk", flat=True)) if codes else set()


def _decided(items: Sequence[PlannedItem], confirmed: Confirmed) -> ItemsTogether:
    reason = f"导入填报表《{confirmed.name}》"
    together = ItemsTogether([item.problem for item in items], by=confirmed.by, reason=reason)
    for item in items:
        edits, assigned = _fields(item.accepted(confirmed.choices))
        with _named(item):
            if edits:
                together.edit(item.problem, edits)
            if assigned:
                together.assign(item.problem, assigned)
            together.add_measures(item.problem, item.measures)
            if item.note:
                together.add_note(item.problem, *item.note)
    return together


@contextlib.contextmanager
def _named(item: PlannedItem) -> Iterator[None]:
    """What an operation refuses is told with the item it refuses."""
    try:
        yield
    except Refusal as refusal:
        raise ItemRefused(item.code, refusal.message) from refusal


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

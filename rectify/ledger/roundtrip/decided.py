"""A confirmed plan made ready before the lock: every act decided, then stored as one batch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rectify.digests import canonical, digest_of_texts
from rectify.errors import Incomplete, Refusal
from rectify.ledger.roundtrip.columns import KIND_WORDS
from rectify.ledger.roundtrip.merge import Planner
from rectify.ledger.roundtrip.plan import OF_TEXT, CellChange, MergePlan, PlannedItem
from rectify.ledger.roundtrip.reader import Returned, ReturnedRow
from rectify.models import ImportBatch, Problem, Report, User
from rectify.models.each import reserve_ids
from rectify.operations.exchange import import_export
from rectify.operations.together.items import TOGETHER, ItemsReady, ItemsTogether
from rectify.operations.together.prepared import Nothing

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
    """What somebody wants to load, what they saw, and what they chose."""

    returned: Returned
    by: User
    may: Any
    name: str
    digest: str = ""  # of the plan that was looked at; empty: any
    choices: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)  # of the batch


@dataclass
class _Part:
    """Some rows of the file: what the plan said of their items, and the acts as they are stored."""

    rows: Sequence[ReturnedRow]
    ids: frozenset[int]  # also of what the person cannot see, until an act on it lets them
    said: str
    count: int = 0  # items with acts
    acts: ItemsReady | None = None
    refusal: ItemRefused | None = None


class Decided:
    """The acts of a plan in parts of the file."""

    def __init__(self, confirmed: Confirmed) -> None:
        """Planned and decided part by part, so that only one part's problems are at hand."""
        self.confirmed = confirmed
        self.planner = Planner(confirmed.returned, confirmed.by, confirmed.may, confirmed.refusals)
        [self._number] = reserve_ids(ImportBatch, 1)
        self._parts: list[_Part] = []
        self.plan = self.planner.plan(TOGETHER, lambda *part: self._parts.append(self._decided(*part)))

    def checked(self) -> Decided | Nothing:
        """Itself, unless there is nothing to store. Raises what an operation refuses."""
        if self.confirmed.digest and self.plan.digest != self.confirmed.digest:
            return Nothing(Loaded(self.plan, moved=True))
        if why := self.plan.too_much:
            raise Incomplete(why, field="file")
        if refusal := next(filter(None, (part.refusal for part in self._parts)), None):
            raise refusal
        return self if any(part.count for part in self._parts) else Nothing(Loaded(self.plan))

    def holds(self, touched: set[int]) -> bool:
        """Whether the plan is what it was, and the acts too, or made anew for a few items."""
        moved = self._moved(touched)
        if sum(len(self._parts[number].rows) for number in moved) > AGAIN:
            return False
        return all(map(self._anew, moved))

    def caught_up(self, touched: set[int]) -> Decided | Nothing:
        """Only the parts with these items are planned and decided again."""
        for number in self._moved(touched):
            self._anew(number)
        return self.checked()

    def store(self) -> Loaded:
        """Everything is stored as one batch."""
        kept = {**self.confirmed.kept, "number": self._number}
        with import_export.batch(self.plan.report, by=self.confirmed.by, **kept) as batch:
            for part in self._parts:
                if part.acts:
                    part.acts.store()
            applied = sum(part.count for part in self._parts)
            batch.counts = self.plan.counts | {"applied": applied}
        return Loaded(self.plan, batch, applied=applied)

    def _moved(self, touched: set[int]) -> list[int]:
        return [number for number, part in enumerate(self._parts) if touched & part.ids]

    def _anew(self, number: int) -> bool:
        """Plan and decide a part as things stand now; whether the plan says the same of it."""
        part, start = self._parts[number], number * TOGETHER
        items = self.planner.part(part.rows, lambda *made: self._put(number, self._decided(*made)))
        self.plan.items[start : start + len(items)] = items
        self.plan = replace(self.plan)  # its digest is another
        return self._parts[number].said == part.said

    def _put(self, number: int, part: _Part) -> None:
        self._parts[number] = part

    def _decided(self, rows: Sequence[ReturnedRow], items: Sequence[PlannedItem]) -> _Part:
        """What the plan says of each item is noted first: the acts change the items."""
        said = digest_of_texts(canonical(item.plain) for item in items)
        part = _Part(rows, _ids(self.planner.report, items), said)
        acting = [item for item in items if item.does_something(self.confirmed.choices)]
        part.count = len(acting)
        try:
            part.acts = _acts(acting, self.confirmed, self._number) if acting else None
        except ItemRefused as refusal:
            part.refusal = refusal
        return part


def _ids(report: Report, items: Sequence[PlannedItem]) -> frozenset[int]:
    """The items that a part of the file names, seen or not."""
    unseen = [item.code for item in items if item.pk is None]
    hidden = Problem.objects.filter(report=report, code__in=unseen).values_list("pk", flat=True)
    return frozenset(item.pk for item in items if item.pk).union(hidden if unseen else ())


def _acts(items: Sequence[PlannedItem], confirmed: Confirmed, number: int) -> ItemsReady:
    reason, problems = f"导入填报表《{confirmed.name}》", [item.problem for item in items]
    together = ItemsTogether(problems, by=confirmed.by, reason=reason, tie={"import": number})
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
    return together.ready()


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

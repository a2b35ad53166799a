"""What an import would do, before it does anything: plain values for the preview and for the load."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any

from rectify.digests import canonical, digest_of_texts
from rectify.models.field_registry import EDITED, names_of
from rectify.wording import date

MINE, THEIRS = "mine", "theirs"
MAX_ACTS = 60_000  # three on each row of the largest working copy
OF_TEXT = names_of(EDITED)


class ItemOutcome(StrEnum):
    """What becomes of an item: counted once, by the first that applies."""

    ERROR = "errors"
    CONFLICT = "conflicts"
    CHANGED = "changed"
    NEW = "new"
    UNCHANGED = "unchanged"


@dataclass
class Base:
    """What rows are compared with: what a copy held when it left, or a grid when it was opened."""

    report: Any
    at: dt.datetime
    kept: str  # canonical JSON by item code

    @cached_property
    def rows(self) -> dict[str, Any]:
        return dict(json.loads(self.kept))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the file that is not taken over: where, what it says, why, and what to do."""

    sheet: str
    row: int
    letter: str
    heading: str
    value: str
    reason: str
    remedy: str
    code: str = ""
    raw: Mapping[str, str] = field(default_factory=dict)  # of a row that belongs to no item: what it says

    @property
    def where(self) -> str:
        return f"“{self.sheet}”第 {self.row} 行" + (f" {self.letter} 列" if self.letter else "")

    @property
    def words(self) -> str:
        return f"{self.heading}：{self.reason}。{self.remedy}。"


@dataclass(slots=True)
class CellChange:
    """One cell that means something: `old` is what stands there today, `value` what an operation takes."""

    key: str
    heading: str
    old: str
    new: str
    value: Any = None
    base: str = ""
    conflict: bool = False

    @property
    def plain(self) -> list[Any]:
        return [self.key, self.old, self.new, self.conflict]

    @property
    def words(self) -> tuple[str, str, str]:
        """What stood there when the copy left, what stands there today, and what the file says."""
        return tuple(_day_words(text) for text in (self.base, self.old, self.new))  # type: ignore[return-value]


def _day_words(text: str) -> str:
    try:
        return date(dt.date.fromisoformat(text)) if len(text) == 10 else text
    except ValueError:
        return text


@dataclass(slots=True)
class PlannedItem:
    """One item of the file, with everything that would happen to it.

    `problem` is at hand only while the item is decided: of twenty thousand nobody keeps more than ids.
    """

    code: str
    title: str
    sheet: str
    row: int
    problem: Any = None
    pk: int | None = None
    standing: int = 0  # the version that it has today
    version: int = 0
    export: int = 0
    open: frozenset[str] = frozenset()
    note: tuple[str, int | None] | None = None
    measures: list[tuple[str, str]] = field(default_factory=list)
    changes: list[CellChange] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)  # what was changed although it is only shown
    raw: dict[str, str] = field(default_factory=dict)  # of one not taken over: given back with the reason

    @property
    def outcome(self) -> ItemOutcome:
        if self.faults:
            return ItemOutcome.ERROR
        if self.conflicts:
            return ItemOutcome.CONFLICT
        if self.changes:
            return ItemOutcome.CHANGED
        return ItemOutcome.NEW if self.note or self.measures else ItemOutcome.UNCHANGED

    @property
    def conflicts(self) -> list[CellChange]:
        return [change for change in self.changes if change.conflict]

    @property
    def settled(self) -> list[CellChange]:
        return [change for change in self.changes if not change.conflict]

    def accepted(self, choices: Mapping[str, str]) -> list[CellChange]:
        """The changes to carry out: of a conflict only what somebody chose to write over."""
        return [
            change
            for change in self.changes
            if not change.conflict or choices.get(f"{self.code}.{change.key}") == MINE
        ]

    def does_something(self, choices: Mapping[str, str]) -> bool:
        return not self.faults and bool(self.note or self.measures or self.accepted(choices))

    @property
    def acts(self) -> int:
        """How many it takes to carry all of it out."""
        changing = {change.key in OF_TEXT for change in self.changes}
        return bool(self.note) + len(self.measures) + len(changing)

    @property
    def plain(self) -> list[Any]:
        changes = [change.plain for change in self.changes]
        return [
            self.code,
            self.standing,
            self.note,
            self.measures,
            changes,
            [fault.words for fault in self.faults],
        ]


@dataclass
class MergePlan:
    """Everything an upload would do to one ledger; `digest` tells whether it still is what was shown."""

    report: Any
    items: list[PlannedItem]
    faults: list[Fault]  # of rows that belong to no item

    @cached_property
    def digest(self) -> str:
        said = (canonical(item.plain) for item in self.items)
        told = (canonical([fault.words, fault.row]) for fault in self.faults)
        return digest_of_texts(chain(said, told))

    def of(self, outcome: str) -> list[PlannedItem]:
        return [item for item in self.items if item.outcome == outcome]

    @property
    def new(self) -> list[PlannedItem]:
        return self.of(ItemOutcome.NEW)

    @property
    def changed(self) -> list[PlannedItem]:
        return self.of(ItemOutcome.CHANGED)

    @property
    def unchanged(self) -> list[PlannedItem]:
        return self.of(ItemOutcome.UNCHANGED)

    @property
    def conflicts(self) -> list[PlannedItem]:
        return self.of(ItemOutcome.CONFLICT)

    @property
    def errors(self) -> list[PlannedItem]:
        return self.of(ItemOutcome.ERROR)

    @property
    def notices(self) -> list[Fault]:
        """What was changed in the file although it is only shown there."""
        return [notice for item in self.items for notice in item.notices]

    @property
    def all_faults(self) -> list[Fault]:
        """Every fault, in the order of the file."""
        of_items: Iterable[Fault] = (fault for item in self.items for fault in item.faults)
        return sorted([*self.faults, *of_items], key=lambda fault: (fault.sheet, fault.row, fault.letter))

    @property
    def counts(self) -> dict[str, int]:
        counts = {str(outcome): len(self.of(outcome)) for outcome in ItemOutcome}
        strangers = {fault.code or f"{fault.sheet}!{fault.row}" for fault in self.faults}
        counts[ItemOutcome.ERROR] += len(strangers)
        return {name: counts[name] for name in ("new", "changed", "unchanged", "conflicts", "errors")}

    @property
    def too_much(self) -> str:
        """Why it is not carried out at once; empty when it can be."""
        if sum(item.acts for item in self.items if not item.faults) <= MAX_ACTS:
            return ""
        return (
            "这份文件要写入的改动太多，一次办不完，没有导入任何内容。"
            "请按单位拆成几份（下载填报表时可以按单位筛选），分别上传。"
        )

    def applicable(self, choices: Mapping[str, str]) -> list[PlannedItem]:
        return [item for item in self.items if item.does_something(choices)]

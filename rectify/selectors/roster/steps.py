"""What loading a roster would do: steps, each a new row or the difference to an old one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rectify.digests import canonical
from rectify.models import Holiday, Leader, Membership, Unit, User
from rectify.selectors.roster.rows import HOLIDAYS, LEADERS, PEOPLE, UNITS, Fault


@dataclass(frozen=True)
class Difference:
    heading: str
    old: str
    new: str


@dataclass
class UnitPlace:
    """A unit that is there, or one that the sheet adds: `unit` is filled when it is made."""

    name: str
    short: str
    parent: UnitPlace | None
    unit: Unit | None
    row: int = 0

    @property
    def words(self) -> str:
        return f"{self.parent.words}/{self.name}" if self.parent else self.name


@dataclass
class Step:
    """One thing to do; `values` are what the row is to hold, `differences` what they change."""

    sheet: str
    row: int
    label: str
    old: Any  # the row that is there, or None
    values: dict[str, Any]
    differences: list[Difference] = field(default_factory=list)
    place: UnitPlace | None = None
    username: str = ""
    second: bool = False  # waits for a second person

    @property
    def is_new(self) -> bool:
        return self.old is None

    @property
    def does_nothing(self) -> bool:
        return self.old is not None and not self.differences


@dataclass
class RosterPlan:
    """The steps of each sheet in the order of its rows, and every fault; nothing is written."""

    units: list[Step] = field(default_factory=list)
    accounts: list[Step] = field(default_factory=list)
    posts: list[Step] = field(default_factory=list)
    leaders: list[Step] = field(default_factory=list)
    holidays: list[Step] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __iter__(self) -> Any:
        yield from (self.units, self.accounts, self.posts, self.leaders, self.holidays)

    @property
    def steps(self) -> list[Step]:
        return [step for steps in self for step in steps if not step.does_nothing]

    @property
    def groups(self) -> list[tuple[str, list[Step], list[Step]]]:
        """Each kind with what is new and what changes."""
        names = (UNITS, f"{PEOPLE}：账号", f"{PEOPLE}：任职", LEADERS, HOLIDAYS)
        return [
            (name, [one for one in steps if one.is_new], [one for one in steps if one.differences])
            for name, steps in zip(names, self, strict=True)
        ]

    @property
    def unchanged(self) -> int:
        return sum(step.does_nothing for steps in self for step in steps)

    @property
    def second(self) -> int:
        """How many posts wait for a second person."""
        return sum(step.second for step in self.steps)

    @property
    def words(self) -> str:
        """新增单位 3 个、账号 5 个；改动任职 1 项."""
        nouns = ("单位", "账号", "任职", "责任领导", "节假日")
        new = _counted(nouns, [len(one) for _, one, _ in self.groups])
        changed = _counted(nouns, [len(one) for _, _, one in self.groups])
        parts = [f"新增{new}" if new else "", f"改动{changed}" if changed else ""]
        return "；".join(filter(None, parts)) or "与系统里的一致，没有要改动的内容"

    @property
    def digest(self) -> str:
        """Of everything it would do: what a person has looked at is what is loaded."""
        text = canonical(
            [[one.sheet, one.row, one.label, one.is_new, *map(_plain, one.differences)] for one in self.steps]
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(difference: Difference) -> list[str]:
    return [difference.heading, difference.old, difference.new]


def _counted(nouns: Iterable[str], counts: Iterable[int]) -> str:
    return "、".join(f"{noun} {count} 项" for noun, count in zip(nouns, counts, strict=True) if count)


Stored = Unit | User | Membership | Leader | Holiday


def differences(old: Stored | None, values: dict[str, Any], headings: dict[str, str]) -> list[Difference]:
    """What a sheet says otherwise than the row; what the sheet leaves blank stays as it is."""
    if old is None:
        return []
    found = []
    for name, heading in headings.items():
        new, before = values.get(name), getattr(old, name)
        if new not in (None, "") and new != before:
            found.append(Difference(heading, _shown(before), _shown(new)))
    return found


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "（空）" if value in (None, "") else str(value)

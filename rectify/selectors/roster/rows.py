"""What a roster says, row by row, and what is wrong with a row: plain values, no model."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

UNITS, PEOPLE, LEADERS, HOLIDAYS = "单位", "人员", "责任领导", "节假日"
SHEETS = (UNITS, PEOPLE, LEADERS, HOLIDAYS)


class Fault(NamedTuple):
    """What a person must put right: where it stands, why it will not do, and the remedy."""

    sheet: str
    row: int
    heading: str
    value: str
    reason: str
    remedy: str

    @property
    def where(self) -> str:
        return f"“{self.sheet}”第 {self.row} 行" if self.row else f"“{self.sheet}”"

    @property
    def words(self) -> str:
        quoted = f"（{self.value}）" if self.value else ""
        return f"{self.where}“{self.heading}”{quoted}：{self.reason}。{self.remedy}。"


@dataclass(frozen=True)
class UnitRow:
    row: int
    name: str
    parent: str = ""
    short: str = ""


@dataclass(frozen=True)
class PersonRow:
    """One post of one person; whoever holds two has two rows."""

    row: int
    name: str
    username: str
    unit: str
    role: str
    phone: str = ""
    active: bool = True


@dataclass(frozen=True)
class LeaderRow:
    row: int
    post: str
    unit: str
    username: str = ""
    rank: int | None = None
    active: bool = True


@dataclass(frozen=True)
class HolidayRow:
    row: int
    day: str  # ISO
    name: str
    is_workday: bool = False


@dataclass(frozen=True)
class HalfRow:
    """A row with a cell that could not be read, and what its other cells say."""

    sheet: str
    row: int
    values: dict[str, Any]


@dataclass
class Roster:
    """All rows of a workbook, and what could not be read of it."""

    units: list[UnitRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    leaders: list[LeaderRow] = field(default_factory=list)
    holidays: list[HolidayRow] = field(default_factory=list)
    half_rows: list[HalfRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.people or self.leaders or self.holidays)


class Repeats:
    """Notices what an earlier row of a table has named already."""

    def __init__(
        self,
        sheet: str,
        heading: str,
        faults: list[Fault],
        like: str = "重复",
        remedy: str = "请删去其中一行",
    ) -> None:
        self._sheet, self._heading, self._faults = sheet, heading, faults
        self._like, self._remedy = like, remedy
        self._rows: dict[Hashable, int] = {}

    def repeats(self, row: int, value: str, *keys: Hashable) -> bool:
        """Whether one of the keys has been named before; then a fault says where."""
        first = next((self._rows[key] for key in keys if key in self._rows), 0)
        if first:
            reason = f"与第 {first} 行{self._like}"
            self._faults.append(Fault(self._sheet, row, self._heading, value, reason, self._remedy))
            return True
        self._rows |= dict.fromkeys(keys, row)
        return False

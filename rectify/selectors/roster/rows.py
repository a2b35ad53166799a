"""What a roster says, row by row, and what is wrong with a row: plain values, no model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

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


@dataclass
class Roster:
    """All rows of a workbook, and what could not be read of it."""

    units: list[UnitRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    leaders: list[LeaderRow] = field(default_factory=list)
    holidays: list[HolidayRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.people or self.leaders or self.holidays)

"""What the names and words of a problem's assignment mean here: what the item gets, what stays words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rectify import wording
from rectify.choices import Kind
from rectify.intake.parser import facts
from rectify.intake.review.assignment import Assignment
from rectify.intake.review.edited import PROBLEM, Item, Part
from rectify.papers.deadlines import Deadline, all_at_once, kind_of, read_deadline
from rectify.papers.holidays import holiday_words
from rectify.xlsx.values import read_day

if TYPE_CHECKING:
    from rectify.models import Leader, Unit
    from rectify.papers.names import Names

DEADLINE_MAX = 100  # of the words that are shown in the ledger


@dataclass(frozen=True)
class Reading:
    """Some words of the report, what they are taken for (empty: a person's turn), and what is in doubt."""

    said: str
    taken: str = ""
    note: str = ""
    is_open: bool = True  # the note is one for a person to settle

    @property
    def differs(self) -> bool:
        return bool(self.taken and self.said and self.taken != self.said)


@dataclass(frozen=True)
class Understood:
    """What a problem gets; the first of several named answers for it, the others support."""

    said: Assignment
    deadline: Deadline
    year: int
    leader_of: dict[str, Leader | None]
    unit_of: dict[str, Unit | None]
    new_leaders: Sequence[str] = ()  # names of which one is made when the report is loaded
    new_units: Sequence[str] = ()

    @property
    def leaders(self) -> list[Leader]:
        return list(dict.fromkeys(row for row in self.leader_of.values() if row))

    @property
    def units(self) -> list[Unit]:
        return list(dict.fromkeys(row for row in self.unit_of.values() if row))

    @property
    def unknown(self) -> list[str]:
        """Names that nobody is taken for."""
        return [*self._unknown_leaders, *self._unknown_units]

    @property
    def _unknown_leaders(self) -> list[str]:
        return _nobody(self.leader_of, self.new_leaders)

    @property
    def _unknown_units(self) -> list[str]:
        return _nobody(self.unit_of, self.new_units)

    @property
    def day(self) -> dt.date | None:
        return self.deadline.day

    @property
    def kind(self) -> tuple[Kind, bool]:
        """The type, and whether the problem also stands for good."""
        given = kind_of(
            at_once=all_at_once([self.deadline]), standing=self.deadline.standing, dated=self.day is not None
        )
        return given or (Kind.BY_DATE, False)

    @property
    def is_standing(self) -> bool:
        """It stands for good from the beginning, and is looked at again after `deadline.every` months."""
        return self.kind[0] == Kind.STANDING and not self.said.is_begun_anew

    @property
    def is_undated(self) -> bool:
        """There are words for a deadline, and neither a day nor a type comes of them."""
        return bool(self.said.words) and not self.deadline.says_when

    @property
    def doubt(self) -> str:
        """What a person should look at in the words of the deadline."""
        if self.said.day is not None or not self.said.words:
            return ""
        if self.deadline.doubt:
            holiday = holiday_words(self.said.words, self.year)
            return f"{self.deadline.doubt}（{holiday}）" if holiday else self.deadline.doubt
        return f"没有写年份，按 {self.year} 年理解" if self.deadline.assumed else ""

    @property
    def remark(self) -> str:
        """What the report says and no field holds."""
        cut = self.said.words if len(self.said.words) > DEADLINE_MAX else ""
        parts = (
            ("责任领导", "、".join(self._unknown_leaders)),
            ("责任单位", "、".join(self._unknown_units)),
            ("完成时限", cut),
        )
        lines = [f"{label}：{words}" for label, words in parts if words]
        by_whom = "核对时填写" if self.said.is_typed else "报告写明"
        return f"{by_whom}{'；'.join(lines)}。" if lines else ""

    @property
    def fields(self) -> dict[str, Any]:
        """What `operations.problems.add` is given of it."""
        if not self.said.is_named:
            return {}
        kind, also_standing = self.kind
        plain = self.day is not None and read_day(self.said.words) == self.day
        values = {
            "kind": kind,
            "also_standing": also_standing,
            "deadline": self.day,
            "deadline_text": "" if plain else self.said.words[:DEADLINE_MAX],
            "leader": next(iter(self.leaders), None),
            "supporting_leaders": list(self.leaders[1:]),
            "lead_unit": next(iter(self.units), None),
            "supporting_units": list(self.units[1:]),
            "remark": self.remark,
        }
        return {name: value for name, value in values.items() if value}

    @property
    def key(self) -> str:
        """Differs when something else would be stored."""
        who = [[row.pk for row in rows] for rows in (self.leaders, self.units)]
        return repr((who, self.day, self.kind, self.is_standing, self.deadline.every))

    @property
    def lines(self) -> list[tuple[str, Sequence[Reading]]]:
        """What the page shows of it: a label with the words of the report and what they are taken for."""
        leaders = [_reading(name, row, self.new_leaders) for name, row in self.leader_of.items()]
        units = [_reading(name, row, self.new_units) for name, row in self.unit_of.items()]
        rows = (("责任领导", leaders), ("责任单位", units), ("完成时限", self._when()))
        return [(label, readings) for label, readings in rows if readings]

    @property
    def _kinds(self) -> list[Kind]:
        """What the words say besides a day."""
        kind, also_standing = self.kind
        besides = ((kind, kind != Kind.BY_DATE), (Kind.STANDING, also_standing))
        return [each for each, holds in besides if holds]

    def _when(self) -> list[Reading]:
        if not (self.said.words or self.day):
            return []
        words = [wording.date(self.day)] if self.day else []
        words += [str(kind.label) for kind in self._kinds]
        if self.is_standing and not self.doubt:
            return [Reading(self.said.words, "，".join(words), "定期回头看", is_open=False)]
        return [Reading(self.said.words, "，".join(words), self.doubt if words else "没有日期")]


def understand(said: Assignment, names: Names | None, year: int) -> Understood:
    """`year` is the one meant where a deadline names none."""
    deadline = read_deadline(said.words, year)
    if said.day is not None:
        deadline = replace(deadline, day=said.own_day, days=(), doubt="", assumed=False)
    if names is None:
        return Understood(said, deadline, year, dict.fromkeys(said.leaders), dict.fromkeys(said.units))
    return Understood(
        said,
        deadline,
        year,
        {name: names.leader(name) for name in said.leaders},
        {name: names.unit(name) for name in said.units},
        [name for name in names.new_leaders if name in said.leaders],
        [name for name in names.new_units if name in said.units],
    )


def is_assigned(item: Item) -> bool:
    """Somebody says who answers for it, or by when."""
    return item.kind == PROBLEM and item.assignment.is_named


def text_beside(item: Item) -> str:
    """Its text, without who and when where that is shown beside it."""
    return facts.without(item.text) if is_assigned(item) else item.text


def own_deadline(part: Part, year: int) -> dt.date | None:
    """The day that a measure names for itself (完成时限：3月底前)."""
    return read_deadline(part.deadline_text, year).day if part.deadline_text else None


def _nobody(rows: Mapping[str, Any], new: Sequence[str]) -> list[str]:
    return [name for name, row in rows.items() if row is None and name not in new]


def _reading(name: str, row: Leader | Unit | None, new: Sequence[str]) -> Reading:
    if name in new:
        return Reading(name, name, "将新增", is_open=False)
    return Reading(name, str(row)) if row else Reading(name, note="没有对应")

"""Who answers for a problem, and by when, in the words of the report, while a person looks it over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from rectify.intake.parser.facts import Facts


@dataclass
class Assignment:
    """`day` is what a person said of the deadline: a day as ISO, "" for none, or None: what its words say."""

    leaders: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    words: str = ""
    day: str | None = None

    @classmethod
    def of(cls, facts: Facts) -> Self:
        return cls(list(facts.leaders), list(facts.units), facts.deadline_text)

    @property
    def is_named(self) -> bool:
        """The report, or the person, says something of it."""
        return bool(self.leaders or self.units or self.words or self.day)

    @property
    def own_day(self) -> dt.date | None:
        return dt.date.fromisoformat(self.day) if self.day else None

    def copy(self) -> Assignment:
        return Assignment(list(self.leaders), list(self.units), self.words, self.day)

    def joined(self, other: Assignment) -> Assignment:
        """Of two problems that become one: everybody, all words, and the later of the days people named."""
        return Assignment(
            _each_once([*self.leaders, *other.leaders]),
            _each_once([*self.units, *other.units]),
            "；".join(_each_once(filter(None, (self.words, other.words)))),
            max(filter(None, (self.day, other.day)), default=None),
        )


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))

"""Who answers for a problem, and by when, in the words of the report, while a person looks it over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from rectify.intake.parser.parsed import ParsedProblem


@dataclass
class Assignment:
    """`day` is what a person said of the deadline: a day as ISO, "" for none, or None: what its words say.
    `is_begun_anew` says that what is to stand for good is worked on first, as any other problem,
    `is_typed` that a person wrote names or words that the report does not."""

    leaders: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    words: str = ""
    day: str | None = None
    is_begun_anew: bool = False
    is_typed: bool = False

    @classmethod
    def of(cls, problem: ParsedProblem) -> Self:
        """Words for a deadline that one of its measures has for its own are the measure's."""
        of_measures = {piece.deadline_text for piece in problem.measures}
        words = problem.facts.deadline_text
        own = "；".join(part for part in words.split("；") if part not in of_measures)
        return cls(list(problem.facts.leaders), list(problem.facts.units), own or words)

    @property
    def is_named(self) -> bool:
        """The report, or the person, says something of it."""
        return bool(self.leaders or self.units or self.words or self.day)

    @property
    def own_day(self) -> dt.date | None:
        return dt.date.fromisoformat(self.day) if self.day else None

    def copy(self) -> Assignment:
        return replace(self, leaders=list(self.leaders), units=list(self.units))

    def joined(self, other: Assignment) -> Assignment:
        """Of two problems that become one: everybody, all words, and the later of the days people named."""
        return Assignment(
            _each_once([*self.leaders, *other.leaders]),
            _each_once([*self.units, *other.units]),
            "；".join(_each_once(filter(None, (self.words, other.words)))),
            max(filter(None, (self.day, other.day)), default=None),
            self.is_begun_anew or other.is_begun_anew,
            self.is_typed or other.is_typed,
        )


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))

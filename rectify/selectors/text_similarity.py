"""How much problems resemble each other: same aspect, similar title. A hint for people, decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rectify.models import Problem

# Share of equal pairs of characters from which titles count as similar.
SAME_ASPECT, OTHER_ASPECT = 45, 65
MOST = 5  # shown for one problem


@dataclass(frozen=True)
class Resemblance:
    """A problem, an earlier one it resembles, and why."""

    problem: Problem
    other: Problem
    percent: int
    same_aspect: bool

    @property
    def words(self) -> str:
        aspect = "查摆方面相同，" if self.same_aspect else ""
        return f"{aspect}题目相似 {self.percent}%"


def resembling(problems: Sequence[Problem], others: Sequence[Problem]) -> list[Resemblance]:
    """For each problem the one it resembles most, where there is one that it resembles enough."""
    pairs = [(other, _pairs(other.title), _aspect(other)) for other in others]
    found = []
    for problem in problems:
        mine, aspect = _pairs(problem.title), _aspect(problem)
        best = None
        for other, theirs, other_aspect in pairs:
            same = bool(aspect & other_aspect)
            percent = _likeness(mine, theirs)
            if percent >= (SAME_ASPECT if same else OTHER_ASPECT) and (
                best is None or percent > best.percent
            ):
                best = Resemblance(problem, other, percent, same)
        if best is not None:
            found.append(best)
    return found


def earlier(problem: Problem, others: Sequence[Problem]) -> list[Resemblance]:
    """All that one problem resembles enough, the most alike first."""
    found = [one for other in others for one in resembling([problem], [other])]
    return sorted(found, key=lambda one: -one.percent)[:MOST]


def _pairs(title: str) -> set[str]:
    """Neighbouring characters, without spaces and punctuation."""
    letters = "".join(letter for letter in title if letter.isalnum())
    return {letters[place : place + 2] for place in range(len(letters) - 1)} or {letters}


def _likeness(mine: set[str], theirs: set[str]) -> int:
    total = len(mine) + len(theirs)
    return round(200 * len(mine & theirs) / total) if total else 0


def _aspect(problem: Problem) -> set[str]:
    return {problem.aspect.title, problem.aspect.short} - {""} if problem.aspect else set()

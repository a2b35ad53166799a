"""Placeholders in the texts of an outline: where they still stand, and the texts with them filled."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from rectify.intake.review.assignment import Assignment
from rectify.intake.review.edited import EditedOutline, Gap, Part

CONTEXT = 14


@dataclass(frozen=True)
class Occurrence:
    """One placeholder with the words around it; `position` counts all placeholders of the report."""

    position: int
    gap: Gap
    before: str
    after: str


@dataclass(frozen=True)
class GapGroup:
    """Placeholders of one wording, with the value that all of them have, if they have one."""

    text: str
    occurrences: list[Occurrence]

    @property
    def value(self) -> str:
        values = {occurrence.gap.value for occurrence in self.occurrences}
        return values.pop() if len(values) == 1 else ""

    @property
    def filled(self) -> int:
        return sum(bool(occurrence.gap.value) for occurrence in self.occurrences)


def gap_groups(outline: EditedOutline, source: str) -> list[GapGroup]:
    """The placeholders by their wording, in the order in which each first stands."""
    groups: dict[str, list[Occurrence]] = {}
    for position, gap in enumerate(outline.gaps):
        before = source[max(0, gap.start - CONTEXT) : gap.start].rpartition("\n")[2]
        after = source[gap.end : gap.end + CONTEXT].partition("\n")[0]
        groups.setdefault(gap.text, []).append(Occurrence(position, gap, before, after))
    return [GapGroup(text, rows) for text, rows in groups.items()]


def filled(outline: EditedOutline, source: str) -> EditedOutline:
    """A copy in which every placeholder that has a value is replaced by it."""
    copy = deepcopy(outline)
    if not any(gap.value for gap in copy.gaps):
        return copy
    for row in copy.kept_places():
        gaps = [gap for gap in copy.gaps if row.start <= gap.start < row.end]
        row.title = fill_text(row.title, gaps, source)
    for item in copy.kept():
        gaps = [gap for gap in copy.gaps if item.start <= gap.start < item.end]
        item.text = fill_text(item.text, gaps, source)
        for part in (*item.manifestations, *item.measures):
            part.text = fill_text(part.text, _of(part, gaps), source)
        _fill_assignment(item.assignment, gaps)
    return copy


def _fill_assignment(said: Assignment, gaps: Sequence[Gap]) -> None:
    """Names have no place of their own: filled is a wording that has one value in the whole piece."""
    values: dict[str, set[str]] = {}
    for gap in gaps:
        values.setdefault(gap.text, set()).add(gap.value)
    known = {text: found.copy().pop() for text, found in values.items() if len(found) == 1}

    def fill(words: str) -> str:
        for text, value in known.items():
            words = words.replace(text, value or text)
        return words

    said.leaders, said.units = [fill(name) for name in said.leaders], [fill(name) for name in said.units]
    said.words = fill(said.words)


def fill_text(text: str, gaps: Sequence[Gap], source: str) -> str:
    """Replace the placeholders that stand in a text, in their order.

    Each is looked for from where the one before it ended; when the text was edited, so that it holds
    fewer of them, the neighbouring characters tell which one is which.
    """
    pieces: list[str] = []
    cursor = 0
    exact = sum(text.count(words) for words in {gap.text for gap in gaps}) == len(gaps)
    for gap in gaps:
        found = text.find(gap.text, cursor)
        while found >= 0 and not exact and not _same_place(text, found, gap, source):
            found = text.find(gap.text, found + 1)
        if found < 0:
            continue
        pieces += [text[cursor:found], gap.value or gap.text]
        cursor = found + len(gap.text)
    return "".join(pieces) + text[cursor:]


def unfilled(outline: EditedOutline) -> int:
    """Placeholders without a value that stand in pieces which will be loaded."""
    kept = [(row.start, row.end) for row in outline.kept_places()]
    return sum(not gap.value and any(start <= gap.start < end for start, end in kept) for gap in outline.gaps)


def _of(part: Part, gaps: Sequence[Gap]) -> list[Gap]:
    return [gap for gap in gaps if part.start <= gap.start < part.end]


def _same_place(text: str, found: int, gap: Gap, source: str) -> bool:
    """The character before and the one after are those of the source; an edge agrees with anything."""
    before, after = text[found - 1 : found], text[found + len(gap.text) : found + len(gap.text) + 1]
    if before and source[gap.start - 1 : gap.start] not in (before, "\n"):
        return False
    return not after or source[gap.end : gap.end + 1] in (after, "\n")

"""What a heading and a section of a report are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from rectify.intake.parser.headings import CAUSES, DIRECTIONS, OTHER, PREAMBLE, PROBLEMS
from rectify.intake.parser.rows import Row, Text

ORDER = {PROBLEMS: 0, CAUSES: 1, DIRECTIONS: 2}
UNMARKED = 5  # the rank of a heading without a number: outside 一、, inside a part
LONGEST = 60


@dataclass(frozen=True)
class Heading:
    index: int
    row: Row
    kinds: tuple[str, ...]
    title: str
    begin: int  # where the section's own text begins
    rank: int
    strict: bool  # every word of it is a heading's word
    is_sentence: bool = False  # it ends in a full stop

    @property
    def inline(self) -> bool:
        """Text of the section follows on the heading's line."""
        return self.begin < self.row.end


@dataclass(frozen=True)
class Section:
    """`kinds` names what it holds; `context` is a heading around it that names an aspect."""

    kinds: tuple[str, ...]
    title: str
    begin: int
    end: int
    heading: Row | None = None
    context: Row | None = None
    key: str = ""
    aspect: Row | None = None  # the heading itself, where it names an aspect: 作风方面存在的问题


def unknown(text: Text, row: Row, index: int) -> Heading:
    """A heading that no known word explains."""
    stop = text.stop(row.body, row.end)
    rank = row.marker.rank if row.marker else UNMARKED
    return Heading(
        index, row, (OTHER,), text.text[row.body : stop][:LONGEST], min(stop + 1, row.end), rank, False
    )


def preamble(rows: list[Row], end: int) -> list[Section]:
    """What stands before the first section."""
    begin = rows[0].start
    return [Section((PREAMBLE,), "开头部分", begin, end)] if end > begin else []


def with_keys(sections: list[Section]) -> list[Section]:
    """A key that names a left-out section from one parse to the next."""
    keyed = []
    seen: Counter[str] = Counter()
    for section in sections:
        kind = section.kinds[0]
        seen[kind] += 1
        keyed.append(replace(section, key=f"{kind}-{seen[kind]}"))
    return [section for section in keyed if section.kinds != ("context",)]

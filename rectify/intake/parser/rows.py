"""The lines of a source prepared for reading its structure: offsets, and the number each opens with."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from rectify.intake.parser import markers, sequences
from rectify.intake.parser.markers import Marker
from rectify.intake.parser.parsed import Line, Place, Source

TITLE_LINES = 4
CLOSING = " \t\n。；，、;,：:"
SENTENCE_END = "。：；:;！？!?"


@dataclass(frozen=True)
class Row:
    """A line, or what is left of it behind a heading: `start` to `end` in the text; words begin at `body`."""

    line: Line
    start: int
    end: int
    marker: Marker | None

    @property
    def body(self) -> int:
        return self.marker.after if self.marker else self.start


@dataclass(frozen=True)
class Text:
    """The whole text, with the offsets of its lines."""

    text: str
    lines: tuple[Line, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, source: Source) -> Text:
        return cls(source.text, source.lines, tuple(line.start for line in source.lines))

    def rows(self) -> list[Row]:
        return sequences.settled(self.text, [self.row(line, line.start) for line in self.lines])

    def row(self, line: Line, start: int) -> Row:
        """The row of a line from `start` on."""
        end = line.start + len(line.text)
        while start < end and self.text[start] == " ":
            start += 1
        whole = start == line.start
        marker = markers.at_start(
            self.text, start, end, line.style if whole else "", line.marker if whole else ""
        )  # fmt: skip
        # A row of a table is no numbered line; what stands in one of its cells may be.
        return Row(line, start, end, None if line.cells and whole else marker)

    def line_at(self, offset: int) -> Line:
        return self.lines[max(0, bisect_right(self.starts, offset) - 1)]

    def place(self, start: int, end: int) -> Place:
        return Place(start, end, self.line_at(start).number)

    def stripped(self, start: int, end: int) -> tuple[int, int]:
        """Without the signs that part a stretch from what stands around it."""
        while start < end and self.text[start] in CLOSING:
            start += 1
        while end > start and self.text[end - 1] in CLOSING:
            end -= 1
        return start, end

    def stop(self, start: int, end: int, signs: str = SENTENCE_END) -> int:
        """Where the first clause ends: at one of these signs, a full stop between words, or the end."""
        position = start
        while position < end:
            char = self.text[position]
            if char == "\n" or (char in signs and not self._between_digits(position, start, end)):
                return position
            if char in ".．" and "。" in signs and self._closes(position, end):
                return position
            position += 1
        return end

    def _between_digits(self, position: int, start: int, end: int) -> bool:
        """8:30 and 1：2 are one word."""
        return (
            start < position < end - 1
            and self.text[position - 1].isdigit()
            and self.text[position + 1].isdigit()
        )

    def _closes(self, position: int, end: int) -> bool:
        before = self.text[position - 1] if position else ""
        after = self.text[position + 1] if position + 1 < end else "\n"
        return "\u4e00" <= before <= "\u9fff" and (
            "\u4e00" <= after <= "\u9fff" or after in " \n" or after.isdigit()
        )


def title_rows(rows: Sequence[Row]) -> list[Row]:
    """The first lines up to a number, a table or a sentence: the paper's title and who wrote it."""
    return list(takewhile(_may_be_title, rows[:TITLE_LINES]))


def _may_be_title(row: Row) -> bool:
    return row.marker is None and not row.line.cells and "。" not in row.line.text


def physical(line: Line, offset: int) -> int:
    """The number of the line of the file on which an offset of the text stands."""
    number = line.number
    for at, own in line.breaks:
        if offset - line.start >= at:
            number = own
    return number


def after(rows: Sequence[Row], text: Text, start: int, end: int) -> list[Row]:
    """The rows of a stretch of text; a line that begins before it counts from there on."""
    out: list[Row] = []
    first = bisect_right(rows, start, key=lambda row: row.end)
    last = bisect_left(rows, end, key=lambda row: row.start)
    for row in rows[first:last]:
        out.append(replace(text.row(row.line, start), end=row.end) if row.start < start else row)
    return [row for row in out if row.start < row.end]

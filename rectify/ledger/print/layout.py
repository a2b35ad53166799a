"""Rows of a problem's block: how many, how high, and which of them are merged into one cell."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

LINE = 15.0  # points; a line of 10.5 pt takes 13 in 仿宋, 15 in the tallest of the fonts that stand in for it
PADDING = 6.0
ROW_LIMIT = 409.0  # points; Excel shows no higher row
MAX_LINES = int((ROW_LIMIT - PADDING) // LINE)
TALL_LINES = 8  # lines of a row in a block that no page holds: low rows fill pages to their end


def row_points(lines: int) -> float:
    """The height of a row that shows that many lines."""
    return lines * LINE + PADDING


def block_lines(measure_lines: list[int], problem_lines: int, cap: int = MAX_LINES) -> list[list[int]]:
    """For each measure the lines of its rows: one row where the text fits, none of more than `cap` lines.

    A text too high for one row goes on over following rows of the same merged cell. What the
    problem's own cells need beyond their measures is shared out evenly, then added as rows.
    """
    spans = [_split(lines, cap) for lines in measure_lines]
    missing = problem_lines - sum(map(sum, spans))
    if missing <= 0:
        return spans
    room = sum(cap - lines for span in spans for lines in span)
    if missing > room:
        spans[-1] += [0] * -(-(missing - room) // cap)
    while missing > 0:
        open_rows = sum(lines < cap for span in spans for lines in span)
        share = -(-missing // open_rows)
        for span in spans:
            for index, lines in enumerate(span):
                extra = min(share, cap - lines, missing)
                span[index] += extra
                missing -= extra
    return spans


def _split(lines: int, cap: int) -> list[int]:
    rows = -(-lines // cap)
    return [lines // rows + (index < lines % rows) for index in range(rows)]


class Pages:
    """Keeps a problem's rows on one page: a break before a block that the page has no room for."""

    BREAK_LIMIT = 1_000  # Excel takes 1,026

    def __init__(self, capacity: float, repeated: float) -> None:
        self.capacity = capacity
        self.repeated = repeated  # the headings at the top of every following page
        self.breaks: list[int] = []  # the last row before each break
        self._used = 0.0
        self._first = 0  # the row before the first block below the headings
        self._last: tuple[int, float] = (0, 0.0)  # the block placed last: the row before it, its height

    def holds(self, lines: int) -> bool:
        """Whether a block of that many lines fits on a page at all."""
        return row_points(lines) + self.repeated <= self.capacity

    def place(self, heights: list[float], row_before: int) -> None:
        """Put rows that belong together after `row_before`."""
        total = sum(heights)
        self._first = self._first or row_before
        self._last = row_before, total
        if self._used + total <= self.capacity:
            self._used += total
            return
        if self._used > self.repeated and total + self.repeated <= self.capacity:
            if len(self.breaks) < self.BREAK_LIMIT:
                self.breaks.append(row_before)
            self._used = self.repeated + total
            return
        self._last = row_before, self.capacity
        for height in heights:  # more than a page: it breaks by itself, between rows
            if self._used + height > self.capacity:
                self._used = self.repeated
            self._used += height

    def close(self, heights: list[float], row_before: int) -> None:
        """Put the foot: where it would stand on a page alone, the last block goes over with it."""
        before, block = self._last
        together = self.repeated + block + sum(heights)
        alone = self._used + sum(heights) > self.capacity
        shares = self._used > self.repeated + block and before != self._first
        if alone and shares and together <= self.capacity:
            if len(self.breaks) < self.BREAK_LIMIT:
                self.breaks.append(before)
            self._used = together
            return
        self.place(heights, row_before)


class Merges:
    """Spans of merged rows, kept as numbers (eight bytes each) until the sheet's end."""

    def __init__(self, letters: list[str]) -> None:
        self.letters = letters
        self._rows = array("I")

    def add(self, first: int, last: int) -> None:
        if last > first and self.letters:
            self._rows.extend((first, last))

    def __len__(self) -> int:
        return len(self._rows) // 2 * len(self.letters)

    def references(self) -> Iterator[str]:
        """One `mergeCell` element for each span and column, a span at a time."""
        template = "".join(f'<mergeCell ref="{letter}@:{letter}#"/>' for letter in self.letters)
        for index in range(0, len(self._rows), 2):
            first, last = self._rows[index], self._rows[index + 1]
            yield template.replace("@", str(first)).replace("#", str(last))

"""How high the rows of a printed form are, and which of them begin a page."""

from __future__ import annotations

LINE = 15.0  # points; a line of 10.5 pt takes 13 in 仿宋, 15 in the tallest of the fonts that stand in for it
PADDING = 6.0
ROW_LIMIT = 409.0  # points; Excel shows no higher row
MAX_LINES = int((ROW_LIMIT - PADDING) // LINE)
ROW_SHARE = 4  # a row takes at most this part of a page: what is higher goes on in a following row
LEAST_LINES, LEAST_TAIL = 3, 2  # of a row that begins at the end of a page, and of what follows it
POOR = 0.87  # a page that would end here has too much blank paper


def row_points(lines: int) -> float:
    """The height of a row that shows that many lines."""
    return lines * LINE + PADDING


def lines_a_row(page: float) -> int:
    """How many lines a row may have on a page of so many points."""
    return max(2, min(MAX_LINES, int((page / ROW_SHARE - PADDING) // LINE)))


class Pages:
    """Breaks pages before a row that has no room: rows are low, so pages are full."""

    BREAK_LIMIT = 1_000  # Excel takes 1,026

    def __init__(self, capacity: float, repeated: float) -> None:
        self.capacity = capacity
        self.repeated = repeated  # the headings at the top of every following page
        self.breaks: list[int] = []  # the last row before each break
        self._used = 0.0
        self._first = 0  # the row before the first one below the headings
        self._last: tuple[int, float] = (0, 0.0)  # what was placed last: the row before it, its height

    @property
    def room(self) -> float:
        """What is left of the page."""
        return self.capacity - self._used

    @property
    def is_poor(self) -> bool:
        return self._used < POOR * self.capacity

    def place(self, heights: list[float], row_before: int) -> None:
        """Put rows that belong together after `row_before`."""
        total = sum(heights)
        self._first = self._first or row_before
        self._last = row_before, total
        if self._used + total <= self.capacity:
            self._used += total
            return
        if self._used > self.repeated and total + self.repeated <= self.capacity:
            self._break(row_before)
            self._used = self.repeated + total
            return
        self._last = row_before, self.capacity
        for height in heights:  # more than a page: it breaks by itself, between rows
            if self._used + height > self.capacity:
                self._used = self.repeated
            self._used += height

    def close(self, heights: list[float], row_before: int) -> None:
        """Put the foot: where it would stand on a page alone, the last row goes over with it."""
        before, block = self._last
        together = self.repeated + block + sum(heights)
        alone = self._used + sum(heights) > self.capacity
        shares = self._used > self.repeated + block and before != self._first
        if alone and shares and together <= self.capacity:
            self._break(before)
            self._used = together
            return
        self.place(heights, row_before)

    def _break(self, row: int) -> None:
        if len(self.breaks) < self.BREAK_LIMIT:
            self.breaks.append(row)

"""The table every benchmark prints: work, limit or peer, ours, ratio, goal, met?

Both figures of a row are seconds of one run on one machine (or MiB beside a limit), so that the ratio means
the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHOWN: list[Row] = []  # of this run
HEADINGS = ("work", "limit or peer", "ours", "ratio", "goal", "met?")


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of work beside what it is measured against; `goal` is the largest ratio that will do."""

    work: str
    peer: str
    peer_seconds: float
    ours_seconds: float
    goal: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        return self.ours_seconds / self.peer_seconds if self.peer_seconds else float("inf")

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal

    def cells(self) -> tuple[str, ...]:
        return (
            self.work,
            f"{self.peer} {self._shown(self.peer_seconds)}",
            self._shown(self.ours_seconds),
            f"{self.ratio:.2f} x",
            f"<= {self.goal:.3g} x",
            "yes" if self.met else "NO",
        )

    def _shown(self, value: float) -> str:
        return _seconds(value) if self.unit == "s" else f"{value:.3g} {self.unit}"


def show(rows: Sequence[Row], told: tuple[str, ...] = ()) -> None:
    """The rows now, and once more in the whole table at the end of the run; a goal that is not met fails,
    unless it is only `told` of work that begins so."""
    print()
    print_table(rows)
    SHOWN.extend(rows)
    assert [row.work for row in rows if not row.met and not row.work.startswith(told)] == []


def print_table(rows: Iterable[Row]) -> None:
    """The rows below their headings, in columns wide enough for their longest cell."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.2f} ms"

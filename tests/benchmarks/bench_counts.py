"""What an overview counts, beside one GROUP BY of all problems: today, after a write, and on past days."""

from __future__ import annotations

from pathlib import Path

import pytest

from .databases import FEW, SIZE, build, measured
from .table import Row, show

ROUNDS = 3
WEIGHTY = 1_000_000  # the size the goals are set for: below, pages cost more than counting


@pytest.mark.parametrize("size", sorted({FEW, SIZE}))
def test_counts_cost_a_part_of_counting(databases: Path, size: int) -> None:
    rows = measured(build(databases, size), "counts", ROUNDS)
    show([Row(f"{work}, {size:,}", *cells) for work, *cells in rows], told=("",) if size < WEIGHTY else ())

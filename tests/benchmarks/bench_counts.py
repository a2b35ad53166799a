"""What an overview counts, beside one GROUP BY of all problems: today, after a write, and on past days."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .databases import FEW, SIZE, build, run
from .table import Row, show

ROUNDS = 3
WEIGHTY = 1_000_000  # the size the goals are set for: below, pages cost more than counting
NOT_REACHED = (
    "page of another past day",
    "page compared with another day",
)  # not known of a million: docs/decisions/0012


@pytest.mark.parametrize("size", sorted({FEW, SIZE}))
def test_counts_cost_a_part_of_counting(databases: Path, size: int) -> None:
    printed = run(build(databases, size), "tests.benchmarks.counts_worker", str(ROUNDS))
    rows = [Row(f"{work}, {size:,}", *cells) for work, *cells in json.loads(printed.splitlines()[-1])]
    show(rows)
    if size >= WEIGHTY:
        assert [row.work for row in rows if not row.met and not row.work.startswith(NOT_REACHED)] == []

"""What people open at 1,000 items and at many: the list by every filter and order, search, pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from .databases import FEW, SIZE, build, measured
from .table import Row, print_table, show

ROUNDS = 3
LIST, SEARCH = 2.0, 3.0
MANY = ("list ", "search: ")  # too many for the whole table: the worst of each stands there
# What counts whole ledgers has goals of its own in bench_counts; these are told beside it.
TOLD = ("dashboard", "briefing", "matrix", "comparison", "health", "past day")
MILLION_SECONDS = 900.0


def test_pages_hold_from_a_thousand_items_to_many(databases: Path) -> None:
    few, many = (measured(build(databases, size), "growth", ROUNDS) for size in (FEW, SIZE))
    rows = [
        Row(name, f"{FEW:,} items", few[name], many[name], SEARCH if "search" in name else LIST)
        for name in many
    ]
    print()
    print_table(rows)
    worst = [max((row for row in rows if row.work.startswith(kind)), key=ratio) for kind in MANY]
    show([*worst, *(row for row in rows if not row.work.startswith(MANY))], TOLD)


def ratio(row: Row) -> float:
    return row.ratio


def test_a_million_items_are_made_in_a_quarter_of_an_hour(databases: Path) -> None:
    """From the time of many; what is the same for every size is left out."""
    if SIZE <= FEW:
        pytest.skip("Nothing to reckon from.")
    for size in (FEW, SIZE):
        build(databases, size)
    seconds = {size: float((databases / f"{size}.ready").read_text() or 0) for size in (FEW, SIZE)}
    each = (seconds[SIZE] - seconds[FEW]) / (SIZE - FEW)
    show([Row("make_load of a million", "limit", MILLION_SECONDS, each * 1_000_000, 1.0)])

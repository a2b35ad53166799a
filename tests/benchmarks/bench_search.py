"""The list at 1,000 items and at many, under every filter and order; search; a returned copy; make_load.

`SIZE` says how many (100,000); `SCALE_DATA` keeps the databases for a second run.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.benchmarks import bench_import
from tests.benchmarks.bench_scale import COUNTIES, FEW, OFFICES, build, run
from tests.benchmarks.table import Row, print_table

SIZE = int(os.environ.get("SIZE", "100000"))
ROUNDS = 3
LIST, SEARCH = 2.0, 3.0
MILLION_SECONDS = 900.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("SCALE_DATA")
    found = Path(kept) if kept else tmp_path_factory.mktemp("search")
    found.mkdir(parents=True, exist_ok=True)
    return found


def test_list_and_search_hold_from_a_thousand_items_to_many(folder: Path) -> None:
    sizes = {"few": FEW, "many": SIZE}
    databases = [build(folder, name, size, OFFICES, COUNTIES) for name, size in sizes.items()]
    few, many = (
        json.loads(run(one, "tests.benchmarks.search_worker", str(ROUNDS)).splitlines()[-1])
        for one in databases
    )
    rows = [
        Row(f"{name}, {SIZE:,}", f"{FEW:,}", few[name], many[name], SEARCH if "search" in name else LIST)
        for name in many
    ]
    print()
    print_table(rows)
    assert [row.work for row in rows if not row.met] == []


def test_a_returned_copy_is_loaded_together(tmp_path: Path) -> None:
    figures = bench_import.measured(tmp_path)
    rows = [
        Row("3,000 returned rows", "notes one by one", figures["one_by_one"], figures["carried_out"], 0.25),
        Row("300 full rows of a grid", "acts one by one", figures["full_by_hand"], figures["full"], 0.3),
    ]
    a_row = [figures["statements"] / 3000, figures["full_statements"] / 300]
    print()
    print_table(rows)
    print(f"{a_row[0]:.2f} and {a_row[1]:.2f} statements a row, at most 2")
    assert all(row.met for row in rows)
    assert max(a_row) <= 2


def test_a_million_items_in_a_quarter_of_an_hour(folder: Path) -> None:
    """From the time of many; what is the same for every size is left out."""
    seconds = {name: float((folder / f"{name}.ready").read_text() or 0) for name in ("few", "many")}
    each = (seconds["many"] - seconds["few"]) / (SIZE - FEW)
    print()
    print_table([Row("make_load of a million", "limit", MILLION_SECONDS, each * 1_000_000, 1.0)])
    assert each * 1_000_000 <= MILLION_SECONDS

"""What an overview counts, beside one GROUP BY of all problems: today, after a write, and on past days.

`SIZE` says how many items there are (100,000), `SCALE_DATA` keeps the databases in a folder, so that a second
run only measures. The databases are SQLite files, or with `DATABASE_URL` databases of that server.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from .bench_scale import COUNTIES, OFFICES, build, run
from .table import Row, print_table

SIZE = int(os.environ.get("SIZE", "100000"))
ROUNDS = 3
WEIGHTY = 1_000_000  # the size the goals are set for: below, pages cost more than counting
NOT_REACHED = (
    "page of another past day",
    "page compared with another day",
)  # not known of a million: docs/decisions/0012


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("SCALE_DATA")
    return Path(kept) if kept else tmp_path_factory.mktemp("counts")


def test_counts_cost_a_part_of_counting(folder: Path) -> None:
    environ = build(folder, "many", SIZE, OFFICES, COUNTIES)
    printed = run(environ, "tests.benchmarks.counts_worker", str(ROUNDS))
    rows = [Row(*cells) for cells in json.loads(printed.splitlines()[-1])]
    print(f"\n{SIZE:,} items")
    print_table(rows)
    if SIZE >= WEIGHTY:
        assert [row.work for row in rows if not row.met and row.work not in NOT_REACHED] == []

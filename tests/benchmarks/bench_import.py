"""A returned ledger of 3,000 rows: planned beside openpyxl's reading of the same file, then loaded."""

from __future__ import annotations

from pathlib import Path

from .databases import alone, measured
from .table import Row, show

ROWS, FULL_ROWS = 3_000, 300
TIMES_RAW = 3
OF_ONE_BY_ONE = 0.25
OF_THE_LOAD = 1 / 3
STATEMENTS = 2  # a row
LOAD_SECONDS = 10
PEAK_MIB = 512


def test_loading_costs_a_quarter_of_acts_one_by_one(tmp_path: Path) -> None:
    did = measured(alone(tmp_path / "data"), "import", tmp_path)
    each, full = did["statements"] / ROWS, did["full_statements"] / FULL_ROWS
    peak = max(did["peak_mib"], did["child_peak_mib"])
    assert did["counts"] == {"new": 2700, "changed": 300, "unchanged": 0, "conflicts": 0, "errors": 0}
    show(
        [
            Row("plan of 3,000 returned rows", "read by openpyxl", did["raw"], did["plan"], TIMES_RAW),
            Row("load of 3,000", "notes one by one", did["one_by_one"], did["carried_out"], OF_ONE_BY_ONE),
            Row("a row of them", "limit", STATEMENTS, each, 1, "statements"),
            Row("plan and load of 3,000", "limit", LOAD_SECONDS, did["load"], 1),
            Row("of it others wait during", "plan and load", did["load"], did["held"], OF_THE_LOAD),
            Row("memory of plan and load", "limit", PEAK_MIB, peak, 1, "MiB"),
            Row("300 full rows of a grid", "one by one", did["full_by_hand"], did["full"], OF_ONE_BY_ONE),
            Row("a row of a grid", "limit", STATEMENTS, full, 1, "statements"),
        ]
    )

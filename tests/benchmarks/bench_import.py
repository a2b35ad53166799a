"""A returned ledger of 3,000 rows: planned beside openpyxl's reading of the same file, then loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from .table import Row, show

ROOT = Path(__file__).resolve().parents[2]
TIMES_RAW = 3
OF_ONE_BY_ONE = 0.25
STATEMENTS = 2  # a row
LOAD_SECONDS = 10
PEAK_MIB = 512


def measured(folder):
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.import_worker", str(folder)],
        cwd=ROOT,
        env=environment | {"DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_planning_costs_at_most_three_raw_readings_and_loading_ten_seconds(tmp_path):
    figures = measured(tmp_path)
    ratio = figures["plan"] / figures["raw"]
    print(
        f"\n  3,000 rows: export {figures['export']} s, openpyxl raw {figures['raw']} s,"
        f" plan {figures['plan']} s ({ratio:.2f} of raw), load {figures['load']} s;"
        f" peak {figures['peak_mib']} MiB,"
        f" child {figures['child_peak_mib']} MiB",
        end="",
    )
    carried, by_hand = figures["carried_out"], figures["one_by_one"]
    show(
        [
            Row(
                "plan of 3,000 returned rows", "read by openpyxl", figures["raw"], figures["plan"], TIMES_RAW
            ),
            Row("load of 3,000 returned rows", "notes one by one", by_hand, carried, OF_ONE_BY_ONE),
            Row(
                "300 full rows of a grid",
                "acts one by one",
                figures["full_by_hand"],
                figures["full"],
                OF_ONE_BY_ONE,
            ),
        ]
    )
    print(f"{figures['statements'] / 3000:.2f} statements a row, at most {STATEMENTS}")
    assert carried <= OF_ONE_BY_ONE * by_hand
    assert figures["full"] <= OF_ONE_BY_ONE * figures["full_by_hand"]
    assert figures["statements"] <= STATEMENTS * 3000 and figures["full_statements"] <= STATEMENTS * 300
    assert figures["counts"] == {"new": 2700, "changed": 300, "unchanged": 0, "conflicts": 0, "errors": 0}
    assert ratio <= TIMES_RAW
    assert figures["load"] <= LOAD_SECONDS
    assert max(figures["peak_mib"], figures["child_peak_mib"]) <= PEAK_MIB

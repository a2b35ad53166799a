"""Verifying a record ten times as long: at most ten times the CPU (and a little), and hardly more memory.

`RECORD_ENTRIES` is the length of the long one; a million takes half an hour to make. `RECORD_DATA` keeps the
databases in a folder, so that a second run only measures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = int(os.environ.get("RECORD_ENTRIES", "50000"))
TIMES = 10
LONGER = 1.3  # per entry
MORE = 1.6  # of the memory: caches fill, nothing grows with the record
A_MILLION = 120.0  # seconds of CPU


def run(environ: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=7200
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def measured(folder: Path, entries: int) -> dict[str, Any]:
    place = folder / str(entries)
    environ = os.environ | {"DATA_DIR": str(place)}
    environ.pop("DATABASE_URL", None)
    if not (place / "rectify.sqlite3").exists():
        place.mkdir(parents=True)
        run(environ, "tests.benchmarks.make_record", str(entries))
    figures: dict[str, Any] = json.loads(run(environ, "tests.benchmarks.record_worker"))
    assert figures["breaks"] == [] and figures["entries"] >= entries
    return figures


@pytest.mark.long
def test_verification_is_linear_in_time_and_bounded_in_memory(tmp_path: Path) -> None:
    folder = Path(os.environ.get("RECORD_DATA") or tmp_path)
    short, long = measured(folder, ENTRIES // TIMES), measured(folder, ENTRIES)
    each = [figures["cpu"] / figures["entries"] for figures in (short, long)]
    print(f"\nshort {short}\nlong  {long}\na million: {each[1] * 1_000_000:.0f} s of CPU")
    assert each[1] <= LONGER * each[0]
    assert long["peak_mib"] <= MORE * short["peak_mib"]
    if ENTRIES >= 1_000_000:
        assert long["cpu"] <= A_MILLION

"""Verifying a record ten times as long: at most ten times the CPU (and a little), and hardly more memory.

`RECORD_ENTRIES` is the length of the long one; a million takes half an hour to make.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from .databases import alone, measured, run
from .table import Row, show

ENTRIES = int(os.environ.get("RECORD_ENTRIES", "50000"))
TIMES = 10
LONGER = 1.3  # per entry
MORE = 1.6  # of the memory: caches fill, nothing grows with the record
A_MILLION = 120.0  # seconds of CPU


@pytest.mark.long
def test_verification_is_linear_in_time_and_bounded_in_memory(databases: Path) -> None:
    short, long = (
        verified(databases / f"record-{entries}", entries) for entries in (ENTRIES // TIMES, ENTRIES)
    )
    each = [figures["cpu"] / figures["entries"] for figures in (short, long)]
    rows = [
        Row(f"verify an entry of {ENTRIES:,}", f"of {ENTRIES // TIMES:,}", *each, LONGER),
        Row(
            "memory of verifying",
            f"of {ENTRIES // TIMES:,}",
            short["peak_mib"],
            long["peak_mib"],
            MORE,
            "MiB",
        ),
        Row("verify a million entries", "limit", A_MILLION, each[1] * 1_000_000, 1),
    ]
    show(rows, told=("verify a million",) if ENTRIES < 1_000_000 else ())


def verified(folder: Path, entries: int) -> dict[str, Any]:
    environ = alone(folder)
    if not (folder / "rectify.sqlite3").exists():
        folder.mkdir(parents=True)
        run(environ, "tests.benchmarks.make_record", str(entries))
    figures: dict[str, Any] = measured(environ, "record")
    assert figures["breaks"] == [] and figures["entries"] >= entries
    return figures

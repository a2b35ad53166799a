"""The evidence pack of 2,000 files streams with flat memory; verification and bulk work fit in a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rectify.operations.bulk import LIMIT

from .databases import alone, measured
from .table import Row, show

FEW, MANY, KILOBYTES = 200, 2000, 128
PROBLEMS = 3000
TIMES_ZIPFILE = 3
GROWN_MIB, GROWN_MORE_MIB = 48, 24
A_REQUEST, A_PREVIEW = 10, 2  # seconds


def test_a_pack_of_2000_files_streams_with_flat_memory(tmp_path: Path) -> None:
    few, many = step(tmp_path, "pack", FEW, KILOBYTES), step(tmp_path, "pack", MANY, KILOBYTES)
    assert many["mib"] > MANY * KILOBYTES / 1024
    grown = [figures["peak"] - figures["before"] for figures in (few, many)]
    show(
        [
            Row("pack of 2,000 files", "zipfile", many["zipfile"], many["seconds"], TIMES_ZIPFILE),
            Row("its first byte", "limit", A_PREVIEW, many["first"], 1),
            Row("memory that it adds", "limit", GROWN_MIB, grown[1], 1, "MiB"),
            Row("more than 200 files add", "limit", GROWN_MORE_MIB, max(0, grown[1] - grown[0]), 1, "MiB"),
        ]
    )


def test_a_ledger_of_3000_problems_is_filed_and_verified_within_a_request(tmp_path: Path) -> None:
    did = step(tmp_path, "verify", PROBLEMS)
    assert did["found"], did["said"]
    show(
        [
            Row("ledger of 3,000 problems filed", "limit", A_REQUEST, did["file"], 1),
            Row("it verified, one cell changed", "limit", A_REQUEST, did["verify"], 1),
        ]
    )


def test_the_most_that_one_bulk_act_takes_stays_within_a_request(tmp_path: Path) -> None:
    did = step(tmp_path, "bulk", LIMIT)
    assert did["items"] == LIMIT
    show(
        [
            Row(f"{LIMIT:,} items in bulk, planned", "limit", A_PREVIEW, did["plan"], 1),
            Row(f"{LIMIT:,} items in bulk, applied", "limit", A_REQUEST, did["apply"], 1),
        ]
    )


def step(folder: Path, *what: object) -> dict[str, Any]:
    return dict(measured(alone(folder / "-".join(map(str, what))), "pack", *what))

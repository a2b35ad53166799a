"""The evidence pack of 2,000 files streams with flat memory; verification and bulk work fit in a request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from rectify.operations.bulk import LIMIT

ROOT = Path(__file__).resolve().parents[2]


def run(tmp_path: Path, *what: object) -> dict:
    folder = tmp_path / "-".join(map(str, what))
    folder.mkdir()
    environment = os.environ | {"DATA_DIR": str(folder)}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.benchmarks.pack_worker", *map(str, what)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_a_pack_of_2000_files_streams_with_flat_memory(tmp_path):
    few, many = run(tmp_path, "pack", 200, 128), run(tmp_path, "pack", 2000, 128)
    for one in (few, many):
        print(
            f"\npack: {one['files']} files, {one['mib']:.0f} MiB in {one['seconds']:.1f} s"
            f" (zipfile {one['zipfile']:.1f} s), first byte after {one['first']:.2f} s,"
            f" memory {one['before']:.0f} -> {one['peak']:.0f} MiB"
        )
    assert many["mib"] > 2000 * 128 / 1024
    assert many["peak"] - many["before"] < 48
    assert many["peak"] - few["peak"] < 24
    assert many["seconds"] < 3 * many["zipfile"] + 3


def test_a_ledger_of_3000_problems_is_filed_and_verified_within_a_request(tmp_path):
    one = run(tmp_path, "verify", 3000)
    print(
        f"\nverify: {one['problems']} problems filed in {one['file']:.1f} s,"
        f" verified in {one['verify']:.1f} s"
    )
    assert one["found"], one["said"]
    assert one["file"] < 10 and one["verify"] < 10


def test_the_most_that_one_bulk_act_takes_stays_within_a_request(tmp_path):
    one = run(tmp_path, "bulk", LIMIT)
    print(f"\nbulk: {one['items']} items planned in {one['plan']:.2f} s, applied in {one['apply']:.1f} s")
    assert one["items"] == LIMIT
    assert one["plan"] < 2 and one["apply"] < 10

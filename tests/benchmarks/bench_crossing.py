"""A large office from SQLite into PostgreSQL and back: processor time and memory of each step, equal rows.

What the commands use is told, not what the database server does.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
from pathlib import Path

import pytest

from tests import scratch
from tests.installation import MANAGE, Installation
from tests.postgres_server import cluster, find_binaries

from .databases import SIZE, build
from .table import Row, show

PEAK_MIB = 128
COUNTS = (
    "{m._meta.db_table: m._base_manager.count() for m in"
    " __import__('django').apps.apps.get_models(include_auto_created=True)}"
)
RECORD = "rectify_auditentry"


def test_there_and_back(databases: Path, tmp_path: Path) -> None:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("No PostgreSQL on this machine.")
    build(databases, SIZE)
    here, back = Installation(databases / str(SIZE)), Installation(tmp_path / "back")
    folder = Path(scratch.folder())
    folder.chmod(0o755)
    try:
        with cluster(binaries, folder) as running:
            there = Installation(tmp_path / "there", running.make("crossing"))
            for house in (there, back):
                house.folder.mkdir()
                house.must("migrate", "-v0")
            out, home = (str(tmp_path / name) for name in ("out.tar.gz", "home.tar.gz"))
            rows = [
                step("backup of SQLite", here, "backup", out),
                step("restore into PostgreSQL, verified", there, "restore", out),
                step("backup of PostgreSQL", there, "backup", home),
                step("restore into SQLite, verified", back, "restore", home),
            ]
            before, between, after = (house.query(COUNTS) for house in (here, there, back))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(before)} tables, {sum(before.values())} rows, of them {before[RECORD]} entries")
    for restores, counts in ((1, between), (2, after)):  # each is an entry of its own
        assert counts == before | {RECORD: before[RECORD] + restores}
    show(rows)


def step(words: str, house: Installation, *command: str) -> Row:
    status, used = waited_for(house, *command)
    assert status == 0, command
    print(f"{words}: {used.ru_utime + used.ru_stime:.0f} s of CPU", flush=True)
    return Row(f"{words}, memory", "limit", PEAK_MIB, used.ru_maxrss / 1024, 1, "MiB")


def waited_for(house: Installation, *command: str) -> tuple[int, resource.struct_rusage]:
    """How the command ended, and what it alone has used."""
    pid = os.posix_spawn(sys.executable, [*MANAGE, *command], house.environment)
    _, status, used = os.wait4(pid, 0)
    return status, used

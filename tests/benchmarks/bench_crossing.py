"""A large office from SQLite into PostgreSQL and back: processor time and memory of each step, equal rows.

`SIZE` says how many items; `LOADED` names a folder whose database make_load has filled already. What the
commands use is told, not what the database server does.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import scratch
from tests.installation import MANAGE, ROOT, Installation
from tests.postgres_server import cluster, find_binaries

PROBLEMS = os.environ.get("SIZE", "100000")
COUNTS = (
    "{m._meta.db_table: m._base_manager.count() for m in"
    " __import__('django').apps.apps.get_models(include_auto_created=True)}"
)
RECORD = "rectify_auditentry"


def test_there_and_back(tmp_path: Path) -> None:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("No PostgreSQL on this machine.")
    here, back = loaded(tmp_path / "here"), Installation(tmp_path / "back")
    folder = Path(scratch.folder())
    folder.chmod(0o755)
    try:
        with cluster(binaries, folder) as running:
            there = Installation(tmp_path / "there", running.make("crossing"))
            for house in (there, back):
                house.folder.mkdir()
                house.must("migrate", "-v0")
            out, home = (str(tmp_path / name) for name in ("out.tar.gz", "home.tar.gz"))
            told("backup of SQLite", here, "backup", out)
            told("restore into PostgreSQL, verified", there, "restore", out)
            told("backup of PostgreSQL", there, "backup", home)
            told("restore into SQLite, verified", back, "restore", home)
            before, between, after = (house.query(COUNTS) for house in (here, there, back))
            print({name: f"{Path(name).stat().st_size / 2**20:.0f} MB" for name in (out, home)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(before)} tables, {sum(before.values())} rows, of them {before[RECORD]} entries")
    for restores, counts in ((1, between), (2, after)):  # each is an entry of its own
        assert counts == before | {RECORD: before[RECORD] + restores}


def loaded(folder: Path) -> Installation:
    """The large office on SQLite."""
    if given := os.environ.get("LOADED"):
        return Installation(Path(given))
    folder.mkdir()
    house = Installation(folder)
    load = [sys.executable, "-m", "tests.benchmarks.make_load", "--problems", PROBLEMS]
    subprocess.run(load, cwd=ROOT, env=house.environment, check=True, capture_output=True)
    return house


def told(words: str, house: Installation, *command: str) -> None:
    status, used = waited_for(house, *command)
    assert status == 0, command
    print(
        f"{words}: {used.ru_utime + used.ru_stime:.0f} s of CPU, {used.ru_maxrss / 1024:.0f} MB at most",
        flush=True,
    )


def waited_for(house: Installation, *command: str) -> tuple[int, resource.struct_rusage]:
    """How the command ended, and what it alone has used."""
    pid = os.posix_spawn(sys.executable, [*MANAGE, *command], house.environment)
    _, status, used = os.wait4(pid, 0)
    return status, used

"""A large office from SQLite into PostgreSQL and back: processor time of each step, the same rows at the end.

`SIZE` says how many items. The time of the commands alone is told, not that of the database server.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import scratch
from tests.installation import ROOT, Installation
from tests.postgres_server import cluster, find_binaries

PROBLEMS = os.environ.get("SIZE", "100000")
COUNTS = (
    "{m._meta.db_table: m._base_manager.count() for m in"
    " __import__('django').apps.apps.get_models(include_auto_created=True)"
    " if m._meta.db_table not in ('rectify_auditentry', 'django_session')}"
)


def test_there_and_back(tmp_path: Path) -> None:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("No PostgreSQL on this machine.")
    here, back = Installation(tmp_path / "here"), Installation(tmp_path / "back")
    for house in (here, back):
        house.folder.mkdir()
    load = [sys.executable, "-m", "tests.benchmarks.make_load", "--problems", PROBLEMS]
    subprocess.run(load, cwd=ROOT, env=here.environment, check=True, capture_output=True)
    folder = Path(scratch.folder())
    folder.chmod(0o755)
    try:
        with cluster(binaries, folder) as running:
            there = Installation(tmp_path / "there", running.make("crossing"))
            there.folder.mkdir()
            for house in (there, back):
                house.must("migrate", "-v0")
            one, two = (str(tmp_path / name) for name in ("one.tar.gz", "two.tar.gz"))
            told("backup of SQLite", here, "backup", one)
            told("restore into PostgreSQL, verified", there, "restore", one)
            told("backup of PostgreSQL", there, "backup", two)
            told("restore into SQLite, verified", back, "restore", two)
            assert here.query(COUNTS) == there.query(COUNTS) == back.query(COUNTS)
            print({name: f"{Path(name).stat().st_size / 2**20:.0f} MB" for name in (one, two)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def told(words: str, house: Installation, *command: str) -> None:
    began, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = house.run(*command, timeout=3600)
    assert done.returncode == 0, done.stdout + done.stderr
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
    print(f"{words}: {used:.0f} s of CPU, {time.monotonic() - wall:.0f} s by the clock", flush=True)

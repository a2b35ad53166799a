"""The dashboard over a whole city, beside the same page with the indexes of keys and unique rules only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROBLEMS = 100_000
TIMES_FASTER = 5
QUERIES = 15


def run(folder: Path, *command: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"DATA_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """With our indexes, and without, on copies of one database."""
    folder, bare = tmp_path_factory.mktemp("indexed"), tmp_path_factory.mktemp("bare")
    run(folder, "manage.py", "migrate", "-v0")
    run(folder, "-m", "tests.benchmarks.make_load", "--problems", str(PROBLEMS))
    for name in ("rectify.sqlite3", "secret_key"):
        shutil.copy(folder / name, bare / name)
    ours = json.loads(run(folder, "-m", "tests.benchmarks.dashboard_worker", "5").splitlines()[-1])
    other = json.loads(run(bare, "-m", "tests.benchmarks.dashboard_worker", "3", "bare").splitlines()[-1])
    for person, figure in ours.items():
        print(f"\n  {person}: {figure['ms']:.0f} ms, {figure['queries']} queries", end="")
        print(
            f"; {other[person]['ms']:.0f} ms without, {other[person]['ms'] / figure['ms']:.1f} times", end=""
        )
    return ours, other


def test_the_dashboard_asks_few_questions(figures):
    ours, _ = figures
    assert all(figure["queries"] <= QUERIES for figure in ours.values())


def test_the_dashboard_of_a_city_is_much_faster_than_without_our_indexes(figures):
    ours, other = figures
    assert other["city_office"]["ms"] / ours["city_office"]["ms"] >= TIMES_FASTER

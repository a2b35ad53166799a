"""The dashboard over a whole city, beside the same page with the indexes of keys and unique rules only.

The other page shows the same numbers (that is checked) in a copy of the same database, from which every
index is dropped that Django or the database does not make by itself for a foreign key, a primary key or a
unique rule, and in which no counts are kept: the numbers are then grouped from the problems and their
history, in as few queries as ours. What the kept counts cost a write is in bench_crowd. Sizes, folder and
database as in bench_scale.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from .bench_scale import COUNTIES, OFFICES, PROBLEMS, build, environment, run

TIMES_FASTER = 5
QUERIES = 15
ROUNDS = 7


def bare_copy(folder: Path, many: dict[str, str]) -> dict[str, str]:
    """The same rows in a database of their own."""
    environ = environment(folder, "bare")
    Path(environ["DATA_DIR"]).mkdir(exist_ok=True)
    if "DATABASE_URL" in environ:
        import psycopg

        source, target = (re.sub(r".*/|\?.*", "", one["DATABASE_URL"]).encode() for one in (many, environ))
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(b"DROP DATABASE IF EXISTS " + target)
            connection.execute(b"CREATE DATABASE " + target + b" TEMPLATE " + source)
    for name in ("rectify.sqlite3", "secret_key"):
        if (path := Path(many["DATA_DIR"]) / name).exists():
            shutil.copy(path, environ["DATA_DIR"])
    return environ


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """As it is, and bare, on copies of one database."""
    kept = os.environ.get("SCALE_DATA")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("dashboard")
    many = build(folder, "many", PROBLEMS, OFFICES, COUNTIES)
    bare = bare_copy(folder, many)
    worker = "tests.benchmarks.dashboard_worker"
    ours = json.loads(run(many, worker, str(ROUNDS)).splitlines()[-1])
    other = json.loads(run(bare, worker, str(ROUNDS), "bare").splitlines()[-1])
    for person, figure in ours.items():
        ratio = other[person]["ms"] / figure["ms"]
        print(
            f"\n  {PROBLEMS:,} items, {person}: {figure['ms']:.0f} ms, {figure['queries']} queries;"
            f" bare {other[person]['ms']:.0f} ms, {ratio:.1f} times",
            end="",
        )
    return ours, other


def test_the_dashboard_asks_few_questions(figures):
    ours, _ = figures
    assert all(figure["queries"] <= QUERIES for figure in ours.values())


def test_both_show_the_same_numbers(figures):
    ours, other = figures
    assert all(figure["digest"] == other[person]["digest"] for person, figure in ours.items())


def test_the_dashboard_of_a_city_is_much_faster_than_without_our_indexes(figures):
    ours, other = figures
    assert other["city_office"]["ms"] / ours["city_office"]["ms"] >= TIMES_FASTER

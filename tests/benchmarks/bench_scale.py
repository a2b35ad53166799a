"""List, item and home at a hundred times the items, and a county inside a large database beside its own.

`SCALE_PROBLEMS` makes the large database smaller for a quick look (the ratios are then of no weight);
`SCALE_DATA` keeps the databases in a folder, so that a second run only measures. The databases are SQLite
files, or with `DATABASE_URL` (see tests/postgres_server.py) databases of that server.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROBLEMS = int(os.environ.get("SCALE_PROBLEMS", "100000"))
FEW = 1000
OFFICES = 1000
COUNTIES = 20
ROUNDS = 9
TURNS = 2
QUERIES = 12
GROWTH = 2.0
OWN = 1.5
LEFT_OUT = "dashboard"  # of a city: measured in bench_dashboard


def environment(folder: Path, name: str) -> dict[str, str]:
    """The database of this name: a file of its own, or one of the server's."""
    found = os.environ | {"DATA_DIR": str(folder / name)}
    if url := os.environ.get("DATABASE_URL"):
        found["DATABASE_URL"] = re.sub(r"/[^/?]+(\?|$)", rf"/scale_{name}\1", url, count=1)
    return found


def run(environ: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=7200
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def build(folder: Path, name: str, problems: int, offices: int, counties: int) -> dict[str, str]:
    environ, ready = environment(folder, name), folder / f"{name}.ready"
    if ready.exists():
        run(environ, "django", "migrate", "--verbosity", "0", "--settings", "rectify.settings")
        return environ
    if "DATABASE_URL" in environ:
        make_database(environ["DATABASE_URL"])
    sizes = ("--problems", str(problems), "--offices", str(offices), "--counties", str(counties))
    told = run(environ, "tests.benchmarks.make_load", *sizes)
    ready.write_text(told.rpartition(" in ")[2].split(" ")[0])
    return environ


def make_database(url: str) -> None:
    import psycopg

    name = url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())


def measured(environ: dict[str, str], *what: str) -> dict[str, dict[str, Any]]:
    return json.loads(run(environ, "tests.benchmarks.scale_worker", str(ROUNDS), *what).splitlines()[-1])


def side_by_side(one: dict[str, str], other: dict[str, str], *what: str) -> tuple[dict, dict]:
    """Both measured in turns, each page by its better turn: what else the machine does in one turn hits one
    of the two, and would be taken for a difference."""
    turns = [(measured(one, *what), measured(other, *what)) for _ in range(TURNS)]
    return tuple(  # type: ignore[return-value]
        {
            page: min((turn[side][page] for turn in turns), key=lambda found: found["ms"])
            for page in turns[0][0]
        }
        for side in (0, 1)
    )


def county_of(environ: dict[str, str]) -> tuple[int, int]:
    """How many items and offices the first county of the large database has."""
    words = (
        "from rectify.models import Problem, Unit; path = Unit.objects.get(name='第1县').path;"
        "print(Problem.objects.filter(report__unit__path__startswith=path).count(),"
        " Unit.objects.filter(path__startswith=path).count())"
    )
    problems, offices = run(
        environ, "django", "shell", "-v0", "-c", words, "--settings", "rectify.settings"
    ).split()
    return int(problems), int(offices)


def compared(title: str, few: dict[str, Any], many: dict[str, Any], limit: float) -> list[str]:
    """Prints the figures; returns what is over a limit."""
    wrong = []
    print(f"\n  {title}")
    for page, large in many.items():
        small = few[page]
        ratio = large["ms"] / small["ms"]
        print(
            f"    {page:<40} {small['ms']:7.1f} ms {large['ms']:7.1f} ms  x{ratio:4.2f}"
            f"  {small['queries']:>2} / {large['queries']:>2} queries"
        )
        if page.startswith(LEFT_OUT):
            continue
        if ratio > limit:
            wrong.append(f"{page}: {ratio:.2f} times, at most {limit}")
        if large["queries"] > QUERIES:
            wrong.append(f"{page}: {large['queries']} queries")
    return wrong


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("SCALE_DATA")
    found = Path(kept) if kept else tmp_path_factory.mktemp("scale")
    found.mkdir(parents=True, exist_ok=True)
    return found


def test_pages_hold_at_a_hundred_times_the_items(folder: Path) -> None:
    few = build(folder, "few", FEW, OFFICES, COUNTIES)
    many = build(folder, "many", PROBLEMS, OFFICES, COUNTIES)
    title = f"{FEW:,} and {PROBLEMS:,} items"
    assert compared(title, *side_by_side(few, many), GROWTH) == []


def test_a_county_pays_nothing_for_the_others(folder: Path) -> None:
    many = build(folder, "many", PROBLEMS, OFFICES, COUNTIES)
    problems, offices = county_of(many)
    own = build(folder, "own", problems, offices + 1, 1)
    title = f"a county of {problems:,} items in a database of its own, and among {PROBLEMS:,}"
    assert compared(title, *side_by_side(own, many, "county"), OWN) == []

"""The databases that benchmarks share, made once by make_load, and what a worker measures of one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SIZE = int(os.environ.get("SIZE", "100000"))
FEW = 1000
OFFICES = 1000
COUNTIES = 20


def environment(folder: Path, name: str) -> dict[str, str]:
    """The database of this name: a file of its own, or one of the server's."""
    environ = os.environ | {"DATA_DIR": str(folder / name)}
    if url := os.environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = re.sub(r"/[^/?]+(\?|$)", rf"/bench_{name}\1", url, count=1)
    return environ


def alone(folder: Path) -> dict[str, str]:
    """A SQLite file in this folder, whatever the others are."""
    environ = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return environ | {"DATA_DIR": str(folder)}


def measured(environ: dict[str, str], worker: str, *arguments: object, given: Any = None) -> Any:
    """What the worker says at its end, in a process of its own."""
    printed = run(environ, f"tests.benchmarks.{worker}_worker", *map(str, arguments), given=json.dumps(given))
    return json.loads(printed.splitlines()[-1])


def run(environ: dict[str, str], *command: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *command],
        cwd=ROOT, env=environ, input=given, capture_output=True, text=True, timeout=14400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def build(folder: Path, problems: int) -> dict[str, str]:
    """The environment of the database with so many items; `<items>.ready` says how long it took to make."""
    name = str(problems)
    environ, ready = environment(folder, name), folder / f"{name}.ready"
    if ready.exists():
        run(environ, "django", "migrate", "--verbosity", "0", "--settings", "rectify.settings")
        return environ
    if "DATABASE_URL" in environ:
        make_database(environ["DATABASE_URL"])
    sizes = ("--problems", name, "--offices", str(OFFICES), "--counties", str(COUNTIES))
    told = run(environ, "tests.benchmarks.make_load", *sizes)
    ready.write_text(told.rpartition(" in ")[2].split(" ")[0])
    return environ


def make_database(url: str) -> None:
    import psycopg

    name = url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())

"""How long writers of one SQLite file wait, with our queue beside SQLite's own waiting; what a POST takes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

from .databases import alone, measured
from .table import Row, show

SECONDS = 6
ROUNDS = 60
OF_BARE, STATEMENTS = 2.5, 18
HELD = 0.35
PYTHON_OF_BARE = 1.4  # by this worker at 65f181d, 26 November 2026; half of it is wanted
PROCESSES = (("12", "transaction"), ("12", "transaction"), ("1", "statement"))


def test_nobody_waits_long(tmp_path: Path) -> None:
    plain = waits("django.db.backends.sqlite3", tmp_path / "plain.sqlite3")
    queued = waits("rectify.sqlite3", tmp_path / "queued.sqlite3")
    show(
        [
            Row(f"{how}, {what}", "SQLite's waiting", rank(plain[how], share), rank(queued[how], share), goal)
            for how, what, share, goal in (
                ("transaction", "99 of 100 within", 0.99, 0.5),
                ("transaction", "longest", 1.0, 0.5),
                ("statement", "half within", 0.5, 0.5),
            )
        ]
    )


def test_a_note_with_evidence_beside_a_bare_post(tmp_path: Path) -> None:
    bare, post, held, python, statements = measured(alone(tmp_path), "lock", ROUNDS)
    show(
        [
            Row("POST of a note with evidence", "bare POST, hashing", bare, post, OF_BARE),
            Row("its statements", "limit", STATEMENTS, statements, 1, "statements"),
            Row("of it others wait during", "the POST", post, held, HELD),
            Row("Python in the lock", "bare POST, hashing", bare, python, PYTHON_OF_BARE / 2),
        ]
    )


def waits(engine: str, path: Path) -> dict[str, list[float]]:
    """Seconds of each write, by what was written; no write is lost."""
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE counted (writes)")
        made.execute("INSERT INTO counted VALUES (0)")
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.queue_worker", engine, str(path)]
    running = [
        (how, subprocess.Popen([*command, str(SECONDS), threads, how], stdout=subprocess.PIPE))
        for threads, how in PROCESSES
    ]
    took: dict[str, list[float]] = {"transaction": [], "statement": []}
    for how, process in running:
        took[how] += json.loads(process.communicate()[0])
    with sqlite3.connect(path) as written:
        assert written.execute("SELECT writes FROM counted").fetchone() == (sum(map(len, took.values())),)
    return took


def rank(took: list[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]

"""How long writers of one SQLite file wait: with our queue beside SQLite's own waiting, and of each POST."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from .table import Row, show

SECONDS = 6
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


def test_others_wait_for_a_small_part_of_a_note_with_evidence(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.lock_worker", "60"]
    done = subprocess.run(
        command, env=environment | {"DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    post, held, python = json.loads(done.stdout)
    print()
    rows = [
        Row("others wait during", "a POST of a note", post, held, 0.35),
        Row("of that in Python", "a POST of a note", post, python, 0.3),
    ]
    show(rows)
    assert all(row.met for row in rows)


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

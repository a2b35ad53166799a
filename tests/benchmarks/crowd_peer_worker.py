"""What the crowd has written, written once more by sqlite3 alone: prints the seconds of one write.

    python -m tests.benchmarks.crowd_peer_worker PROCESSES THREADS FILE_BYTES < {table: last row before}

In a copy of the database the rows of every note with evidence are taken out and inserted again, each note
with its evidence, entry and searched texts in a transaction that also moves the item and the head of the
chain; before it a file of so many bytes is hashed, written and synced with its folder. Nothing is asked,
checked or shown, and nobody sends anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.conf import settings

from rectify.models.search.tables import PAIRS, TABLE, pairs

ROUNDS = 3
NOTES, ENTRIES = "rectify_progressnote", "rectify_auditentry"
TOUCHED = (
    "UPDATE rectify_problem SET reported_at = ? WHERE id = ?",
    "UPDATE rectify_chainhead SET number = number + 1, digest = ? WHERE report_id = ?",
)
Statement = tuple[str, list[tuple[Any, ...]]]
WORK = Path(settings.DATA_DIR) / "raw"


def connect() -> sqlite3.Connection:
    database = sqlite3.connect(WORK / "raw.sqlite3", timeout=60, isolation_level=None)
    database.executescript(settings.SQLITE_OPTIONS["init_command"])
    database.create_function(PAIRS, 2, pairs, deterministic=True)
    return database


def copy() -> None:
    """Bare of the triggers by which nothing of the record can be taken out."""
    WORK.mkdir(exist_ok=True)
    source, target = sqlite3.connect(settings.DATABASES["default"]["NAME"]), connect()
    source.backup(target)
    triggers = target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        if not name.startswith(TABLE):
            target.execute(f'DROP TRIGGER "{name}"')


def writes(before: dict[str, int]) -> list[list[Statement]]:
    """The statements of each write; the rows of a table are dealt to the notes in the order of both."""
    database = connect()
    database.row_factory = sqlite3.Row
    new = {
        table: database.execute(f"SELECT * FROM {table} WHERE rowid > ? ORDER BY rowid", [last]).fetchall()
        for table, last in before.items()
    }
    notes, entries = new[NOTES], new[ENTRIES]
    tables = [table for table, rows in new.items() if len(rows) >= len(notes)]
    return [
        [
            *(_inserted(table, _dealt(new[table], place, len(notes))) for table in tables),
            (TOUCHED[0], [(note["at"], note["problem_id"])]),
            (TOUCHED[1], [(entry["digest"], entry["report_id"])]),
        ]
        for place, (note, entry) in enumerate(zip(notes, entries, strict=False))
    ]


def _dealt(rows: Sequence[Any], place: int, parts: int) -> Sequence[Any]:
    return rows[len(rows) * place // parts : len(rows) * (place + 1) // parts]


def _inserted(table: str, rows: Sequence[Any]) -> Statement:
    marks = ", ".join("?" * len(rows[0]))
    return f"INSERT OR IGNORE INTO {table} VALUES ({marks})", [tuple(row) for row in rows]


def take_out(before: dict[str, int]) -> None:
    database = connect()
    database.execute("PRAGMA foreign_keys=OFF")
    with database:
        for table, last in before.items():
            database.execute(f"DELETE FROM {table} WHERE rowid > ?", [last])


def write_all(share: list[list[Statement]], threads: int, size: int) -> None:
    """One process of several: its threads take the next write each."""
    content, turn, places = os.urandom(size), threading.Lock(), count()

    def work() -> None:
        database = connect()
        for statements in _next(share, places, turn):
            _keep(content)
            database.execute("BEGIN IMMEDIATE")
            for words, rows in statements:
                database.executemany(words, rows)
            database.execute("COMMIT")

    working = [threading.Thread(target=work) for _ in range(threads)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()


def _next(share: list[list[Statement]], places: Iterator[int], turn: Any) -> Iterator[list[Statement]]:
    while True:
        with turn:
            place = next(places)
        if place >= len(share):
            return
        yield share[place]


def _keep(content: bytes) -> str:
    folder = WORK / uuid.uuid4().hex[:2]
    folder.mkdir(exist_ok=True)
    with (folder / uuid.uuid4().hex).open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    return hashlib.sha256(content).hexdigest()


def main(processes: int, threads: int, size: int) -> None:
    before: dict[str, int] = json.load(sys.stdin)
    copy()
    todo = writes(before)
    shares = [todo[place::processes] for place in range(processes)]
    times = []
    with ProcessPoolExecutor(processes) as pool:
        for _ in range(ROUNDS):
            take_out(before)
            began = time.perf_counter()
            for done in [pool.submit(write_all, share, threads // processes, size) for share in shares]:
                done.result()
            times.append((time.perf_counter() - began) / len(todo))
            kept = connect().execute(f"SELECT count(*) FROM {NOTES} WHERE rowid > ?", [before[NOTES]])
            assert kept.fetchone() == (len(todo),)
    print(json.dumps(statistics.median(times)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

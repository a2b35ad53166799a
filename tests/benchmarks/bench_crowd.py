"""Fifty clerks writing progress with evidence while sixteen people read, against the server of `make run`.

Each client is signed in through the form and does one thing after the other without a pause. Required is
that no answer is an error and that everything acknowledged is there once, with its file and its entry in
a chain that verifies; throughput and latencies are printed. `CROWD_SECONDS` shortens the two minutes.
With `DATABASE_URL` the database is one of that server's: `DURABLE=1 python -m tests.postgres_server`
gives one that syncs what it acknowledges, as SQLite does here with synchronous=FULL.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.visitor import CSRF, TOKEN, Visitor, field, multipart, pdf

from .databases import ROOT, make_database, run

SECONDS = float(os.environ.get("CROWD_SECONDS", "120"))
WRITERS, READERS = 50, 16
PROBLEMS, OFFICES, COUNTIES = 2000, 200, 5
FILE_BYTES = 100_000
PASSWORD = "ya-li-ce-shi-1"  # of every account that make_load makes
READING = ("/", "/problems/", "/problems/?light=overdue", "/dashboard/", "item")
ITEM = re.compile(r'href="(/problems/\d+/)"')
SHORT = ("office_1", "city_office", "city_inspector", "leader_1_1", "unit_head_1", "office_2", "leader_2_1")


class Client(threading.Thread):
    """One person with a browser, who does one thing after the other."""

    def __init__(self, port: int, username: str, until: Callable[[], bool]) -> None:
        super().__init__(daemon=True, name=username)
        self.username, self.is_over = username, until
        self.visitor = Visitor(port)
        self.times: dict[str, list[float]] = {}
        self.errors: list[str] = []

    def ask(self, what: str, method: str, path: str, body: bytes | None = None, kind: str = "") -> str:
        """One request and its answer; 200 or a redirect, anything else is an error."""
        started = time.perf_counter()
        answer = self.visitor.ask(method, path, body, kind)
        self.times.setdefault(what, []).append(time.perf_counter() - started)
        if answer.status not in (200, 302):
            raise ValueError(f"{method} {path}: {answer.status} {answer.text[:300]}")
        return answer.location if answer.status == 302 else answer.text

    def run(self) -> None:
        turn = 0
        while not self.is_over():
            try:
                self.act(turn)
            except Exception as error:
                self.errors.append(f"{self.username}: {error!r}")
            turn += 1

    def act(self, turn: int) -> None:
        raise NotImplementedError


class Writer(Client):
    def __init__(self, port: int, username: str, until: Callable[[], bool], items: list[int]) -> None:
        super().__init__(port, username, until)
        self.items = items
        self.acknowledged: list[tuple[int, str, str]] = []

    def act(self, turn: int) -> None:
        """Open the item, write what was done, attach a file."""
        item = self.items[turn % len(self.items)]
        page = self.ask("item, to write", "GET", f"/problems/{item}/")
        text = f"压测 {self.username} 第 {turn + 1} 次：已召开专题会议，逐项对照，压实责任。"
        proof = pdf(FILE_BYTES)
        fields = {
            "csrfmiddlewaretoken": field(CSRF, page),
            "idempotency_key": field(TOKEN, page),
            "text": text,
        }
        body, kind = multipart(fields, proof)
        went = self.ask("write", "POST", f"/problems/{item}/progress/", body, kind)
        assert went.startswith(f"/problems/{item}/"), (
            f"answered with a page and not with the item: {went[:200]}"
        )
        self.acknowledged.append((item, text, hashlib.sha256(proof).hexdigest()))


class Reader(Client):
    item = "/problems/"

    def act(self, turn: int) -> None:
        path = READING[turn % len(READING)]
        page = self.ask(f"read {path}", "GET", self.item if path == "item" else path)
        if path == "/problems/" and (listed := ITEM.search(page)):
            self.item = listed[1]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation with two thousand items, in five counties: ten clerks write into one's ledgers."""
    found = {key: value for key, value in os.environ.items() if key not in ("DEBUG", "SITE_URL", "PORT")}
    found |= {"DATA_DIR": str(tmp_path / "data")}
    if url := os.environ.get("DATABASE_URL"):
        found["DATABASE_URL"] = re.sub(r"/[^/?]+(\?|$)", r"/crowd\1", url, count=1)
        make_database(found["DATABASE_URL"])
    sizes = ("--problems", str(PROBLEMS), "--offices", str(OFFICES), "--counties", str(COUNTIES))
    run(found, "tests.benchmarks.make_load", *sizes)
    return found


@pytest.fixture
def port(environment: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """The server as `make run` starts it, with its background work."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    environ = environment | {"PORT": str(number), "SITE_URL": f"http://127.0.0.1:{number}"}
    log = (tmp_path / "server.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environ, stdout=log, stderr=log
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", number), 1).close()
                break
            except OSError:
                assert server.poll() is None, (tmp_path / "server.log").read_text()
                time.sleep(0.2)
        yield number
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        log.close()


def told(clients: list[Client], seconds: float) -> dict[str, int]:
    """Prints how long each kind of request took, over all clients; returns how many there were."""
    times: dict[str, list[float]] = {}
    for client in clients:
        for what, took in client.times.items():
            times.setdefault(what, []).extend(took)
    for what, took in sorted(times.items()):
        rank = statistics.quantiles(took, n=100) if len(took) > 1 else took * 99
        print(
            f"    {what:<30} {len(took):>6}  {len(took) / seconds:6.1f}/s  median {rank[49]:6.3f} s"
            f"  95% {rank[94]:6.3f} s  99% {rank[98]:6.3f} s  longest {max(took):6.3f} s"
        )
    return {what: len(took) for what, took in times.items()}


def test_a_crowd_writes_and_reads_without_an_error_or_a_loss(
    environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    known: dict[str, Any] = json.loads(
        run(environment, "tests.benchmarks.crowd_worker", "people", str(WRITERS))
    )
    end = [float("inf")]

    def is_over() -> bool:
        return time.monotonic() > end[0]

    writers = [Writer(port, username, is_over, items) for username, items in known["writers"]]
    readers = [Reader(port, SHORT[n % len(SHORT)], is_over) for n in range(READERS)]
    everybody: list[Client] = [*writers, *readers]
    for client in everybody:
        client.visitor.sign_in(client.username, PASSWORD)
    end[0] = time.monotonic() + SECONDS
    started = time.monotonic()
    for client in everybody:
        client.start()
    for client in everybody:
        client.join(SECONDS + 120)
    took = time.monotonic() - started
    print(f"\n  {WRITERS} write and {READERS} read for {took:.0f} s; {known['storage']}")
    made = told(everybody, took)
    errors = [error for client in everybody for error in client.errors]
    acknowledged = [one for writer in writers for one in writer.acknowledged]
    assert not any(client.is_alive() for client in everybody), "a client never had its answer"
    assert errors == [], f"{len(errors)} of {sum(made.values())}: {errors[:5]}"
    assert min(len(writer.acknowledged) for writer in writers) > 0, "a writer was never served"
    stored = checked(environment, acknowledged)
    assert stored["wrong"] == [], f"{stored['count']} of {len(acknowledged)}"
    assert stored["stored"] == len(acknowledged) and stored["notes"] == known["notes"] + len(acknowledged)
    said = (tmp_path / "server.log").read_text()
    assert "Traceback" not in said and "ERROR" not in said, said[-3000:]
    assert "核对通过" in verified(environment)


def checked(environment: dict[str, str], acknowledged: list[tuple[int, str, str]]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.crowd_worker", "check"],
        input=json.dumps(acknowledged), cwd=ROOT, env=environment,
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def verified(environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_audit"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1200,
    )  # fmt: skip
    return done.stdout + done.stderr

"""Fifty clerks writing progress with evidence, alone and while sixteen people read, against the server of
`make run`, beside sqlite3 writing the same rows and files in the same run.

Each clerk is signed in through the form and posts one note after the other without a pause; each reader opens
a page every two seconds. Required is that no answer is an error and that everything acknowledged is there
once, with its file and its entry in a chain that verifies. `CROWD_SECONDS` is the length of each of the two
parts. With `DATABASE_URL` the database is one of that server's: `DURABLE=1 python -m tests.postgres_server`
gives one that syncs what it acknowledges, as SQLite does here with synchronous=FULL.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.installation import Installation, members
from tests.visitor import CSRF, Visitor, field, multipart, pdf

from .databases import environment, make_database, measured, run
from .table import Row, show

SECONDS = float(os.environ.get("CROWD_SECONDS", "60"))
WRITERS, READERS = 50, 16
PROCESSES = 2  # of the peer
PROBLEMS, OFFICES, COUNTIES = 2000, 200, 5
FILE_BYTES = 100_000
PAUSE = 2.0  # seconds from page to page
OF_RAW, OF_RAW_WITH_READERS = 2, 1 / 0.3  # times its seconds at most
LONGEST, PEAK_MIB = 2.0, 100
PASSWORD = "ya-li-ce-shi-1"  # of every account that make_load makes
READING = ("/", "/problems/", "/problems/?light=overdue", "/dashboard/", "item")
ITEM = re.compile(r'href="(/problems/\d+/)"')
SHORT = ("office_1", "city_office", "city_inspector", "leader_1_1", "unit_head_1", "office_2", "leader_2_1")
Times = dict[str, list[float]]


class Client:
    """One person with a browser, who does one thing after the other."""

    def __init__(self, port: int, username: str) -> None:
        self.username = username
        self.visitor = Visitor(port).sign_in(username, PASSWORD)
        self.times: Times = {}
        self.errors: list[str] = []
        self.turn = 0

    def ask(self, what: str, method: str, path: str, body: bytes | None = None, kind: str = "") -> str:
        """One request and its answer; 200 or a redirect, anything else is an error."""
        started = time.perf_counter()
        answer = self.visitor.ask(method, path, body, kind)
        self.times.setdefault(what, []).append(time.perf_counter() - started)
        if answer.status not in (200, 302):
            raise ValueError(f"{method} {path}: {answer.status} {answer.text[:300]}")
        return answer.location if answer.status == 302 else answer.text

    def work(self, until: float) -> None:
        while time.monotonic() < until:
            try:
                self.act()
            except Exception as error:
                self.errors.append(f"{self.username}: {error!r}")
            self.turn += 1

    def act(self) -> None:
        raise NotImplementedError


class Writer(Client):
    def __init__(self, port: int, username: str, items: list[int]) -> None:
        super().__init__(port, username)
        self.items = items
        self.csrf = field(CSRF, self.visitor.get(f"/problems/{items[0]}/").text)
        self.acknowledged: list[tuple[int, str, str]] = []

    def act(self) -> None:
        """Write what was done, attach a file."""
        item = self.items[self.turn % len(self.items)]
        text = f"压测 {self.username} 第 {self.turn + 1} 次：已召开专题会议，逐项对照，压实责任。"
        proof = pdf(FILE_BYTES)
        fields = {"csrfmiddlewaretoken": self.csrf, "idempotency_key": secrets.token_hex(16), "text": text}
        went = self.ask("write", "POST", f"/problems/{item}/progress/", *multipart(fields, proof))
        assert went.startswith(f"/problems/{item}/"), f"answered with a page, not with the item: {went[:200]}"
        self.acknowledged.append((item, text, hashlib.sha256(proof).hexdigest()))


class Reader(Client):
    item = "/problems/"

    def act(self) -> None:
        path, next_page = READING[self.turn % len(READING)], time.monotonic() + PAUSE
        page = self.ask(f"read {path}", "GET", self.item if path == "item" else path)
        if path == "/problems/" and (listed := ITEM.search(page)):
            self.item = listed[1]
        time.sleep(max(0, next_page - time.monotonic()))


@pytest.fixture
def house(tmp_path: Path) -> Installation:
    """An installation with two thousand items, in five counties: ten clerks write into one's ledgers."""
    url = environment(tmp_path, "crowd").get("DATABASE_URL", "")
    if url:
        make_database(url)
    made = Installation(tmp_path / "crowd", url)
    made.folder.mkdir()
    sizes = ("--problems", str(PROBLEMS), "--offices", str(OFFICES), "--counties", str(COUNTIES))
    run(made.environment, "tests.benchmarks.make_load", *sizes)
    return made


def test_a_crowd_writes_and_reads_without_an_error_or_a_loss(house: Installation) -> None:
    environ = house.environment
    known = measured(environ, "crowd", "people", WRITERS)
    with house.serving() as server:
        writers = [Writer(server.port, username, items) for username, items in known["writers"]]
        readers = [Reader(server.port, SHORT[n % len(SHORT)]) for n in range(READERS)]
        alone, together = let_work(writers), let_work([*writers, *readers])
        peak = max(memory(pid) for pid in members(server.process.pid))
        printed = server.log.read_text()
    acknowledged = [done for writer in writers for done in writer.acknowledged]
    errors = [error for client in [*writers, *readers] for error in client.errors]
    assert errors == [], f"{len(errors)} beside {len(acknowledged)}: {errors[:5]}"
    assert min(len(writer.acknowledged) for writer in writers) > 0, "a writer was never served"
    stored = measured(environ, "crowd", "check", given=acknowledged)
    assert stored["wrong"] == [], f"{stored['count']} of {len(acknowledged)}"
    assert stored["stored"] == len(acknowledged) and stored["notes"] == known["notes"] + len(acknowledged)
    assert "Traceback" not in printed and "ERROR" not in printed, printed[-3000:]
    each, beside = SECONDS / len(alone), SECONDS / len(together)
    print(f"\n{known['storage']}: {1 / each:.1f} and {1 / beside:.1f} writes a second")
    assert "核对通过" in house.must("verify_audit")
    rows = [
        Row("99 of 100 of their writes within", "limit", LONGEST, rank(alone), 1),
        Row("with 16 readers", "limit", LONGEST, rank(together), 1),
        Row("largest process of the server", "limit", PEAK_MIB, peak, 1, "MiB"),
    ]
    if last := known["last"]:
        raw = measured(environ, "crowd_peer", PROCESSES, WRITERS, FILE_BYTES, given=last)
        rows.append(Row("a write, 50 at once", "sqlite3 alone", raw, each, OF_RAW))
        rows.append(Row("and 16 readers", "sqlite3 alone", raw, beside, OF_RAW_WITH_READERS))
    show(rows)


def let_work(clients: Sequence[Client]) -> list[float]:
    """All at once for so many seconds; how long each write took, and printed what all of it took."""
    until = time.monotonic() + SECONDS
    working = [threading.Thread(target=client.work, args=(until,), daemon=True) for client in clients]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join(SECONDS + 120)
    assert not any(thread.is_alive() for thread in working), "a client never had its answer"
    times: Times = {}
    for client in clients:
        for what, took in client.times.items():
            times.setdefault(what, []).extend(took)
        client.times = {}
    for what, took in sorted(times.items()):
        half = statistics.median(took)
        print(f"    {what:<30} {len(took):>6}  half {half:6.3f} s  99% {rank(took):6.3f} s")
    return times["write"]


def rank(took: list[float]) -> float:
    """Within which 99 of 100 were answered."""
    return sorted(took)[min(len(took) - 1, len(took) * 99 // 100)]


def memory(process: int) -> float:
    """The peak of a process, MiB."""
    said = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(said["VmHWM"].split()[0]) / 1024

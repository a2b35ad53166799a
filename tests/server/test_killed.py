"""kill -9 while sixteen people write: what was acknowledged is there, whole, and the record verifies."""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import threading
import time

import pytest

from tests.installation import Installation, Server, end_at_once
from tests.visitor import Visitor, pdf

pytestmark = [pytest.mark.ci, pytest.mark.xdist_group("server")]

WRITERS = 16
DAY = 24 * 60 * 60
Acknowledged = tuple[str, str]


class Writer(threading.Thread):
    """One clerk who goes on writing, whatever becomes of the server."""

    def __init__(self, number: int, visitor: Visitor, items: list[str], over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.number, self.visitor, self.items, self.over = number, visitor, items, over
        self.acknowledged: list[Acknowledged] = []

    def run(self) -> None:
        turn = 0
        while not self.over.is_set():
            turn += 1
            text, proof = f"第 {self.number} 人第 {turn} 次", pdf(20_000)
            try:
                answer = self.visitor.write(self.items[turn % len(self.items)], text, proof)
            except (OSError, http.client.HTTPException, AssertionError):
                time.sleep(0.1)
                continue
            if answer.status == 302:
                self.acknowledged.append((text, hashlib.sha256(proof).hexdigest()))


def attack(installation: Installation, server: Server, rounds: int) -> list[Acknowledged]:
    """Kills the web processes again and again, at last everything; returns what was acknowledged."""
    over, items = threading.Event(), installation.items_of("clerk")
    writers = [Writer(n, server.visitor("clerk"), items, over) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(rounds):
        before = sum(len(writer.acknowledged) for writer in writers)
        _await(lambda before=before: sum(len(writer.acknowledged) for writer in writers) > before + WRITERS)
        time.sleep(random.random())
        end_at_once(server.workers())
    server.kill()
    over.set()
    for writer in writers:
        writer.join(60)
    return [row for writer in writers for row in writer.acknowledged]


def _await(condition) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "the writers were not served again"
        time.sleep(0.05)


def require_whole(installation: Installation, acknowledged: list[Acknowledged]) -> None:
    rows = installation.query(
        "[[e.note.text, e.sha256, e.stored] for e in Evidence.objects.filter(note__text__startswith='第 ')]"
    )
    stored = {text: (digest, name) for text, digest, name in rows}
    files = installation.files()
    lost = [text for text, digest in acknowledged if stored.get(text, ("",))[0] != digest]
    assert not lost, f"{len(lost)} of {len(acknowledged)}: {lost[:5]}"
    assert len(rows) == len(stored), "a note was stored twice"
    assert {name for _, name in stored.values()} <= files
    assert "核对通过" in installation.must("verify_audit")


def require_swept(installation: Installation) -> int:
    """Orphans stay for a day; then they go, and nothing else does."""
    before = installation.files()
    assert "没有需要清理的文件" in installation.must("sweep")
    for path in (installation.folder / "evidence").glob("??/*"):
        os.utime(path, (time.time() - 2 * DAY,) * 2)
    installation.must("sweep")
    named = set(
        installation.query("list(__import__('rectify.evidence.inventory').evidence.inventory.named_files())")
    )
    assert installation.files() == before & named
    return len(before - named)


def survives(installation: Installation, rounds: int) -> None:
    with installation.serving() as server:
        acknowledged = attack(installation, server, rounds)
    require_whole(installation, acknowledged)
    orphans = require_swept(installation)
    print(f"  {rounds} rounds, {len(acknowledged)} acknowledged, none lost; {orphans} orphans swept")


def test_nothing_acknowledged_is_lost(installation):
    survives(installation, 2)


@pytest.mark.long
def test_nor_in_twenty_rounds(installation):
    survives(installation, 20)

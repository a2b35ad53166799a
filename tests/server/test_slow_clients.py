"""Who sends nothing of what was announced, or reads nothing of what was asked for, stops nobody."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from tests.installation import Installation, Server
from tests.visitor import Visitor, held, pdf

pytestmark = [pytest.mark.ci, pytest.mark.xdist_group("server")]

UNSENT, UNREAD = 32, 200
LIMITS = {"/healthz": 0.2, "/": 2.0, "/problems/": 2.0, "/dashboard/": 2.0}
PAGES = ("/", "/problems/", "/dashboard/")
ANNOUNCED = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\nabc"
LARGEST = 19 * 1024 * 1024


@pytest.fixture
def server(on_sqlite) -> Iterator[Server]:
    with on_sqlite.serving() as server:
        yield server


def timed(visitor: Visitor, path: str) -> float:
    started = time.perf_counter()
    answer = visitor.get(path)
    assert answer.status == 200, f"{path}: {answer.status}"
    return time.perf_counter() - started


def unanswered(connections: list[socket.socket]) -> bool:
    """Whether a download has not begun to arrive; nothing is read."""
    return len(select.select(connections, [], [], 0)[0]) < len(connections)


def measured(visitors: dict[str, Visitor], goes_on: Callable[[], bool]) -> dict[str, float]:
    """The longest that each page took."""
    longest = dict.fromkeys(visitors, 0.0)
    while True:
        for path, visitor in visitors.items():
            longest[path] = max(longest[path], timed(visitor, path))
        if not goes_on():
            return longest
        time.sleep(0.1)


def attack(server: Server, on_sqlite: Installation, seconds: float) -> None:
    """Bodies are not sent and the largest evidence file is not read: while they come, and while held.

    The limits are those of a machine that does nothing else; one that is slow itself has a few times what
    it needs unattacked. While two hundred requests come at once, two of four threads are busy with them.
    """
    clerk, office = server.visitor("clerk"), server.visitor("office")
    visitors = {"/healthz": server.visitor(), **dict.fromkeys(PAGES, office)}
    assert clerk.write(on_sqlite.items_of("clerk")[0], "附现场照片", pdf(LARGEST)).status == 302
    file = on_sqlite.query("Evidence.objects.latest('pk').get_absolute_url()")
    measured(visitors, lambda: False)  # what is loaded at the first request is not the attack's doing
    quiet = measured(visitors, after(2))
    cookie = f"sessionid={clerk.cookies['sessionid']}"
    asked = f"GET {file} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
    unsent, unread = held(server.port, ANNOUNCED, UNSENT), held(server.port, asked, UNREAD)
    try:
        arriving = measured(visitors, lambda: unanswered(unread))
        holding = measured(visitors, after(seconds))
    finally:
        for connection in unsent + unread:
            connection.close()
    for path, limit in LIMITS.items():
        print(f"  {path:<12} {quiet[path]:.3f} s unattacked, {arriving[path]:.3f} s while two hundred come,"
              f" {holding[path]:.3f} s while they are held")  # fmt: skip
        assert holding[path] <= max(limit, 3 * quiet[path]), path
        assert arriving[path] <= max(2.0, 15 * quiet[path]), path


def after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def test_unsent_bodies_and_unread_downloads_delay_nobody(server, on_sqlite):
    attack(server, on_sqlite, 5)


@pytest.mark.long
def test_nor_do_they_for_a_minute(server, on_sqlite):
    attack(server, on_sqlite, 60)

"""Who sends nothing of what was announced, or reads nothing of what was asked for, stops nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.installation import Server
from tests.visitor import Visitor, held, pdf

pytestmark = [pytest.mark.ci, pytest.mark.xdist_group("server")]

UNSENT, UNREAD = 32, 200
HEALTH_SECONDS, PAGE_SECONDS = 0.2, 2.0
# A visitor has two of the four threads of a process: three share its time.
SLOWER = 5
PAGES = ("/", "/problems/", "/dashboard/")
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


def attack(server: Server, on_sqlite, seconds: float) -> dict[str, tuple[float, list[float]]]:
    """How long each page took while bodies are not sent and the largest evidence file is not read."""
    clerk, office, monitor = server.visitor("clerk"), server.visitor("office"), server.visitor()
    item = on_sqlite.items_of("clerk")[0]
    assert clerk.write(item, "附现场照片", pdf(LARGEST)).status == 302
    file = on_sqlite.query("Evidence.objects.latest('pk').get_absolute_url()")
    for path in PAGES:  # what is loaded at the first request is not the attack's doing
        office.get(path)
    quiet = {path: max(timed(office, path) for _ in range(3)) for path in ("/healthz", *PAGES)}
    unsent = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\nabc"
    cookie = f"sessionid={clerk.cookies['sessionid']}"
    unread = f"GET {file} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
    connections = held(server.port, unsent, UNSENT) + held(server.port, unread, UNREAD)
    times: dict[str, list[float]] = {"/healthz": [], **{path: [] for path in PAGES}}
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            for path in times:
                times[path].append(timed(monitor if path == "/healthz" else office, path))
            time.sleep(0.1)
    finally:
        for connection in connections:
            connection.close()
    return {path: (quiet[path], took) for path, took in times.items()}


def require_quick(times: dict[str, tuple[float, list[float]]]) -> None:
    """Within the limits, or where the machine itself is slow within a few times what it needs unattacked."""
    late = []
    for path, (quiet, took) in times.items():
        longest, limit = max(took), HEALTH_SECONDS if path == "/healthz" else PAGE_SECONDS
        print(f"  {path:<12} {len(took):>4} times, longest {longest:.3f} s; {quiet:.3f} s before the attack")
        late += [path] if longest > max(limit, SLOWER * quiet) else []
    assert not late


def test_unsent_bodies_and_unread_downloads_delay_nobody(server, on_sqlite):
    require_quick(attack(server, on_sqlite, 5))


@pytest.mark.long
def test_nor_do_they_for_a_minute(server, on_sqlite):
    require_quick(attack(server, on_sqlite, 60))

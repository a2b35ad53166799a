"""What one process of the server bounds: whose turn it is, bodies on the temporary disk, texts too long."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from rectify.server import web
from rectify.server.fair_queue import AT_ONCE, FairQueue, Turn
from rectify.server.web import LIMITS, MEBIBYTE, TOO_LARGE, TOO_MANY, OfficeServer


def turn(address: str, session: str = "") -> Any:
    headers = {"COOKIE": f"theme=dark; sessionid={session}"} if session else {}
    request = SimpleNamespace(headers=headers, path="/")
    return Turn(SimpleNamespace(addr=(address, 1), requests=[request]), SimpleNamespace())


def test_who_asks_once_is_served_before_who_asks_two_hundred_times():
    queue = FairQueue()
    for _ in range(200):
        queue.append(turn("10.0.0.1", "greedy"))
    assert queue.popleft().visitor == "greedy"
    queue.append(turn("10.0.0.1", "modest"))
    assert [queue.popleft().visitor for _ in range(2)] == ["greedy", "modest"]


def test_nobody_has_all_threads():
    queue = FairQueue()
    for _ in range(AT_ONCE + 1):
        queue.append(turn("10.0.0.1"))
    for _ in range(AT_ONCE):
        assert queue.popleft().visitor == "10.0.0.1"
    assert not queue, "the third waits, as if there were nothing to do"
    queue.append(turn("10.0.0.2"))
    assert queue.popleft().visitor == "10.0.0.2"
    queue.release("10.0.0.1")
    assert queue.popleft().visitor == "10.0.0.1" and not queue


def test_only_our_own_proxy_says_whose_turn_it_is(settings):
    settings.TRUSTED_PROXIES = frozenset({"127.0.0.1"})
    told = {"X_FORWARDED_FOR": "10.0.0.9"}
    for address, visitor in (("127.0.0.1", "10.0.0.9"), ("10.0.0.3", "10.0.0.3")):
        channel = SimpleNamespace(addr=(address, 1), requests=[SimpleNamespace(headers=told)])
        assert Turn(channel, SimpleNamespace()).visitor == visitor


@pytest.fixture
def office() -> Iterator[tuple[OfficeServer, int]]:
    """A server in this process that answers with the length of what it was sent."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        body = str(len(environ["wsgi.input"].read())).encode()
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    listener = socket.create_server(("127.0.0.1", 0))
    server = OfficeServer(application, _sock=listener, bind_socket=False, **LIMITS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server, listener.getsockname()[1]
    server.asyncore.close_all(server._map)
    thread.join(5)


def begun(port: int, length: int, sent: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 10)
    connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    connection.sendall(bytes(sent))
    return connection


def whole_answer(connection: socket.socket) -> str:
    """All that is sent until the other side has nothing more to say; a reset connection is an error."""
    received = b""
    while piece := connection.recv(4096):
        received += piece
    return received.decode()


def test_bodies_together_do_not_fill_the_temporary_disk(office):
    server, port = office
    server.bodies_max = 12 * MEBIBYTE
    held = begun(port, 10 * MEBIBYTE, 9 * MEBIBYTE)
    time.sleep(0.3)
    refused = begun(port, 10 * MEBIBYTE, 4 * MEBIBYTE)
    answer = whole_answer(refused)
    assert answer.startswith("HTTP/1.1 503 ") and answer.endswith(TOO_MANY)
    refused.close()
    held.sendall(bytes(MEBIBYTE))
    held.shutdown(socket.SHUT_WR)
    assert whole_answer(held).endswith(str(10 * MEBIBYTE)), "who came first is served"
    held.close()


def test_who_sends_too_much_reads_why_while_the_rest_is_thrown_away(office, monkeypatch):
    server, port = office
    server.adj.max_request_body_size = MEBIBYTE
    refused = begun(port, 12 * MEBIBYTE, 12 * MEBIBYTE)
    answer = whole_answer(refused)
    assert answer.startswith("HTTP/1.1 413 ") and answer.endswith(TOO_LARGE)
    refused.close()
    monkeypatch.setattr(web, "THROWN_AWAY_MAX", MEBIBYTE)
    endless = begun(port, 400 * MEBIBYTE, 0)
    with pytest.raises(OSError):  # not for ever
        endless.sendall(bytes(64 * MEBIBYTE))
    endless.close()


def test_one_address_holds_so_many_connections_and_others_come_in(office):
    server, port = office
    server.per_address = 3
    held = [begun(port, 10, 1) for _ in range(3)]
    for name in ("127.0.0.1", "127.0.0.2"):
        with socket.create_connection(("127.0.0.1", port), 10, source_address=(name, 0)) as other:
            assert is_answered(other) == (name == "127.0.0.2")
    held.pop().close()
    time.sleep(0.3)
    with socket.create_connection(("127.0.0.1", port), 10) as other:
        assert is_answered(other)
    for connection in held:
        connection.close()


def is_answered(connection: socket.socket) -> bool:
    with contextlib.suppress(OSError):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        return bool(connection.recv(4096))
    return False

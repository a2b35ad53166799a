"""A chat robot on a local socket that answers, refuses, redirects, drips or hangs, as a test wants."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Robot:
    """What it answers next, and what it was sent."""

    port: int
    answer: bytes = OK
    drip: float = 0
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/robot/send?key=geheim-7f3a"

    @property
    def bodies(self) -> list[dict]:
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.requests]

    def serve(self, listener: socket.socket) -> None:
        while not self.ended.is_set():
            with contextlib.suppress(OSError):
                line, _ = listener.accept()
                with line:
                    self.talk(line)

    def talk(self, line: socket.socket) -> None:
        line.settimeout(60)
        data = line.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(row.split(b":")[1])
            for row in head.split(b"\r\n")
            if row.lower().startswith(b"content-length")
        )
        while len(body) < length:
            body += line.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        if not self.answer:
            self.ended.wait(60)
        for byte in self.answer if self.drip else b"":
            line.sendall(bytes([byte]))
            time.sleep(self.drip)
        if self.answer and not self.drip:
            line.sendall(self.answer)


@pytest.fixture
def robot() -> Iterator[Robot]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        made = Robot(listener.getsockname()[1])
        thread = threading.Thread(target=made.serve, args=(listener,), daemon=True)
        thread.start()
        yield made
        made.ended.set()
        thread.join(5)

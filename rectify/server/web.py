"""One process of the web server: waitress over a listening socket, with its limits."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Any

from django.conf import settings
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error, RequestEntityTooLarge

from rectify.server import hashing
from rectify.server.fair_queue import FairDispatcher

MEBIBYTE = 1024 * 1024
# waitress keeps connections in one loop and gives a thread only to a request that has arrived whole: who
# sends or reads slowly holds a socket and no thread. What a thread has written waits in a file behind the
# connection up to the watermark, so that a reader of the largest evidence file holds none either.
THREADS = 4 + hashing.AT_ONCE + hashing.WAITING  # whoever signs in takes none from who is signed in
CONNECTIONS = 1000
CONNECTIONS_OF_ONE_ADDRESS = 400
SILENT_SECONDS = 60
# Bodies lie in temporary files until they are whole: all those of a process together.
BODIES_MAX = 10 * settings.REQUEST_MAX_BYTES
# Closing with a body unread resets the connection, and with it the refusal: so much is read and thrown away.
THROWN_AWAY_MAX = 2 * settings.REQUEST_MAX_BYTES
TOO_LARGE = f"一次提交的内容超过了 {settings.REQUEST_MAX_BYTES // MEBIBYTE} MB，没有收下。请分几次上传。"
TOO_MANY = "同时上传的文件太多，这次没有收下。请过几分钟再提交一次。"
SIGN_OF_LIFE = "/healthz"
LIMITS: dict[str, Any] = {
    "threads": THREADS,
    "connection_limit": CONNECTIONS,
    "backlog": 256,
    "channel_timeout": SILENT_SECONDS,
    "cleanup_interval": 15,
    "asyncore_use_poll": True,
    "inbuf_overflow": MEBIBYTE,
    "outbuf_overflow": MEBIBYTE,
    "outbuf_high_watermark": settings.EVIDENCE_MAX_BYTES + 8 * MEBIBYTE,
    "max_request_body_size": settings.REQUEST_MAX_BYTES + MEBIBYTE,
    "max_request_header_size": 64 * 1024,
    "ident": None,
    "clear_untrusted_proxy_headers": False,  # the middleware decides whom it believes
    "expose_tracebacks": False,
}


class InWords(Error):
    """A refusal of which nothing but its Chinese sentence is shown."""

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [("Content-Type", "text/plain; charset=utf-8")]
        return f"{self.code} {self.reason}", headers, self.body.encode()


class TooManyUploads(InWords):
    code = 503
    reason = "Service Unavailable"


class TooLarge(InWords):
    code = 413
    reason = "Request Entity Too Large"


class OfficeChannel(HTTPChannel):
    """Refuses a body too large, or one that would fill the temporary disk together with those of others.

    Whoever is refused in the middle of sending gets to read why: what still comes is thrown away, until they
    end, until `THROWN_AWAY_MAX`, or until waitress closes what has been silent for `SILENT_SECONDS`.
    """

    request: Any
    close_when_flushed: bool
    _is_refused = False
    _thrown_away: int | None = None  # bytes, once the refusal has been sent

    def received(self, data: bytes) -> bool:
        request, before = self.request, getattr(self.request, "body_bytes_received", 0)
        whole = bool(super().received(data))
        grown = self.request is not None and self.request is request
        if grown and request.body_bytes_received // MEBIBYTE > before // MEBIBYTE and self.server.is_full():
            self._refuse(request)
        return whole

    def service(self) -> None:
        request = self.requests[0]
        if isinstance(request.error, RequestEntityTooLarge):
            request.error = TooLarge(TOO_LARGE)
        self._is_refused = request.error is not None
        super().service()

    def writable(self) -> bool:
        return bool(self.will_close if self._thrown_away is not None else super().writable())

    def handle_write(self) -> None:
        ends = self.close_when_flushed and self._is_refused
        if ends:
            self.close_when_flushed = False
        super().handle_write()
        if ends and self.connected:
            self.close_when_flushed = bool(self.total_outbufs_len)
            if not self.close_when_flushed:
                self._throw_away()

    def handle_read(self) -> None:
        if self._thrown_away is None:
            super().handle_read()
            return
        with contextlib.suppress(OSError):
            self._thrown_away += len(self.recv(self.adj.recv_bytes))
            if self._thrown_away <= THROWN_AWAY_MAX:
                return
        self.handle_close()

    def _throw_away(self) -> None:
        """The other side reads the refusal and that nothing follows it."""
        self._thrown_away = 0
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def _refuse(self, request: Any) -> None:
        """Answered without the rest; waitress closes the connection after an error."""
        request.error = TooManyUploads(TOO_MANY)
        request.completed = True
        with self.requests_lock:
            self.request = None
            self.requests.append(request)
            if len(self.requests) == 1:
                self.server.add_task(self)


class OfficeServer(TcpWSGIServer):
    """Refuses further connections of an address that holds too many, unless our own proxy speaks for it."""

    channel_class = OfficeChannel
    per_address = CONNECTIONS_OF_ONE_ADDRESS
    bodies_max = BODIES_MAX

    def __init__(self, application: Callable[..., Any], **options: Any) -> None:
        super().__init__(application, dispatcher=FairDispatcher(), **options)
        self.task_dispatcher.set_thread_count(self.adj.threads)
        # A busy server is not a dead one: a monitor's question has a thread of its own.
        self.monitor = ThreadedTaskDispatcher()
        self.monitor.set_thread_count(1)

    def accept(self) -> Any:
        pair = super().accept()
        if pair is None:
            return None
        connection, address = pair
        if address[0] not in settings.TRUSTED_PROXIES and self._held_by(address[0]) >= self.per_address:
            connection.close()
            return None
        return pair

    def add_task(self, task: Any) -> None:
        is_monitor = task.requests[0].path == SIGN_OF_LIFE
        (self.monitor if is_monitor else self.task_dispatcher).add_task(task)

    def is_full(self) -> bool:
        """Whether bodies that are not whole yet hold all the room there is for them."""
        requests = [channel.request for channel in self.active_channels.values()]
        held = sum(request.body_bytes_received for request in requests if request is not None)
        return bool(held > self.bodies_max)

    def _held_by(self, host: str) -> int:
        return sum(channel.addr[0] == host for channel in self.active_channels.values())


def serve_on(listener: socket.socket, application: Callable[..., Any]) -> None:
    """Answer requests on the socket until the process is told to end."""
    OfficeServer(application, _sock=listener, bind_socket=False, **LIMITS).run()

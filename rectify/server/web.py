"""One process of the web server: waitress over a listening socket, with its limits."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Any

from django.conf import settings
from waitress.server import TcpWSGIServer

from rectify.server import hashing

MEBIBYTE = 1024 * 1024
# waitress keeps connections in one loop and gives a thread only to a request that has arrived whole: who
# sends or reads slowly holds a socket and no thread. What a thread has written waits in a file behind the
# connection up to the watermark, so that a reader of the largest evidence file holds none either.
THREADS = 4 + hashing.AT_ONCE + hashing.WAITING  # whoever signs in takes none from who is signed in
CONNECTIONS = 1000
CONNECTIONS_OF_ONE_ADDRESS = 400
SILENT_SECONDS = 60
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


class OfficeServer(TcpWSGIServer):
    """Refuses further connections of an address that holds too many, unless our own proxy speaks for it."""

    def accept(self) -> Any:
        pair = super().accept()
        if pair is None:
            return None
        connection, address = pair
        if address[0] not in settings.TRUSTED_PROXIES and self._held_by(address[0]) >= self.adj.per_address:
            connection.close()
            return None
        return pair

    def add_task(self, task: Any) -> None:
        """A monitor's question goes before everybody's: a busy server is not a dead one."""
        super().add_task(task)
        if task.requests and task.requests[0].path == SIGN_OF_LIFE:
            waiting = self.task_dispatcher
            with waiting.lock, contextlib.suppress(ValueError):  # a thread may have taken it already
                waiting.queue.remove(task)
                waiting.queue.appendleft(task)

    def _held_by(self, host: str) -> int:
        return sum(channel.addr[0] == host for channel in self.active_channels.values())


def serve_on(listener: socket.socket, application: Callable[..., Any]) -> None:
    """Answer requests on the socket until the process is told to end."""
    server = OfficeServer(application, _sock=listener, bind_socket=False, **LIMITS)
    server.adj.per_address = CONNECTIONS_OF_ONE_ADDRESS
    server.run()

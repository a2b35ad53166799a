"""A process with the readers of foreign content loaded, which forks itself for each request.

Starting an interpreter and loading the readers costs 130 ms of processor time, forking one that has them
four. The asking side is `limited_child`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
from typing import Any

REQUEST_MAX = 64 * 1024
SPARE_SECONDS = 1.0  # the asking side gives up first; this ends a child whose asker has died


def main() -> None:
    """`-c "...main()" DESCRIPTOR MODULE ...`: the socket to listen on, and what to load beforehand."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent, whose end closes the socket
    descriptor, *modules = sys.argv[1:]
    requests = socket.socket(fileno=int(descriptor))
    for module in modules:
        with contextlib.suppress(ImportError):  # who needs it says so
            importlib.import_module(module)
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, REQUEST_MAX, 1)
        if not request:
            return
        [output] = descriptors
        asked = json.loads(request)
        with contextlib.suppress(Exception):  # the child meets it again, and dies of it alone
            importlib.import_module(asked["module"])  # once: whoever asks for it next need not load it
        if os.fork() == 0:
            requests.close()
            _work(asked, output)
        os.close(output)


def _work(request: dict[str, Any], output: int) -> None:
    """One request in a process of its own: `module.main()` prints into `output`; never returns."""
    try:
        os.dup2(output, sys.stdout.fileno())
        os.close(output)
        signal.setitimer(signal.ITIMER_REAL, request["seconds"] + SPARE_SECONDS)
        sys.argv[1:] = request["arguments"]
        importlib.import_module(request["module"]).main()
        sys.stdout.flush()
    finally:
        os._exit(0)

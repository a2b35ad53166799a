"""The processes of the server: started, missed when one dies, ended together."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from django.conf import settings

# A worker that cannot start is no storm of attempts.
WATCH_SECONDS = 0.5
PAUSE_SECONDS = 3.0
GRACE_SECONDS = 10
BACKLOG = 256
CLOSED = -1
log = logging.getLogger("rectify.serve")


def listen(host: str, port: int) -> socket.socket:
    """The socket all workers share.

    Raises OSError when the address cannot be had.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


@dataclass
class Processes:
    """The web workers and the background child of one `serve`."""

    listener: socket.socket
    workers: int
    tick_seconds: float
    _web: dict[int, float] = field(default_factory=dict)
    _background: subprocess.Popen[bytes] | None = None
    _background_since: float = 0.0
    # Only this process holds the writing end: the workers see it close however this process ends.
    _lifeline: tuple[int, int] = field(default_factory=os.pipe)
    # Its writing end closes when all are warm: until then whoever connects waits in the backlog.
    _gate: tuple[int, int] = field(default_factory=os.pipe)

    def start(self) -> None:
        """Every worker is warm when this returns, and none has answered before."""
        self._start_background()
        for _ in range(self.workers):
            self._start_worker()
        os.close(self._gate[1])
        self._gate = self._gate[0], CLOSED

    def watch(self) -> None:
        """Start again whoever ends by itself, for ever."""
        while True:
            time.sleep(WATCH_SECONDS)
            self._mend_workers()
            self._mend_background()

    def end(self) -> None:
        """All are told at once; requests under way are answered first, and one deadline holds for all."""
        for pid in self._web:
            _signal(pid, signal.SIGTERM)
        if self._background and self._background.stdin:
            self._background.stdin.close()
        deadline = time.monotonic() + GRACE_SECONDS
        for pid in self._web:
            _await_worker(pid, deadline)
        if self._background:
            _await_background(self._background, deadline)

    def _start_worker(self) -> None:
        ready, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ready)
            os.close(self._lifeline[1])
            if self._gate[1] != CLOSED:
                os.close(self._gate[1])
            if self._background and self._background.stdin:
                os.close(self._background.stdin.fileno())
            _work(self.listener, tell, self._lifeline[0], self._gate[0])
        os.close(tell)
        self._web[pid] = time.monotonic()
        with os.fdopen(ready, "rb") as told:
            told.read(1)  # written when the worker is warm; ends without a byte when it has died

    def _mend_workers(self) -> None:
        for pid, since in list(self._web.items()):
            if not _ended(pid):
                continue
            del self._web[pid]
            log.error("一个网页进程意外停止，已重新启动")
            _rest(since)
            self._start_worker()

    def _start_background(self) -> None:
        """The child reads a pipe that only this process holds: it ends when this process does."""
        command = [
            sys.executable,
            str(settings.BASE_DIR / "manage.py"),
            "tick",
            "--every",
            str(self.tick_seconds),
        ]
        self._background = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self._background_since = time.monotonic()

    def _mend_background(self) -> None:
        child = self._background
        if child and child.poll() is not None:
            log.error("后台工作意外停止（退出码 %s），已重新启动", child.returncode)
            _rest(self._background_since)
            self._start_background()


def _work(listener: socket.socket, tell: int, lifeline: int, gate: int) -> None:
    """The life of one worker; never returns."""
    status = 1
    try:
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent too, which ends all
        from rectify.server.warm import share_one_heap, warm

        share_one_heap()
        threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()
        from rectify.server.web import serve_on
        from rectify.wsgi import application

        warm(application)
        os.write(tell, b"1")
        os.close(tell)
        os.read(gate, 1)
        serve_on(listener, application)
        status = 0
    except (KeyboardInterrupt, SystemExit):
        status = 0
    except BaseException:
        log.exception("网页进程停止")
    finally:
        os._exit(status)


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(number: int, frame: object) -> None:
    raise SystemExit


def _ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _rest(since: float) -> None:
    if (lived := time.monotonic() - since) < PAUSE_SECONDS:
        time.sleep(PAUSE_SECONDS - lived)


def _await_worker(pid: int, deadline: float) -> None:
    while not _ended(pid):
        if time.monotonic() > deadline:
            _signal(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return
        time.sleep(0.05)


def _await_background(child: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        child.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

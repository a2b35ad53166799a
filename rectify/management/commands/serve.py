"""manage.py serve: the web server, with the background work in a child process beside it."""

from __future__ import annotations

import io
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser, SystemCheckError
from django.db import connections

from rectify.management.command import OfficeCommand, trouble
from rectify.management.emptiness import is_behind

TICK_SECONDS = 300
GRACE_SECONDS = 10
MOST_WORKERS = 64
# How soon a background child that was killed is missed: long enough that one that cannot start is no storm.
WATCH_SECONDS = 3.0
LONGEST_TICK = 24 * 60 * 60
log = logging.getLogger("rectify.serve")


class Command(OfficeCommand):
    help = "启动网站：先自检，再在本机端口上服务，并每隔几分钟做一轮后台工作。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只在本机")
        parser.add_argument("--port", type=int, default=settings.PORT, help="端口，默认取环境变量 PORT")
        parser.add_argument("--workers", type=int, default=max(2, min(4, os.cpu_count() or 2)))
        parser.add_argument("--tick", type=float, default=TICK_SECONDS, help="后台工作的间隔秒数")

    def handle(self, *args: Any, host: str, port: int, workers: int, tick: float, **options: Any) -> None:
        _require_sane(port, workers, tick)
        self._check()
        _require_free(host, port)
        connections.close_all()
        signal.signal(signal.SIGTERM, _end)
        background = Background(tick)
        try:
            shown = f"[{host}]" if ":" in host else host
            self.stdout.write(f"整改台账已启动：http://{shown}:{port}/　（按 Ctrl+C 停止）")
            if settings.SITE_URL.startswith("https://"):
                self.stdout.write(f"对外地址：{settings.SITE_URL}/")
            self.stdout.flush()
            _serve(host, port, workers)
        except KeyboardInterrupt:
            pass
        finally:
            background.end()
            self.stdout.write("整改台账已停止。")

    def _check(self) -> None:
        try:
            call_command("check", databases=["default"], stdout=io.StringIO())
        except SystemCheckError as error:
            raise CommandError(f"自检没有通过，没有启动。\n{error}") from error
        if is_behind():
            raise CommandError("数据库结构不是最新的，没有启动。请先运行 manage.py migrate。")


def _require_sane(port: int, workers: int, tick: float) -> None:
    if not 0 < port < 65536:
        raise CommandError(f"端口应是 1 到 65535 的整数，现在是 {port}。")
    if not 0 < workers <= MOST_WORKERS:
        raise CommandError(f"--workers 应是 1 到 {MOST_WORKERS} 的整数，现在是 {workers}。")
    if not 0 < tick < LONGEST_TICK:
        raise CommandError("--tick 应是大于 0 的秒数。")


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"不能在 {host}:{port} 上启动：{trouble(error)}。"
                "可能已有一个在运行；也可以用环境变量 PORT 换一个端口。"
            ) from error


class Background:
    """The child that does the background work; one that ends by itself is started again."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._child = _start_tick(seconds)
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._restart, daemon=True)
        self._watch.start()

    def _restart(self) -> None:
        while not self._ending.wait(WATCH_SECONDS):
            if self._child.poll() is not None:
                log.error("后台工作意外停止（退出码 %s），已重新启动", self._child.returncode)
                self._child = _start_tick(self._seconds)

    def end(self) -> None:
        self._ending.set()
        self._watch.join()
        _stop(self._child)


def _start_tick(seconds: float) -> subprocess.Popen[bytes]:
    """The child reads a pipe that only this process holds: it ends when this process does."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "tick", "--every", str(seconds)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


def _serve(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "rectify.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1,
        backpressure=64,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        working_dir=settings.BASE_DIR,
        log_level=LogLevels.warning,
    ).serve()


def _stop(background: subprocess.Popen[bytes]) -> None:
    if background.stdin:
        background.stdin.close()
    try:
        background.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        background.kill()
        background.wait()


def _end(number: int, frame: FrameType | None) -> None:
    """A signal before the server has taken over its handling ends the start-up in order."""
    raise KeyboardInterrupt

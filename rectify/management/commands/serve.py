"""manage.py serve: the web server, with the background work in a child process beside it."""

from __future__ import annotations

import io
import os
import signal
import socket
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser, SystemCheckError
from django.db import connections

from rectify.management.command import OfficeCommand, trouble
from rectify.management.emptiness import is_behind
from rectify.server import statics
from rectify.server.processes import Processes, listen

TICK_SECONDS = 300
MOST_WORKERS = 64
LONGEST_TICK = 24 * 60 * 60


class Command(OfficeCommand):
    help = "启动网站：先自检，再在本机端口上服务，并每隔几分钟做一轮后台工作。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只在本机")
        parser.add_argument("--port", type=int, default=settings.PORT, help="端口，默认取环境变量 PORT")
        parser.add_argument("--workers", type=int, default=max(2, min(4, os.cpu_count() or 2)))
        parser.add_argument("--tick", type=float, default=TICK_SECONDS, help="后台工作的间隔秒数")

    def handle(self, *args: Any, host: str, port: int, workers: int, tick: float, **options: Any) -> None:
        _require_sane(port, workers, tick)
        self._check()
        listener = _listen(host, port)
        statics.collect()
        connections.close_all()
        for told in (signal.SIGTERM, signal.SIGINT):  # a shell starts what runs behind it deaf to SIGINT
            signal.signal(told, _end)
        processes = Processes(listener, workers, tick)
        try:
            processes.start()
            shown = f"[{host}]" if ":" in host else host
            self.stdout.write(f"整改台账已启动：http://{shown}:{port}/　（按 Ctrl+C 停止）")
            if settings.SITE_URL.startswith("https://"):
                self.stdout.write(f"对外地址：{settings.SITE_URL}/")
            self.stdout.flush()
            processes.watch()
        except KeyboardInterrupt:
            pass
        finally:
            processes.end()
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


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        raise CommandError(
            f"不能在 {host}:{port} 上启动：{trouble(error)}。"
            "可能已有一个在运行；也可以用环境变量 PORT 换一个端口。"
        ) from error


def _end(number: int, frame: FrameType | None) -> None:
    """Told to end: the rest of the server ends in order."""
    raise KeyboardInterrupt

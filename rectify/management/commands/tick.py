"""manage.py tick: one round of background work; with --every, rounds until the server ends."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import select
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils.module_loading import import_string

from ... import clock
from ...models import Draft
from ...operations import uploads

DRAFT_DAYS = 30
log = logging.getLogger("rectify.tick")


class Command(BaseCommand):
    help = "做一轮后台工作：清理过期的登录会话、30 天没有动过的草稿和过期的待确认上传；以 JSON 报告数量。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every",
            type=float,
            metavar="SECONDS",
            help="每隔若干秒做一轮，直到标准输入被关闭（serve 用）",
        )

    def handle(self, *args: Any, every: float | None = None, **options: Any) -> None:
        if every is None:
            self.stdout.write(json.dumps(work()))
            return
        # Ctrl-C reaches the whole group; the server decides when this ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            try:
                work()
            except Exception:
                log.exception("后台工作这一轮没有做完，下一轮再做")
            finally:
                close_old_connections()
            if _server_ended(every):
                return


def work() -> dict[str, int]:
    """One round; safe to repeat at any time."""
    return {"sessions": clear_sessions(), "drafts": clear_drafts(), "uploads": uploads.drop_expired()}


def clear_sessions() -> int:
    """Forget sessions that nobody can use any more."""
    model = import_string(f"{settings.SESSION_ENGINE}.SessionStore").get_model_class()
    count, _ = model.objects.filter(expire_date__lt=clock.now()).delete()
    return int(count)


def clear_drafts() -> int:
    """Forget unsent input that was not touched for a month."""
    oldest = clock.now() - dt.timedelta(days=DRAFT_DAYS)
    count, _ = Draft.objects.filter(updated_at__lt=oldest).delete()
    return int(count)


def _server_ended(seconds: float) -> bool:
    """Wait for the next round; the pipe from the server closes with it, however it ends."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1)

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
from django.core.management.base import CommandError, CommandParser
from django.db import close_old_connections
from django.utils.module_loading import import_string

from rectify import clock
from rectify.audit import anchors, file_rounds
from rectify.backup.readiness import note_tick
from rectify.delivery.outbox_round import deliver
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.notifications import reminders
from rectify.operations import duties, rollups
from rectify.operations.exchange import drafts, uploads
from rectify.operations.sign_in import attempts

DRAFT_DAYS = 30
MAX_SECONDS = 24 * 60 * 60
log = logging.getLogger("rectify.tick")


class Command(OfficeCommand):
    help = (
        "做一轮后台工作：每天提醒一次、发送消息、清理过期的登录会话、草稿、待确认上传和登录记录，"
        "作废逾期没有人确认的提请；以 JSON 报告数量。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every",
            type=float,
            metavar="SECONDS",
            help="每隔若干秒做一轮，直到标准输入被关闭（serve 用）",
        )

    def handle(self, *args: Any, every: float | None = None, **options: Any) -> None:
        require_tables()
        if every is None:
            self.stdout.write(json.dumps(work()))
            return
        if not 0 < every < MAX_SECONDS:
            raise CommandError("--every 应是大于 0 的秒数。")
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
    """One round; safe to repeat at any time. An archive that is only read has nobody to be told anything."""
    if settings.READ_ONLY:
        note_tick()
        return {"sessions": clear_sessions()}
    counts = {
        "sessions": clear_sessions(),
        "drafts": clear_drafts(),
        "sign_ins": attempts.drop_old(),
        "uploads": uploads.drop_expired(),
        "expired": duties.expire(),
        "counted": rollups.refresh(),
        "anchored": int(anchors.write_today()),
    }
    try:
        counts |= remind_once_a_day()
    finally:
        # What lies in the outbox goes out whatever became of the reminders.
        counts |= deliver()
    counts["files"] = file_rounds.read_slice()
    note_tick()
    return counts


def remind_once_a_day() -> dict[str, int]:
    """The day's reminders, once the hour has come."""
    local = clock.now().astimezone(clock.SHANGHAI)
    if local.hour < settings.REMIND_HOUR or reminders.reminded(local.date()):
        return {"reminded": 0}
    return {"reminded": reminders.remind().sent}


def clear_sessions() -> int:
    """Forget sessions that nobody can use any more."""
    model = import_string(f"{settings.SESSION_ENGINE}.SessionStore").get_model_class()
    count, _ = model.objects.filter(expire_date__lt=clock.now()).delete()
    return int(count)


def clear_drafts() -> int:
    """Forget unsent input that was not touched for a month."""
    oldest = clock.now() - dt.timedelta(days=DRAFT_DAYS)
    return drafts.drop_older(oldest)


def _server_ended(seconds: float) -> bool:
    """Wait for the next round; the pipe from the server closes with it, however it ends."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1)

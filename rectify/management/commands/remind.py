"""manage.py remind: puts what is due into people's inboxes and the outbox."""

from __future__ import annotations

import json
from typing import Any

from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.notifications import reminders


class Command(OfficeCommand):
    help = "把今天该提醒的放进各人的站内消息和发件箱；一天一人一条，可以放心重复运行；以 JSON 报告人数。"

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        done = reminders.remind()
        self.stdout.write(json.dumps({"sent": done.sent, "failed": done.failed}))

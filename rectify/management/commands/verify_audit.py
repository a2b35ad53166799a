"""manage.py verify_audit: chains, triggers and rows are checked; exit 1 names the first broken entry."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from rectify.audit import verify
from rectify.audit.replay.reading import Break
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables

SHOWN = 20


class Command(OfficeCommand):
    help = "核对审计链、防篡改触发器和各项历史；有问题时指出第一处，并以 1 退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", help="台账末尾印的审计链头（至少前 16 位），用来发现末尾被截断")

    def handle(self, *args: Any, head: str | None = None, **options: Any) -> None:
        require_tables()
        printed = _printed(head)
        breaks = verify.missing_triggers()
        using = verify.reading_from()
        with transaction.atomic(using=using):
            for chain in verify.read_chains(using):
                self.stdout.write(f"{chain.name}：{chain.count} 条，链头 {chain.head}")
                breaks += chain.breaks
            if printed and not verify.head_known(printed, using):
                breaks.append(Break(f"链头 {head}", "所有链中都没有这一条，记录被截断或替换过"))
        if breaks:
            raise CommandError(_told(breaks))
        self.stdout.write("核对通过：审计链完整，触发器齐全，历史和现状与记录一致。")


def _printed(head: str | None) -> str:
    """A head as typed from paper: spaces and capitals do not matter."""
    if head is None:
        return ""
    text = re.sub(r"\s", "", head).lower()
    if not re.fullmatch(r"[0-9a-f]{16,64}", text):
        raise CommandError("链头应是台账上印的 16 到 64 位数字和字母 a–f，请核对后重试。")
    return text


def _told(breaks: list[Break]) -> str:
    text = f"核对不通过。第一处：{breaks[0]}"
    if len(breaks) > 1:
        text += "\n另有：" + "；".join(str(item) for item in breaks[1:SHOWN])
    return text

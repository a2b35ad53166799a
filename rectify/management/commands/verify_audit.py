"""manage.py verify_audit: chains, triggers and rows are checked; exit 1 names the first broken entry."""

from __future__ import annotations

import datetime as dt
import re
from itertools import islice
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from rectify.audit import anchors, verify
from rectify.audit.mismatch import Mismatch
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.models import Report
from rectify.operations import rollups

SHOWN = 20


class Command(OfficeCommand):
    help = "核对审计链、防篡改触发器和各项历史；有问题时指出第一处，并以 1 退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", help="台账末尾印的审计链头（至少前 16 位），用来发现末尾被截断")
        parser.add_argument(
            "--since", type=dt.date.fromisoformat, metavar="DATE", help="只从这一天的锚点核起"
        )
        parser.add_argument("--no-files", action="store_true", help="不重新核对佐证材料等文件")

    def handle(self, *args: Any, head: str | None = None, **options: Any) -> None:
        require_tables()
        printed = _printed(head)
        since = _anchor(options.get("since"))
        breaks = verify.missing_triggers()
        using = verify.reading_from()
        files = not options.get("no_files")
        for chain in verify.read_chains(using, files=files, since=since):
            told = f"；数据 {chain.rows} 行，文件 {chain.files} 个" if files else f"；数据 {chain.rows} 行"
            self.stdout.write(f"{chain.name}：{chain.count} 条，链头 {chain.head}{told}")
            breaks += chain.breaks
        breaks += [] if since else _summaries(using)
        if printed and not verify.head_known(printed, using):
            breaks.append(Mismatch(f"链头 {head}", "所有链中都没有这一条，记录被截断或替换过"))
        if breaks:
            raise CommandError(_told(breaks))
        if since is not None:
            self.stdout.write(f"部分核验通过：只核对了 {since.day} 锚点以后的记录和其中提到的数据。")
            return
        left_out = "" if files else "文件没有核对。"
        self.stdout.write(f"核对通过：审计链完整，触发器齐全，每一行数据和每一个文件都与记录一致。{left_out}")


def _summaries(using: str) -> list[Mismatch]:
    """The counts kept beside the problems; `verify_summaries --rebuild` makes them anew."""
    mismatches: list[Mismatch] = []
    for report in Report.objects.using(using).order_by("pk"):
        with transaction.atomic(using=using):
            mismatches += islice(rollups.disagreements(report, using), SHOWN)
    return mismatches


def _anchor(day: dt.date | None) -> anchors.Anchor | None:
    """The last anchor of that day or before."""
    if day is None:
        return None
    found = [anchor for anchor in anchors.read() if anchor.day <= day]
    if not found:
        raise CommandError(f"{day} 及以前没有锚点，不能部分核验，请核对全部记录。")
    return found[-1]


def _printed(head: str | None) -> str:
    """A head as typed from paper: spaces and capitals do not matter."""
    if head is None:
        return ""
    text = re.sub(r"\s", "", head).lower()
    if not re.fullmatch(r"[0-9a-f]{16,64}", text):
        raise CommandError("链头应是台账上印的 16 到 64 位数字和字母 a–f，请核对后重试。")
    return text


def _told(breaks: list[Mismatch]) -> str:
    text = f"核对不通过。第一处：{breaks[0]}"
    if len(breaks) > 1:
        text += "\n另有：" + "；".join(str(item) for item in breaks[1:SHOWN])
    return text

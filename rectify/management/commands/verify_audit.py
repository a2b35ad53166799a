"""manage.py verify_audit: chains, triggers and rows are checked; exit 1 names the first broken entry."""

from __future__ import annotations

import datetime as dt
import re
from itertools import islice
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from rectify import __version__
from rectify.audit import anchors, result, verify
from rectify.audit.mismatch import Mismatch
from rectify.audit.report_text import report_text, verdict
from rectify.management.command import OfficeCommand, trouble
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
        since, files = _anchor(options.get("since")), not options.get("no_files")
        found = result.begun(_words(head, since, files), __version__, files=files)
        found.since, found.anchors = since.day if since else None, [anchor.day for anchor in anchors.read()]
        found.others += verify.missing_triggers() + verify.unreadable_anchors()
        using = verify.reading_from()
        found.chains = list(verify.read_chains(using, files=files, since=since))
        found.others += [] if since else _summaries(using)
        if printed and not verify.head_known(printed, using):
            found.others.append(Mismatch(f"链头 {head}", "所有链中都没有这一条，记录被截断或替换过"))
        self.stdout.write(report_text(found))
        try:
            result.keep(found)
        except OSError as error:  # a full or read-only disk is verified all the same
            self.stderr.write(f"这份报告没有存进数据目录（{trouble(error)}），网页上仍是上一次的。")
        if found.breaks:
            raise CommandError(_told(found))


def _words(head: str | None, since: anchors.Anchor | None, files: bool) -> str:
    """The command as it was given."""
    words = ["manage.py verify_audit"]
    words += [f"--head {head}"] if head else []
    words += [f"--since {since.day}"] if since else []
    return " ".join([*words] if files else [*words, "--no-files"])


def _told(found: result.VerifyResult) -> str:
    """The first broken thing, then the others in short."""
    others = "；".join(str(fault) for fault in found.breaks[1:SHOWN])
    return f"{verdict(found)}\n另有：{others}" if others else verdict(found)


def _summaries(using: str) -> list[Mismatch]:
    """The counts kept beside the problems; `verify_summaries --rebuild` makes them anew."""
    mismatches: list[Mismatch] = []
    for report in Report.objects.using(using).only("pk").order_by("pk"):
        try:
            with transaction.atomic(using=using):
                mismatches += islice(rollups.disagreements(report, using), SHOWN)
        except ValueError:
            mismatches.append(Mismatch(f"台账 {report.pk} 的统计数", verify.UNREADABLE))
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

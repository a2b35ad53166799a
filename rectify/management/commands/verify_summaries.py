"""manage.py verify_summaries: the counts beside the problems are checked, and with --rebuild made anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from rectify.audit import verify
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.models import Report
from rectify.operations import rollups

SHOWN = 20


class Command(OfficeCommand):
    help = "核对看板所用的汇总数与各项现状；不一致时指出，并以 1 退出，加 --rebuild 则重新统计。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="重新统计所有台账的汇总数")

    def handle(self, *args: Any, rebuild: bool, **options: Any) -> None:
        require_tables()
        if rebuild:
            rollups.rebuild_all()
        using = verify.reading_from()
        with transaction.atomic(using=using):
            reports = list(Report.objects.using(using).order_by("pk"))
            breaks = [fault for report in reports for fault in rollups.disagreements(report, using)]
        if breaks:
            shown = "；".join(str(fault) for fault in breaks[:SHOWN])
            raise CommandError(f"汇总数与现状不一致，共 {len(breaks)} 处：{shown}")
        done = "已重新统计，" if rebuild else ""
        self.stdout.write(f"{done}{len(reports)} 份台账的汇总数与现状一致。")

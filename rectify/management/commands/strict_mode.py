"""manage.py strict_mode: switches the separation of duties off or on for a unit, on the console."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from rectify.errors import Refusal
from rectify.management.command import OfficeCommand
from rectify.management.commands.break_glass import unit_named
from rectify.management.emptiness import require_tables
from rectify.operations import duties


class Command(OfficeCommand):
    help = "为一个单位及其下级关闭或恢复三员分立，写入审计，安全审计员和督查检查人员都能看到。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("state", choices=["off", "on"], help="off 关闭，on 恢复")
        parser.add_argument("--unit", required=True, help="单位的名称")
        parser.add_argument("--reason", required=True, help="为什么")

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        unit, switch = unit_named(options["unit"]), options["state"]
        try:
            (duties.relax if switch == "off" else duties.restore)(unit, by=None, reason=options["reason"])
        except Refusal as refusal:
            raise CommandError(f"{refusal.message}没有任何改动。") from refusal
        self.stdout.write(f"{unit}已{'关闭' if switch == 'off' else '恢复'}三员分立，并写入审计记录。")

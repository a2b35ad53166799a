"""Check the audit chains, the triggers, and that the state rows agree with the entries."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...operations import verification


class Command(BaseCommand):
    help = "核对审计链、触发器和各项历史；有问题时指出第一处并以 1 退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", help="台账末尾印的审计链头，用来发现末尾被截断")

    def handle(self, *args: Any, **options: Any) -> None:
        breaks = list(verification.missing_triggers())
        for report in verification.chains():
            chain, found = verification.read_chain(report)
            self.stdout.write(f"{chain.name}：{chain.count} 条，链头 {chain.head}")
            breaks += found
            if report is not None and not found:
                breaks += list(verification.disagreements(report))
        if options["head"] and not verification.head_known(options["head"]):
            breaks.append(verification.Break("台账链头", "任何链里都找不到，记录被截断或整体替换过"))
        if breaks:
            raise CommandError("核对不通过。第一处：" + "\n其余：".join(str(fault) for fault in breaks[:20]))
        self.stdout.write("核对通过：审计链完整，触发器齐全，历史与记录一致。")

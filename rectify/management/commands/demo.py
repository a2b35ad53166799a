"""manage.py demo: an empty database becomes a county in the middle of its rectification."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from rectify.audit import chain
from rectify.backup.lock import exclusive
from rectify.choices import Role
from rectify.demo.cast import Stage
from rectify.demo.play import play
from rectify.evidence.inventory import named_files
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_empty_database, require_tables

# Without letters and digits that are mistaken for each other when read from a terminal.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
WIDTH = 16


class Command(OfficeCommand):
    help = "把演示数据装入空数据库，并列出演示账号。数据库非空时拒绝执行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", help="演示账号的密码；不给则随机生成并显示")
        parser.add_argument(
            "--more",
            action="store_true",
            help="另装一项撤回的问题、一本上年度的台账（销号、延期、回头看的每一步都有一项停在那里）"
            "和同一个市的第二个县（各岗位的账号和一本各种状态都有的台账）",
        )

    def handle(self, *args: Any, password: str | None = None, more: bool = False, **options: Any) -> None:
        if password is not None and not password.strip():
            raise CommandError("密码不能为空。")
        require_tables()
        password = password or "-".join(_word() for _ in range(3))
        stage = Stage(password)
        with exclusive():
            accounts = _play(stage, more)
        self._tell(accounts, password)

    def _tell(self, accounts: list[dict[str, str]], password: str) -> None:
        self.stdout.write("演示数据已装入。演示账号：\n")
        for row in accounts:
            self.stdout.write(f"  {row['username']:<{WIDTH}}{Role(row['role']).label}　{row['name']}")
        self.stdout.write(f"\n全部账号的密码：{password}")
        self.stdout.write(f"密码只在这里显示一次；忘记了，就删去 {settings.DATA_DIR} 重新装入。")
        self.stdout.write("这是演示环境，请勿录入真实内容。")


def _play(stage: Stage, more: bool) -> list[dict[str, str]]:
    """All or nothing. What fails takes away only files that came meanwhile and that no row names."""
    before = _evidence()
    try:
        with transaction.atomic():
            chain.lock([None])
            require_empty_database("演示数据只装入空数据库。")
            return play(stage, more=more)
    except BaseException:
        named = named_files()
        for path in _evidence() - before:
            if path.name not in named:
                path.unlink()
        raise


def _word() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(4))


def _evidence() -> set[Path]:
    folder = Path(settings.EVIDENCE_DIR)
    return {path for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else set()

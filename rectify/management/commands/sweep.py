"""manage.py sweep: take away evidence files that no row names and that are older than a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from rectify.backup.lock import exclusive
from rectify.evidence.inventory import unnamed_files
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables


class Command(OfficeCommand):
    help = "清理没有任何记录指向、且超过一天的佐证文件（断电、强行终止时可能留下）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只列出，不删除")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        require_tables()
        with exclusive():
            count = size = 0
            for path in unnamed_files():
                count, size = count + 1, size + path.stat().st_size
                if dry_run:
                    self.stdout.write(str(path))
                else:
                    path.unlink(missing_ok=True)
        done = "可以清理" if dry_run else "已清理"
        self.stdout.write(
            f"{done} {count} 个没有记录指向的文件，共 {size} 字节。" if count else "没有需要清理的文件。"
        )

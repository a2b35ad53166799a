"""manage.py rebuild_search: what is searched is made anew from the records."""

from __future__ import annotations

from typing import Any

from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.operations import search_index


class Command(OfficeCommand):
    help = "重新建立检索：搜索结果与内容不一致时使用，平时不需要。"

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        self.stdout.write(f"已重新建立检索，共 {search_index.rebuild()} 条文本。")

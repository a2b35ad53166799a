"""Start-up checks: the database keeps what it acknowledges, and the append-only triggers are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from rectify.audit.append_only_triggers import missing

SQLITE_PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1"}


@register(Tags.database)
def database_keeps_its_word(
    app_configs: Any, databases: Sequence[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Read the SQLite pragmas back; look for the triggers once the tables exist."""
    if not databases or "default" not in databases:
        return []
    connection = connections["default"]
    problems: list[CheckMessage] = []
    problems += _pragmas(connection) if connection.vendor == "sqlite" else []
    if "rectify_auditentry" in connection.introspection.table_names() and (lost := missing("default")):
        problems.append(
            Error(
                f"数据库缺少防篡改触发器：{', '.join(lost)}。",
                hint="请先运行 verify_audit 查明原因，再运行 migrate 重新安装。",
                id="rectify.E002",
            )
        )
    return problems


def _pragmas(connection: Any) -> list[Error]:
    found = []
    with connection.cursor() as cursor:
        for name, wanted in SQLITE_PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}")
            value = str(cursor.fetchone()[0]).lower()
            if value != wanted:
                found.append(
                    Error(
                        f"SQLite 的 {name} 应为 {wanted}，实际为 {value}。",
                        hint="数据目录可能在网络共享上；请放到本机磁盘。",
                        id="rectify.E001",
                    )
                )
    return found

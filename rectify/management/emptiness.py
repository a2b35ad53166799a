"""Whether this installation is ready for its first data: tables there, nothing in them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from rectify.models import Report, Unit, User


def has_tables() -> bool:
    """Whether the first migrate has run."""
    return "rectify_auditentry" in connection.introspection.table_names()


def require_tables() -> None:
    """Raises CommandError before the first migrate."""
    if not has_tables():
        raise CommandError("数据库还没有建表。请先运行 manage.py migrate，再运行这条命令。")


def is_empty() -> bool:
    """Neither an account nor a unit nor a report."""
    return not (User.objects.exists() or Unit.objects.exists() or Report.objects.exists())


def require_empty_database(why: str) -> None:
    """Raises CommandError when there is an account, a unit or a report."""
    if not is_empty():
        raise CommandError(f"数据库里已有数据，{why}没有任何改动。")


def is_behind() -> bool:
    """Whether migrations wait to be applied."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def has_evidence() -> bool:
    folder = Path(settings.EVIDENCE_DIR)
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))

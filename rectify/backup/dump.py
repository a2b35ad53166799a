"""The database as files, and back: SQLite by its online backup, PostgreSQL by COPY of every table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from rectify.audit import append_only_triggers
from rectify.backup.archive import CHUNK, DATABASE, Manifest

MIGRATIONS = "django_migrations"


def dump(folder: Path, manifest: Manifest) -> Iterator[tuple[str, Path]]:
    """Write one consistent state into the folder; yields member names and files."""
    if connection.vendor == "sqlite":
        yield DATABASE, _dump_sqlite(folder / DATABASE)
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for table in tables():
            columns = _columns(table)
            manifest.columns[table] = columns
            yield f"tables/{table}.copy", _copy_out(table, columns, folder / f"{table}.copy")


def load(folder: Path, manifest: Manifest) -> None:
    """Put a dump into this database, whose emptiness the caller has made sure of; all or nothing."""
    if connection.vendor == "sqlite":
        _load_sqlite(folder / DATABASE)
        return
    import psycopg

    try:
        _load_tables(folder, manifest)
    except (DatabaseError, psycopg.Error) as error:
        raise CommandError(f"备份里的数据不能用：{error}。没有任何改动。") from error


def _load_tables(folder: Path, manifest: Manifest) -> None:
    with transaction.atomic():
        append_only_triggers.lift()
        quoted = ", ".join(connection.ops.quote_name(table) for table in manifest.columns)
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {quoted}")
            for table, columns in manifest.columns.items():
                _copy_in(cursor, table, columns, folder / "tables" / f"{table}.copy")
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        append_only_triggers.install()


def tables() -> list[str]:
    """Every table of the product; the list of migrations is not data."""
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(found) - {MIGRATIONS})


def require_crossing(manifest: Manifest) -> None:
    """Raises CommandError unless a dump of the other kind of database is whole."""
    if manifest.vendor == "sqlite":
        require_database(manifest)
        return
    for model in _models():
        table = model._meta.db_table
        stored = {str(field.column) for field in model._meta.concrete_fields if not field.generated}
        if f"tables/{table}.copy" not in manifest.members or stored - {*manifest.columns.get(table, ())}:
            raise CommandError(f"备份缺少数据表 {table} 或其中的栏目，与清单不符。没有任何改动。")


def require_same_tables(manifest: Manifest) -> None:
    """Raises CommandError unless the dump's tables and columns are those of this database."""
    here = {table: sorted(_columns(table)) for table in tables()}
    if here != {table: sorted(columns) for table, columns in manifest.columns.items()}:
        raise CommandError("备份的表结构与本程序不同，请用生成备份的那个版本恢复。没有任何改动。")
    if {f"tables/{table}.copy" for table in here} != {n for n in manifest.members if n[0] == "t"}:
        raise CommandError("备份缺少数据表，与清单不符。没有任何改动。")


def require_database(manifest: Manifest) -> None:
    """Raises CommandError unless the dump holds the database file, and no table of another kind."""
    if DATABASE not in manifest.members or manifest.columns:
        raise CommandError("备份缺少数据库，不完整。没有任何改动。")


def _models() -> list[Any]:
    return list(apps.get_models(include_auto_created=True))


def _dump_sqlite(path: Path) -> Path:
    import sqlite3

    connection.ensure_connection()
    copy = sqlite3.connect(path)
    try:
        # In one step it reads one snapshot beside the writers; in several it would start anew at each write.
        connection.connection.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
        _require_sound(copy)
    except sqlite3.Error as error:
        raise CommandError(f"数据库没有备份成：{error}。") from error
    finally:
        copy.close()
    return path


def _load_sqlite(path: Path) -> None:
    import sqlite3

    source = sqlite3.connect(path)
    try:
        _require_sound(source)
        connection.ensure_connection()
        source.backup(connection.connection)
    except sqlite3.DatabaseError as error:
        raise CommandError(f"备份里的数据库不能用：{error}。没有任何改动。") from error
    finally:
        source.close()
    # The next connection switches the restored file to write-ahead logging again.
    connection.close()


def _require_sound(database: Any) -> None:
    answer = database.execute("PRAGMA quick_check").fetchone()[0]
    if answer != "ok":
        raise CommandError(f"数据库文件有损坏：{answer}。")


def _columns(table: str) -> list[str]:
    """What COPY carries: all but the columns the database computes itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'"
            " ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def _statement(table: str, columns: list[str], direction: str) -> str:
    quote = connection.ops.quote_name
    return f"COPY {quote(table)} ({', '.join(map(quote, columns))}) {direction}"


def _copy_out(table: str, columns: list[str], path: Path) -> Path:
    with (
        path.open("wb") as out,
        connection.cursor() as cursor,
        cursor.copy(_statement(table, columns, "TO STDOUT")) as copy,
    ):
        for chunk in copy:
            out.write(chunk)
    return path


def _copy_in(cursor: Any, table: str, columns: list[str], path: Path) -> None:
    with path.open("rb") as source, cursor.copy(_statement(table, columns, "FROM STDIN")) as copy:
        while chunk := source.read(CHUNK):
            copy.write(chunk)

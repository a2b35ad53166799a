"""The index of pairs of characters beside the searched texts, kept by the database itself.

SQLite has a full-text table without a copy of the texts, filled by triggers; each pair is a token of
hexadecimal digits, so that no punctuation parts it. PostgreSQL has an index over the pairs as lexemes.
"""

from __future__ import annotations

import sqlite3
from operator import add
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created

SECURE_DELETE = (3, 42)  # from this version of SQLite on a deletion leaves nothing in the index
AT_ONCE = 8 * 2**20  # bytes of the index that one transaction gathers before it writes a part of it
TABLE = "rectify_searchgrams"
PAIRS = "rectify_pairs"
_OLD = (
    f"INSERT INTO {TABLE}({TABLE}, rowid, pairs) VALUES ('delete', old.id, {PAIRS}(old.text, old.report_id));"
)
_NEW = f"INSERT INTO {TABLE}(rowid, pairs) VALUES (new.id, {PAIRS}(new.text, new.report_id));"
SQLITE = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE}"
    " USING fts5(pairs, content='', columnsize=0, tokenize='ascii')",
    f"CREATE TRIGGER IF NOT EXISTS {TABLE}_new AFTER INSERT ON rectify_searchtext BEGIN {_NEW} END",
    f"CREATE TRIGGER IF NOT EXISTS {TABLE}_old AFTER DELETE ON rectify_searchtext BEGIN {_OLD} END",
    f"CREATE TRIGGER IF NOT EXISTS {TABLE}_change AFTER UPDATE OF text, report_id ON rectify_searchtext"
    f" WHEN old.text <> new.text OR old.report_id IS NOT new.report_id BEGIN {_OLD} {_NEW} END",
)
POSTGRES = (
    f"CREATE OR REPLACE FUNCTION {PAIRS}(words text, ledger bigint) RETURNS tsvector"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS $$"
    " SELECT array_to_tsvector(array_append(ARRAY(SELECT DISTINCT substr(words, i, 2)"
    " FROM generate_series(1, length(words) - 1) i), 'ledger' || coalesce(ledger, 0)::text)) $$",
    f"CREATE INDEX IF NOT EXISTS {TABLE} ON rectify_searchtext USING gin ({PAIRS}(text, report_id))"
    " WITH (fastupdate = off)",
)


class _Codes(dict[str, str]):
    """The digits of each character that was met."""

    def __missing__(self, letter: str) -> str:
        self[letter] = code = f"{ord(letter):05x}"
        return code


_CODES = _Codes()


def pairs(text: str, report_id: int | None) -> str:
    """The tokens of a text: each two characters that stand side by side, and its ledger's own."""
    codes = [_CODES[letter] for letter in text]
    return " ".join([*map(add, codes, codes[1:]), ledger_token(report_id)])


def ledger_token(report_id: int | None) -> str:
    """The token of everything in a ledger; of the people where there is none."""
    return f"ledger{report_id or 0}"


def connect(app: Any) -> None:
    from django.db.models.signals import post_migrate

    connection_created.connect(_add_function, dispatch_uid="search_tables")
    post_migrate.connect(_install_after_migrate, sender=app, dispatch_uid="search_tables")


def _add_function(sender: Any, connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(PAIRS, 2, pairs, deterministic=True)


def _install_after_migrate(sender: Any, using: str, **_: Any) -> None:
    if "rectify_searchtext" in connections[using].introspection.table_names():
        install(using)


def install(using: str = "default") -> None:
    """Make the index where it is missing."""
    postgres = connections[using].vendor == "postgresql"
    with connections[using].cursor() as cursor:
        for statement in POSTGRES if postgres else SQLITE:
            cursor.execute(statement)
        if not postgres:
            cursor.execute(f"INSERT INTO {TABLE}({TABLE}, rank) VALUES ('hashsize', {AT_ONCE})")
        if not postgres and sqlite3.sqlite_version_info >= SECURE_DELETE:
            cursor.execute(f"INSERT INTO {TABLE}({TABLE}, rank) VALUES ('secure-delete', 1)")


def empty(using: str = "default") -> None:
    """Forget all that is kept for searching."""
    postgres = connections[using].vendor == "postgresql"
    with connections[using].cursor() as cursor:
        if not postgres:
            for name in ("new", "old", "change"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}")
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute("DELETE FROM rectify_searchtext")
    if not postgres:
        install(using)


def forget_deleted(using: str = "default") -> None:
    """After a purge: what was taken out leaves the pages of the index too."""
    if connections[using].vendor == "sqlite" and sqlite3.sqlite_version_info < SECURE_DELETE:
        with connections[using].cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE}({TABLE}) VALUES ('optimize')")

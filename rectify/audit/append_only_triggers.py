"""Triggers that keep evidence append-only in the database itself, on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections

from rectify.digests import PURGED_PAYLOAD
from rectify.models.progress import PURGED


@dataclass(frozen=True)
class Guard:
    """One append-only table: which columns may still be set once, be purged to a marker, or change freely.

    `until` names a column that is empty while the row is open: till then the columns `open` may change.
    """

    table: str
    purged: tuple[tuple[str, str], ...] = ()
    set_once: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    until: str = ""
    open: tuple[str, ...] = ()


GUARDS = (
    Guard("rectify_auditentry", purged=(("payload", PURGED_PAYLOAD), ("reason", PURGED), ("salt", ""))),
    Guard("rectify_progressnote", purged=(("text", PURGED),)),
    Guard("rectify_evidence", purged=(("name", PURGED),)),
    Guard(
        "rectify_problemstate",
        purged=(("title", PURGED), ("text", PURGED), ("goal", PURGED), ("remark", PURGED)),
        set_once=("valid_to",),
    ),
    Guard(
        "rectify_measurestate",
        purged=tuple((name, PURGED) for name in ("text", "standard", "result", "rule_name", "rule_number")),
        set_once=("valid_to",),
    ),
    Guard("rectify_supervision", purged=(("reason", PURGED),)),
    Guard("rectify_supervision_problems"),
    Guard("rectify_addressee"),
    Guard("rectify_receipt"),
    Guard("rectify_reply", purged=(("text", PURGED),)),
    Guard("rectify_instruction", purged=(("text", PURGED),)),
    Guard("rectify_handling"),
    Guard("rectify_notice", free=("state", "attempts", "next_try_at", "sent_at", "read_at")),
    Guard("rectify_noticeattempt"),
    Guard(
        "rectify_closeout",
        purged=(("statement", PURGED), ("answers", PURGED), ("explanations", PURGED)),
        until="ended_at",
        open=("waiting", "outcome", "ended_at", "decided_on"),
    ),
    Guard("rectify_closeoutstep", purged=(("comment", PURGED),)),
    Guard(
        "rectify_extension",
        purged=(("reason", PURGED), ("progress", PURGED)),
        until="ended_at",
        open=("waiting", "outcome", "ended_at"),
    ),
    Guard("rectify_extensionstep", purged=(("comment", PURGED),)),
    Guard(
        "rectify_followup",
        purged=(("finding", PURGED),),
        until="recorded_at",
        open=("done_on", "finding", "outcome", "by_id", "by_label", "recorded_at"),
    ),
    Guard("rectify_sourcetext", purged=(("name", PURGED), ("text", PURGED))),
    Guard("rectify_sourcepassage"),
    Guard("rectify_issuedledger", purged=(("rows", PURGED_PAYLOAD),)),
    Guard("rectify_bulkact"),
)

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION rectify_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'rectify: % on % is append-only', TG_OP, TG_TABLE_NAME; END;
$$ LANGUAGE plpgsql
"""


def install_after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """A table remade by a migration loses its triggers: put them back after every migrate."""
    if connections[using].settings_dict.get("TEST", {}).get("MIRROR"):
        return
    tables = set(connections[using].introspection.table_names())
    if all(guard.table in tables for guard in GUARDS):
        install(using)


def install(using: str = "default") -> None:
    """Create every trigger anew."""
    lift(using)
    _run(using, [statement for guard in GUARDS for statement in _create(guard, using)])


def lift(using: str = "default") -> None:
    """Drop every trigger: for the flush of a test database, and before installing anew."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        drops = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in expected(using)]
        _run(using, [POSTGRES_FUNCTION, *drops])
    else:
        _run(using, [f"DROP TRIGGER IF EXISTS {name}" for name, _ in expected(using)])


@contextlib.contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Without triggers inside, and with them again afterwards."""
    lift(using)
    try:
        yield
    finally:
        install(using)


def expected(using: str = "default") -> list[tuple[str, str]]:
    """(trigger, table) of everything that must be there."""
    kinds = ["update", "delete"]
    kinds.append("truncate" if connections[using].vendor == "postgresql" else "insert")
    return [(f"{guard.table}_no_{kind}", guard.table) for guard in GUARDS for kind in kinds]


def missing(using: str = "default") -> list[str]:
    """Names of triggers that are not there, are switched off, or no longer say what they must."""
    present = _present(using)
    return [name for name, _ in expected(using) if not present.get(name)]


def _present(using: str) -> dict[str, bool]:
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT t.tgname, t.tgenabled <> 'D', pg_get_triggerdef(t.oid) FROM pg_trigger t"
                " WHERE NOT t.tgisinternal AND t.tgname LIKE 'rectify_%'"
            )
            return {name: enabled and "rectify_refuse" in text for name, enabled, text in cursor.fetchall()}
        wanted = {_name(sql): sql for guard in GUARDS for sql in _create(guard, using)}
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name: sql == wanted.get(name) for name, sql in cursor.fetchall()}


def _name(statement: str) -> str:
    return statement.split()[2]


def _create(guard: Guard, using: str) -> list[str]:
    postgres = connections[using].vendor == "postgresql"
    changed = _forbidden_change(
        guard, _columns(guard.table, using), "IS DISTINCT FROM" if postgres else "IS NOT"
    )
    if postgres:
        tail = "EXECUTE FUNCTION rectify_refuse()"
        return [
            f"CREATE TRIGGER {guard.table}_no_update BEFORE UPDATE ON {guard.table}"
            f" FOR EACH ROW WHEN ({changed}) {tail}",
            f"CREATE TRIGGER {guard.table}_no_delete BEFORE DELETE ON {guard.table} FOR EACH ROW {tail}",
            f"CREATE TRIGGER {guard.table}_no_truncate BEFORE TRUNCATE ON {guard.table}"
            f" FOR EACH STATEMENT {tail}",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, 'rectify: {guard.table} is append-only'); END"
    # INSERT OR REPLACE passes UPDATE and DELETE triggers, so an existing id must be refused here.
    return [
        f"CREATE TRIGGER {guard.table}_no_update BEFORE UPDATE ON {guard.table} WHEN {changed} {refuse}",
        f"CREATE TRIGGER {guard.table}_no_delete BEFORE DELETE ON {guard.table} {refuse}",
        f"CREATE TRIGGER {guard.table}_no_insert BEFORE INSERT ON {guard.table}"
        f" WHEN EXISTS (SELECT 1 FROM {guard.table} WHERE id = NEW.id) {refuse}",
    ]


def _columns(table: str, using: str) -> list[str]:
    """The columns somebody writes: PostgreSQL lets no BEFORE trigger ask for one it works out itself."""
    models = [model for model in apps.get_models() if model._meta.db_table == table]
    derived = {field.column for model in models for field in model._meta.concrete_fields if field.generated}
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # Django's introspection parses the table's SQL
        columns = {description[0] for description in cursor.description}
    return sorted(columns - derived)


def _forbidden_change(guard: Guard, columns: list[str], differs: str) -> str:
    purged = dict(guard.purged)
    rules = []
    for column in columns:
        if column in guard.free:
            continue
        change = f'NEW."{column}" {differs} OLD."{column}"'
        if column in guard.open:
            change = f'({change} AND OLD."{guard.until}" IS NOT NULL)'
        if column in purged:
            rules.append(f"({change} AND NEW.\"{column}\" {differs} '{purged[column]}')")
        elif column in guard.set_once:
            rules.append(f'({change} AND OLD."{column}" IS NOT NULL)')
        else:
            rules.append(change)
    return " OR ".join(rules)


def _run(using: str, statements: list[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

"""What an entry says apart from its place in its chain: filled when it is placed, or ahead of the lock."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from rectify.audit.rows import row_digest
from rectify.audit.written import Written
from rectify.digests import canonical
from rectify.models import AuditEntry
from rectify.models.audit import EntryColumns


def fill(entry: AuditEntry, rows: Sequence[Written]) -> None:
    """Everything that does not depend on the place."""
    entry.actor_label = (entry.actor.label if entry.actor else "系统")[:160]
    entry.salt = secrets.token_hex(16)
    entry.rows = canonical([_named(row, entry.salt) for row in rows])
    entry.reason_digest = entry.text_digest(entry.reason)
    entry.payload_digest = entry.text_digest(entry.payload)


def _named(row: Written, salt: str) -> list[Any]:
    text = row.final_text()
    return [row.shape.kind, row.pk, None if text is None else row_digest(salt, row.shape.kind, row.pk, text)]


def filled(entry: AuditEntry, rows: Sequence[Written]) -> EntryColumns:
    """The columns of an entry on rows that are not stored yet, each with its text and its id."""
    if any(row.text is None for row in rows):
        raise TypeError("a row that is named ahead comes with its sets")
    fill(entry, rows)
    return EntryColumns(**{name: getattr(entry, name) for name in EntryColumns._fields})


def saying(entry: EntryColumns, more: dict[str, Any]) -> EntryColumns:
    """The same entry, which says that too."""
    entry = entry._replace(payload=canonical(entry.details | more))
    return entry._replace(payload_digest=entry.text_digest(entry.payload))


def naming(entry: EntryColumns, rows: Sequence[Written]) -> EntryColumns:
    """The same entry, which names these rows first."""
    named = [_named(row, entry.salt) for row in rows]
    return entry._replace(rows=canonical([*named, *json.loads(entry.rows)]))

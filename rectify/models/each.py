"""Many rows stored by one statement run for each: `bulk_create` and `bulk_update` build a long one of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert_each(rows: Sequence[models.Model]) -> None:
    """New rows whose ids nobody asks for."""
    if rows:
        fields: list[Any] = [field for field in rows[0]._meta.concrete_fields if not field.generated]
        fields = [field for field in fields if not field.primary_key]
        insert_values(
            type(rows[0]), fields, ([getattr(row, field.attname) for field in fields] for row in rows)
        )


def insert_values(model: Any, fields: Sequence[Any], values: Iterable[Sequence[Any]]) -> None:
    """The same where they are no objects yet: a row is the values of these fields."""
    quote = connection.ops.quote_name
    columns, places = ", ".join(quote(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"
    _for_each(statement, [_stored(fields, row) for row in values])


def update_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Columns of rows that exist, each with values of its own."""
    if not rows or not names:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields: list[Any] = [meta.get_field(name) for name in names]
    sets = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    statement = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(meta.pk.attname)} = %s"
    values = ([getattr(row, field.attname) for field in (*fields, meta.pk)] for row in rows)
    _for_each(statement, [_stored((*fields, meta.pk), row) for row in values])


def _stored(fields: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    return [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]


def _for_each(statement: str, values: list[list[Any]]) -> None:
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)

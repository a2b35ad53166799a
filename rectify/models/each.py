"""Rows stored by statements whose text is made once: one row, or many by one statement run for each.

Django makes the text anew for every row saved, and `bulk_create` and `bulk_update` a long one of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models, transaction
from django.db.models.signals import post_save


def insert(row: models.Model) -> None:
    """A new row, as `save(force_insert=True)` stores it: it knows its id, and those who listen hear of it."""
    if not connection.features.can_return_columns_from_insert:  # SQLite before 3.35
        row.save(force_insert=True)
        return
    row._prepare_related_fields_for_save(operation_name="save")  # type: ignore[attr-defined]
    fields, statement, told = _insertion(type(row))
    values, using = _stored(fields, [field.pre_save(row, add=True) for field in fields]), connection.alias
    with transaction.mark_for_rollback_on_error(using), connection.cursor() as cursor:
        cursor.execute(statement, values)
        for (column, converters), value in zip(told, cursor.fetchone(), strict=True):
            for convert in converters:
                value = convert(value, column, connection)
            setattr(row, column.target.attname, value)
    row._state.adding, row._state.db = False, using
    said = {"created": True, "update_fields": None, "raw": False, "using": using}
    post_save.send(sender=type(row), instance=row, **said)


@cache
def _insertion(model: Any) -> tuple[list[Any], str, list[tuple[Any, list[Any]]]]:
    """The columns of a row, the statement, and what the database tells of the row with how that is read."""
    fields, quote, meta = _written(model), connection.ops.quote_name, model._meta
    if meta.auto_field is None:
        raise TypeError(f"a row of {model.__name__} brings an id of its own")
    told = [field.get_col(meta.db_table) for field in meta.db_returning_fields]
    names = ", ".join(f"{quote(meta.db_table)}.{quote(column.target.column)}" for column in told)
    converters = [
        [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)] for column in told
    ]
    statement = f"{_statement(model, fields)} RETURNING {names}"
    return fields, statement, list(zip(told, converters, strict=True))


def _written(model: Any) -> list[Any]:
    """The columns that a new row is given; its id the database gives."""
    return [field for field in model._meta.concrete_fields if not (field.generated or field.primary_key)]


def _statement(model: Any, fields: Sequence[Any]) -> str:
    quote = connection.ops.quote_name
    columns, places = ", ".join(quote(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"


def insert_each(rows: Sequence[models.Model]) -> None:
    """New rows whose ids nobody asks for."""
    if rows:
        model, fields = type(rows[0]), _written(type(rows[0]))
        insert_values(model, fields, ([getattr(row, field.attname) for field in fields] for row in rows))


def insert_values(model: Any, fields: Sequence[Any], values: Iterable[Sequence[Any]]) -> None:
    """The same where they are no objects yet: a row is the values of these fields."""
    _for_each(_statement(model, fields), [_stored(fields, row) for row in values])


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

"""Rows stored by statements whose text is made once: one row, or many by one statement run for each.

Django makes the text anew for every row saved, and `bulk_create` and `bulk_update` a long one of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models, transaction
from django.db.models.signals import post_save

# Values that a field stores as they are; any others, and those of other fields, are converted.
_NOTHING = type(None)
_NUMBERS = (
    *(models.IntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField),
    *(models.BigIntegerField, models.PositiveBigIntegerField, models.BigAutoField),
    *(models.ForeignKey, models.OneToOneField),
)
AS_THEY_ARE: dict[type, tuple[type, ...]] = {
    **dict.fromkeys((models.CharField, models.TextField), (str, _NOTHING)),
    **dict.fromkeys(_NUMBERS, (int, _NOTHING)),
    models.BooleanField: (bool, _NOTHING),
    models.DateField: (_NOTHING,),
    models.DateTimeField: (_NOTHING,),
}


@dataclass(frozen=True, slots=True)
class EachRow:
    """A statement and the values it is run with for each row, as the database takes them."""

    statement: str
    values: list[tuple[Any, ...]]

    def run(self) -> None:
        if self.values:
            with connection.cursor() as cursor:
                cursor.executemany(self.statement, self.values)


def insert(row: models.Model) -> None:
    """A new row, as `save(force_insert=True)` stores it: it knows its id, and those who listen hear of it."""
    if not connection.features.can_return_columns_from_insert:  # SQLite before 3.35
        row.save(force_insert=True)
        return
    row._prepare_related_fields_for_save(operation_name="save")  # type: ignore[attr-defined]
    fields, statement, told = _insertion(type(row))
    [values], using = _stored(fields, [[field.pre_save(row, add=True) for field in fields]]), connection.alias
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


def _written(model: Any, *, with_ids: bool = False) -> list[Any]:
    """The columns that a new row is given; its id the database gives."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    return [field for field in fields if with_ids or not field.primary_key]


def _statement(model: Any, fields: Sequence[Any]) -> str:
    quote = connection.ops.quote_name
    columns, places = ", ".join(quote(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"


def insert_each(rows: Sequence[models.Model]) -> None:
    """New rows whose ids nobody asks for."""
    if rows:
        inserting(rows).run()


def inserting(rows: Sequence[models.Model], *, with_ids: bool = False) -> EachRow:
    """The same, to be run later; with the ids that the rows have been given already."""
    fields = _written(type(rows[0]), with_ids=with_ids)
    values = ([getattr(row, field.attname) for field in fields] for row in rows)
    return inserting_values(type(rows[0]), fields, values)


def insert_values(model: Any, fields: Sequence[Any], values: Iterable[Sequence[Any]]) -> None:
    """New rows that are no objects yet: a row is the values of these fields."""
    inserting_values(model, fields, values).run()


def inserting_values(model: Any, fields: Sequence[Any], values: Iterable[Sequence[Any]]) -> EachRow:
    return EachRow(_statement(model, fields), _stored(fields, values))


def update_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Columns of rows that exist, each with values of its own."""
    if rows and names:
        updating(rows, names).run()


def updating(rows: Sequence[models.Model], names: Sequence[str]) -> EachRow:
    """The same, to be run later."""
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields: list[Any] = [*(meta.get_field(name) for name in names), meta.pk]
    sets = ", ".join(f"{quote(field.column)} = %s" for field in fields[:-1])
    statement = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(fields[-1].column)} = %s"
    return EachRow(statement, _stored(fields, ([getattr(row, f.attname) for f in fields] for row in rows)))


def reserve_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """Ids that no other row is given, for rows that are named before they are stored."""
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sequence, [table, count])
            return [pk for (pk,) in cursor.fetchall()]
        known = "SELECT 1 FROM sqlite_sequence WHERE name = %s"
        cursor.execute(
            f"INSERT INTO sqlite_sequence (name, seq) SELECT %s, 0 WHERE NOT EXISTS ({known})", [table, table]
        )
        last = f"max(seq, (SELECT coalesce(max(id), 0) FROM {table}))"
        cursor.execute(f"UPDATE sqlite_sequence SET seq = {last} + %s WHERE name = %s", [count, table])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (end,) = cursor.fetchone()
        return range(end - count + 1, end + 1)


def _stored(fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The values as the database takes them; most are so already."""
    columns = [(field, AS_THEY_ARE.get(type(field), ())) for field in fields]
    return [
        tuple(
            value if type(value) in plain else field.get_db_prep_save(value, connection)
            for (field, plain), value in zip(columns, row, strict=True)
        )
        for row in rows
    ]

"""Many rows stored by one statement run for each: `bulk_create` and `bulk_update` build a long one of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

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


def insert_each(rows: Sequence[models.Model]) -> None:
    """New rows whose ids nobody asks for."""
    if rows:
        inserting(rows).run()


def inserting(rows: Sequence[models.Model], *, with_ids: bool = False) -> EachRow:
    """The same, to be run later; with the ids that the rows have been given already."""
    fields: list[Any] = [field for field in rows[0]._meta.concrete_fields if not field.generated]
    fields = [field for field in fields if with_ids or not field.primary_key]
    values = ([getattr(row, field.attname) for field in fields] for row in rows)
    return inserting_values(type(rows[0]), fields, values)


def insert_values(model: Any, fields: Sequence[Any], values: Iterable[Sequence[Any]]) -> None:
    """New rows that are no objects yet: a row is the values of these fields."""
    inserting_values(model, fields, values).run()


def inserting_values(model: Any, fields: Sequence[Any], values: Iterable[Sequence[Any]]) -> EachRow:
    quote = connection.ops.quote_name
    columns, places = ", ".join(quote(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"
    return EachRow(statement, _stored(fields, values))


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

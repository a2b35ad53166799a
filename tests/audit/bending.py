"""Bending the database by SQL, and asking the record what it sees: for every test of tampering."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from rectify import clock
from rectify.audit import append_only_triggers
from rectify.audit.rows import Shape, shapes, stored_texts
from rectify.audit.verify import read_chains
from rectify.digests import canonical

FAR = dt.date(2099, 6, 30)


def breaks() -> list[str]:
    return [str(fault) for read in read_chains("default") for fault in read.breaks]


def stored_text(shape: Shape, pk: int) -> str:
    """What the digest of a row is made of, as the database holds it now."""
    ((_, text),) = stored_texts(shape, shape.model._base_manager.filter(pk=pk))
    return text


def bend(shape: Shape, column: Any, pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {table(shape)} SET "{column.column}" = %s WHERE id = %s',
            [another(shape, column, pk), pk],
        )


def shape_named(kind: str) -> Shape:
    return next(shape for shape in shapes() if shape.kind == kind)


def table(shape: Shape) -> str:
    return str(shape.model._meta.db_table)


@contextmanager
def undone(shape: Shape, *more: str) -> Iterator[int]:
    """The id of one row, its table without triggers and constraints, and all as it was afterwards."""
    row = shape.model._base_manager.order_by("-pk").first()
    assert row is not None, f"no {shape.kind} in the world of this test"
    with transaction.atomic():
        append_only_triggers.lift()
        _without_constraints(table(shape), *more)
        yield row.pk
        transaction.set_rollback(True)
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA ignore_check_constraints = OFF")


def _without_constraints(*tables: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            return
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('c', 'f')"
            " AND (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s))",
            [list(tables), list(tables)],
        )
        for name, constraint in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {name} DROP CONSTRAINT "{constraint}"')


def another(shape: Shape, column: Any, pk: int) -> Any:
    """A value of the column's type that is not the one the row has."""
    old = getattr(shape.model._base_manager.get(pk=pk), column.attname)
    if isinstance(column, models.JSONField):
        return canonical({"forged": 1})
    if isinstance(column, models.BooleanField):
        return not old
    if isinstance(column, models.DateTimeField):
        return (old or clock.now()) + dt.timedelta(microseconds=1)
    if isinstance(column, models.DateField):
        return (old or FAR) - dt.timedelta(days=1)
    if column.is_relation or isinstance(column, models.IntegerField):
        return (old or 0) + 5_000
    return "x" if old != "x" else "y"


def inserted(shape: Shape, pk: int) -> int:
    """A copy of the row under a new id; where it may stand only once, the row itself under that id."""
    new = pk + 100_000
    columns = [column for column in shape.model._meta.concrete_fields if not column.generated]
    row = shape.model._base_manager.filter(pk=pk).values(*(column.attname for column in columns)).get()
    for relations in (False, True):
        values = [new if column.primary_key else _copied(shape, column, row, relations) for column in columns]
        names = ", ".join(f'"{column.column}"' for column in columns)
        marks = ", ".join(["%s"] * len(columns))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {table(shape)} ({names}) VALUES ({marks})", values)
                return new
        except IntegrityError:
            continue
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table(shape)} SET id = %s WHERE id = %s", [new, pk])
    return new


def _copied(shape: Shape, column: Any, row: dict[str, Any], relations: bool) -> Any:
    if isinstance(column, models.JSONField):
        return canonical(row[column.attname])
    if column.is_relation and not relations:
        return row[column.attname]
    return another(shape, column, row["id"])

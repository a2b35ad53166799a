"""A dump of one kind of database read into the other: table by table, as values that both mean alike."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction

from rectify.audit import append_only_triggers
from rectify.backup.archive import DATABASE, Manifest

BROUGHT = "brought"  # the name of the connection to the unpacked file
AT_ONCE = 2_000
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
MEANING = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
Row = tuple[Any, ...]


def cross(folder: Path, manifest: Manifest) -> None:
    """Put a dump of the other kind into this database, of the same structure; all or nothing."""
    try:
        with _source(folder, manifest) as rows_of, transaction.atomic():
            _replace(rows_of)
    except _unusable() as error:
        raise CommandError(f"备份里的数据不能用：{error}。没有任何改动。") from error


def _unusable() -> tuple[type[Exception], ...]:
    """What wrong data raises. COPY raises past Django; a SQLite installation may have no such driver."""
    if connection.vendor != "postgresql":
        return DatabaseError, ValueError
    import psycopg

    return DatabaseError, ValueError, psycopg.Error


def _replace(rows_of: Any) -> None:
    append_only_triggers.lift()
    ours = list(apps.get_models(include_auto_created=True))
    with connection.cursor() as cursor:
        for model in ours:  # what migrating has put there
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
        for model in ours:
            _insert(cursor, model, rows_of(model))
        for statement in connection.ops.sequence_reset_sql(no_style(), ours):
            cursor.execute(statement)
    connection.check_constraints()
    append_only_triggers.install()


def columns_of(model: type[models.Model]) -> list[models.Field]:
    """What is stored: all but what the database computes itself."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def _insert(cursor: Any, model: type[models.Model], rows: Iterator[Row]) -> None:
    """As the database wants each value."""
    fields = columns_of(model)
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    stored = ([f.get_db_prep_save(v, connection) for f, v in zip(fields, row, strict=True)] for row in rows)
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN") as copy:
            for values in stored:
                copy.write_row(values)
        return
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"
    while chunk := list(islice(stored, AT_ONCE)):
        cursor.executemany(statement, chunk)


# -- where the rows come from --------------------------------------------------------------------------


@contextlib.contextmanager
def _source(folder: Path, manifest: Manifest) -> Iterator[Any]:
    """Gives the rows of a model, in the order of `columns_of`."""
    if manifest.vendor != "sqlite":
        yield lambda model: _copied(folder, manifest, model)
        return
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / DATABASE), "OPTIONS": {}}
    connections.settings[BROUGHT] = connections.settings["default"] | sqlite | {"CONN_MAX_AGE": 0}
    try:
        yield _read
    finally:
        connections[BROUGHT].close()
        del connections[BROUGHT]
        del connections.settings[BROUGHT]


def _read(model: type[models.Model]) -> Iterator[Row]:
    names = [field.attname for field in columns_of(model)]
    rows = model._base_manager.using(BROUGHT).order_by("pk").values_list(*names)
    yield from rows.iterator(chunk_size=AT_ONCE)


def _copied(folder: Path, manifest: Manifest, model: type[models.Model]) -> Iterator[Row]:
    """The lines of a table that PostgreSQL wrote, each value as its field means it."""
    table = model._meta.db_table
    places = {column: at for at, column in enumerate(manifest.columns[table])}
    fields = [(field, places[str(field.column)]) for field in columns_of(model)]
    with (folder / "tables" / f"{table}.copy").open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            values = line.removesuffix("\n").split("\t")
            yield tuple(_meant(field, values[at]) for field, at in fields)


def _meant(field: models.Field, text: str) -> Any:
    if text == r"\N":
        return None
    plain = ESCAPED.sub(lambda found: MEANING.get(found[1], found[1]), text) if "\\" in text else text
    if isinstance(field, models.JSONField):
        return json.loads(plain)
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return target.to_python(plain)

"""Found the schema on one migration: constraints and indexes inside the tables they belong to.

    python -m tests.found_schema

Written one by one, as makemigrations leaves them, each check makes SQLite copy its whole table anew. As long
as nothing is released (CHANGELOG.md) a change of models is written by this, and there is one 0001.
"""

from __future__ import annotations

import os
from pathlib import Path

import django

from tests import scratch

os.environ["DATA_DIR"] = scratch.of_the_run()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

from django.core.management import call_command
from django.db.migrations import AddConstraint, AddIndex, CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.writer import MigrationWriter
from django.db.models import F

FOLDER = Path(__file__).parent.parent / "rectify" / "migrations"
INSIDE = {AddConstraint: ("constraints", "constraint"), AddIndex: ("indexes", "index")}


def folded(operations: list[Operation]) -> list[Operation]:
    """The same with what a table holds written where the table is made; needs its columns to be there."""
    made = {operation.name_lower: operation for operation in operations if isinstance(operation, CreateModel)}
    kept: list[Operation] = []
    for operation in operations:
        option, name = INSIDE.get(type(operation), ("", ""))
        table = made.get(getattr(operation, "model_name_lower", ""))
        if not option or table is None or not _has_columns(table, getattr(operation, name)):
            kept.append(operation)
            continue
        table.options.setdefault(option, []).append(getattr(operation, name))
    return kept


def _has_columns(table: CreateModel, thing: object) -> bool:
    """Whether every column that the constraint or index names is made with the table."""
    columns = {name for name, _ in table.fields}
    named = {*getattr(thing, "fields", ()), *_named_in(getattr(thing, "condition", None))}
    return {name.removeprefix("-").split("__")[0] for name in named} <= columns


def _named_in(node: object) -> set[str]:
    """The columns that a condition speaks of."""
    found: set[str] = set()
    for child in getattr(node, "children", ()):
        if not isinstance(child, tuple):
            found |= _named_in(child)
            continue
        name, value = child
        found |= {name, value.name} if isinstance(value, F) else {name}
    return found


def main() -> None:
    """Remove what there is, let Django write it anew, fold it, write it again."""
    for old in FOLDER.glob("0*.py"):
        old.unlink()
    django.setup()
    call_command("makemigrations", "rectify", name="initial", verbosity=0)
    path = FOLDER / "0001_initial.py"
    scope: dict[str, type[Migration]] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), scope)  # our own file, just written
    written = scope["Migration"]
    written.operations = folded(list(written.operations))
    path.write_text(MigrationWriter(written("0001_initial", "rectify")).as_string(), encoding="utf-8")
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


if __name__ == "__main__":
    main()

"""Found the schema on one migration: columns, constraints and indexes inside the tables they belong to.

    python -m tests.found_schema

Written one by one, as makemigrations leaves them, each check makes SQLite copy its whole table anew, and each
step makes Django build anew every model that hangs together with its table. As long as nothing is released
(CHANGELOG.md) a change of models is written by this, and there is one 0001.
"""

from __future__ import annotations

import os
from graphlib import TopologicalSorter
from pathlib import Path

import django

from tests import scratch

os.environ["DATA_DIR"] = scratch.of_the_run()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

from django.core.management import call_command
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.writer import MigrationWriter

FOLDER = Path(__file__).parent.parent / "rectify" / "migrations"
INSIDE = {AddConstraint: ("constraints", "constraint"), AddIndex: ("indexes", "index")}


def folded(operations: list[Operation]) -> list[Operation]:
    """The same as tables alone, each after those that its columns point to; circles are not allowed."""
    tables = {
        operation.name_lower: operation for operation in operations if isinstance(operation, CreateModel)
    }
    for operation in operations:
        if isinstance(operation, AddField):
            tables[operation.model_name_lower].fields.append((operation.name, operation.field))
        elif type(operation) in INSIDE:
            option, name = INSIDE[type(operation)]
            table = tables[operation.model_name_lower]
            table.options.setdefault(option, []).append(getattr(operation, name))
        elif not isinstance(operation, CreateModel):
            raise SystemExit(f"{operation} has no place inside a table")
    order = TopologicalSorter({name: _pointed_to(table) & {*tables} for name, table in tables.items()})
    return [tables[name] for name in order.static_order()]


def _pointed_to(table: CreateModel) -> set[str]:
    """The tables that must be there before this one."""
    relations = [field.remote_field for _, field in table.fields if field.remote_field]
    named = [*(r.model for r in relations), *(getattr(r, "through", None) for r in relations)]
    return {str(name).rpartition(".")[2].lower() for name in named if name} - {table.name_lower}


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

"""Migrations and models give one schema: the tests on SQLite stand on tables made from the models."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.ci,
    pytest.mark.django_db,
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="PostgreSQL is migrated for every pass"),
]


def named(cursor: Any, kind: str) -> dict[str, str]:
    """The statement that made each of a kind."""
    return dict(cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE type = '{kind}'").fetchall())


def schema(cursor: Any) -> dict[str, Any]:
    """Tables with columns, references and constraints, without their order; indexes and triggers."""
    described: dict[str, Any] = {kind: named(cursor, kind) for kind in ("index", "trigger")}
    for name, sql in named(cursor, "table").items():
        columns = {row[1:] for row in cursor.execute(f'PRAGMA table_xinfo("{name}")').fetchall()}
        references = {row[2:] for row in cursor.execute(f'PRAGMA foreign_key_list("{name}")').fetchall()}
        described[name] = (columns, references, sorted(re.findall(r'CONSTRAINT "(\w+)"', sql)))
    return described


def test_migrating_makes_the_tables_that_the_models_describe(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, env={**os.environ, "DATA_DIR": str(tmp_path)}, check=True)
    with closing(sqlite3.connect(tmp_path / "rectify.sqlite3")) as migrated, connection.cursor() as cursor:
        assert schema(cursor) == schema(migrated)

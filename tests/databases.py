"""One database a pass, of which every worker tests on a copy of its own.

On PostgreSQL it is migrated. On SQLite each constraint that a migration adds makes a table anew, some ten
seconds in all, so the tables are made as the models say; tests/models/test_schema.py compares the two.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

ALIASES = ("default", "snapshot")


@contextmanager
def copied(run: str, worker: str) -> Iterator[None]:
    """Whoever comes first makes the template of the run and migrates it; the connections go to a copy."""
    default, name = connections["default"], connections["default"].settings_dict["NAME"]
    with _alone(run):
        if not _made(run).exists():
            _point_at_template(run, default.settings_dict["TEST"])
            default.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            if not default.settings_dict["TEST"]["MIGRATE"]:
                _note_migrations()
            default.close()  # so that all of it is in the file that is copied
            _made(run).write_text(default.settings_dict["NAME"], encoding="utf-8")
        _name(_made(run).read_text(encoding="utf-8"))
        default.creation.clone_test_db(worker, verbosity=0, autoclobber=True)
    _name(default.creation.get_test_db_clone_settings(worker)["NAME"])
    try:
        yield
    finally:
        _destroy(name)


def forget_template(run: str) -> None:
    """When no worker is left to copy it."""
    if _made(run).exists():
        name = connections["default"].settings_dict["NAME"]
        _name(_made(run).read_text(encoding="utf-8"))
        _destroy(name)
        _made(run).unlink()
        _lock(run).unlink()


def _destroy(then: str) -> None:
    for alias in ALIASES:
        connections[alias].close()
    connections["default"].creation.destroy_test_db(then, verbosity=0)
    _name(then)


def _name(name: str) -> None:
    for alias in ALIASES:
        connections[alias].settings_dict["NAME"] = name


def _point_at_template(run: str, test: dict[str, str]) -> None:
    """A file of SQLite is the run's own; a server of PostgreSQL has its usual test database."""
    if connections["default"].vendor == "sqlite":
        test["NAME"] = str(Path(settings.DATA_DIR) / f"test-{run}.sqlite3")
        test["MIGRATE"] = False


def _note_migrations() -> None:
    """Every migration counts as applied, as after migrate."""
    recorder = MigrationRecorder(connections["default"])
    recorder.ensure_schema()
    for migration in sorted(MigrationLoader(None).graph.nodes):
        recorder.record_applied(*migration)


def _made(run: str) -> Path:
    """Says that the template is there, and its name."""
    return Path(settings.DATA_DIR) / f"test-{run}.made"


def _lock(run: str) -> Path:
    return Path(settings.DATA_DIR) / f"test-{run}.lock"


@contextmanager
def _alone(run: str) -> Iterator[None]:
    handle = os.open(_lock(run), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

"""A world made once for a module: every test starts from it, and what a test changes is taken back."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import connection, transaction
from django.test import override_settings


@dataclass(frozen=True)
class World:
    """What was built, and the folders with its files."""

    made: Any
    folder: Path

    def copied_to(self, folder: Path) -> Any:
        """What was built, its files in a test's own folder: nothing is shared with the other tests."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return copy.deepcopy(self.made)


@contextmanager
def standing(build: Callable[[], Any], folder: Path) -> Iterator[World]:
    """The rows of `build` stand in an open transaction, in which the transaction of each test is a savepoint.

    The connection stays open between the tests, as the transaction would end with it.
    """
    folder.mkdir()
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(connection, "close", lambda: None))
        outer = transaction.atomic()
        outer._from_testcase = True  # type: ignore[attr-defined]  # so that durable acts may stand inside
        stack.enter_context(outer)
        with override_settings(**settings_in(folder)):
            made = build()
        yield World(made, folder)
        transaction.set_rollback(True)


def settings_in(folder: Path) -> dict[str, Any]:
    """Where evidence and uploads of a test go, and passwords that are quick to store."""
    return {
        "EVIDENCE_DIR": folder / "evidence",
        "UPLOAD_DIR": folder / "uploads",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }

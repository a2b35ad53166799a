"""A world made once for a module: every test starts from it, and what a test changes is taken back."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import TestCase, override_settings


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
    """The rows of `build` are the class data of a TestCase, whose tests are those of a module: they stand in
    its transaction, in which the transaction of each test is a savepoint."""

    class Standing(TestCase):
        databases = {"default", "snapshot"}

        @classmethod
        def setUpTestData(cls) -> None:
            with override_settings(**settings_in(folder)):
                cls.made = build()

    folder.mkdir()
    try:
        Standing.setUpClass()
        try:
            yield World(Standing.made, folder)
        finally:
            Standing.tearDownClass()
    finally:
        Standing.doClassCleanups()


def settings_in(folder: Path) -> dict[str, Any]:
    """Where evidence and uploads of a test go, and passwords that are quick to store."""
    return {
        "DATA_DIR": folder,
        "EVIDENCE_DIR": folder / "evidence",
        "UPLOAD_DIR": folder / "uploads",
        "ANCHOR_DIR": folder / "anchors",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }

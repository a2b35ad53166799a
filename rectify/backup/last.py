"""When the last backup was written, read again and rehearsed: kept beside the data."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from rectify import clock
from rectify.backup.archive import Manifest

NAME = "last_backup.json"


@dataclass(frozen=True)
class LastBackup:
    """`missing` counts files that were gone or altered when it was written."""

    at: dt.datetime
    missing: int
    size: int = 0
    rehearsed: dt.datetime | None = None


def note_backup(manifest: Manifest, size: int) -> None:
    """One that was read through once more after it was written."""
    _note({"at": clock.now().isoformat(), "missing": len(manifest.missing), "size": size})


def note_rehearsal() -> None:
    _note({"rehearsed": clock.now().isoformat()})


def _note(facts: dict[str, Any]) -> None:
    path = Path(settings.DATA_DIR) / NAME
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(_noted() | facts), encoding="utf-8")
    draft.replace(path)


def _noted() -> dict[str, Any]:
    try:
        return dict(json.loads((Path(settings.DATA_DIR) / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def last_backup() -> LastBackup | None:
    """None when there has been none, or its note cannot be read."""
    note = _noted()
    rehearsed = note.get("rehearsed")
    try:
        return LastBackup(
            dt.datetime.fromisoformat(note["at"]),
            int(note["missing"]),
            int(note.get("size", 0)),
            dt.datetime.fromisoformat(rehearsed) if rehearsed else None,
        )
    except (ValueError, KeyError, TypeError):
        return None

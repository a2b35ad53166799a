"""When the last backup was written and what it lacked: kept beside the data, for whoever looks after it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from rectify import clock
from rectify.backup.archive import Manifest

NAME = "last_backup.json"


@dataclass(frozen=True)
class LastBackup:
    """`missing` counts files that were gone or altered when it was written."""

    at: dt.datetime
    missing: int


def note_backup(manifest: Manifest) -> None:
    text = json.dumps({"at": clock.now().isoformat(), "missing": len(manifest.missing)})
    path = Path(settings.DATA_DIR) / NAME
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def last_backup() -> LastBackup | None:
    """None when there has been none, or its note cannot be read."""
    try:
        note = json.loads((Path(settings.DATA_DIR) / NAME).read_text(encoding="utf-8"))
        return LastBackup(dt.datetime.fromisoformat(note["at"]), int(note["missing"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None

"""Evidence files: written, hashed and synced before the transaction that names them."""

from __future__ import annotations

import contextlib
import hashlib
import mimetypes
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from .. import clock
from ..errors import Incomplete
from ..models import (
    CloseOutStep,
    Evidence,
    ExtensionStep,
    FollowUp,
    IssuedLedger,
    Measure,
    Problem,
    ProgressNote,
    Reply,
    User,
)

CHUNK = 1024 * 1024
TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ofd": "application/ofd",
}


@dataclass(frozen=True)
class Kept:
    """A file that lies safely on the disk and waits to be named by a row."""

    name: str
    stored: str
    size: int
    sha256: str

    @property
    def facts(self) -> dict[str, Any]:
        return {"name": self.name, "size": self.size, "sha256": self.sha256}


def keep(files: Sequence[Any]) -> list[Kept]:
    """Write the files under names of our own; all are on the disk when this returns."""
    if len(files) > settings.EVIDENCE_MAX_FILES:
        raise Incomplete(f"一次最多上传 {settings.EVIDENCE_MAX_FILES} 个文件，请分次填报。", field="files")
    return [_write(file) for file in files]


def attach(
    kept: Sequence[Kept],
    *,
    problem: Problem,
    by: User,
    **holder: ProgressNote | Measure | Reply | CloseOutStep | ExtensionStep | FollowUp,
) -> list[Evidence]:
    """The rows that name the files; `holder` is what they prove (note=, measure=, …). Inside the act."""
    return [
        Evidence.objects.create(
            problem=problem,
            name=file.name,
            stored=file.stored,
            content_type=content_type(file.name),
            size=file.size,
            sha256=file.sha256,
            at=clock.now(),
            by=by,
            **holder,
        )
        for file in kept
    ]


def content_type(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def remove(rows: Sequence[Evidence | IssuedLedger]) -> None:
    """Take the files themselves away; only a purge does this."""
    for row in rows:
        with contextlib.suppress(FileNotFoundError):
            row.path.unlink()


def keep_one(file: Any, name: str) -> Kept:
    """Write one file of our own making under the name it will be handed out by."""
    return _write(file, name)


def _write(file: Any, name: str = "") -> Kept:
    stored = uuid.uuid4().hex
    path = Path(settings.EVIDENCE_DIR) / stored[:2] / stored
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    _sync_folder(path.parent)
    return Kept(name or Path(str(file.name)).name[:255], stored, size, digest.hexdigest())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

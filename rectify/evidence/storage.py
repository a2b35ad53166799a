"""Evidence files: written, hashed and synced before the transaction that names them."""

from __future__ import annotations

import contextlib
import hashlib
import mimetypes
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Model

from rectify import clock
from rectify.errors import Incomplete
from rectify.models import Evidence, IssuedLedger, Problem, SourceText, User
from rectify.models.each import insert
from rectify.models.evidence import holder_of

CHUNK = 1024 * 1024
TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ofd": "application/ofd",
}


@dataclass
class Kept:
    """A file that lies safely on the disk and waits to be named by a row; `named` says that one does."""

    name: str
    stored: str
    size: int
    sha256: str
    named: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        return {"name": self.name, "size": self.size, "sha256": self.sha256}


@contextlib.contextmanager
def keeping(files: Sequence[Any], name: str = "") -> Iterator[list[Kept]]:
    """The files under names of our own, all on the disk before the act inside begins.

    When the act is refused, or repeated so that no row names them, they are taken away again. A
    database that cannot be reached says nothing about its last commit: then they stay.
    """
    if len(files) > settings.EVIDENCE_MAX_FILES:
        raise Incomplete(f"一次最多上传 {settings.EVIDENCE_MAX_FILES} 个文件，请分次填报。", field="files")
    kept: list[Kept] = []
    try:
        for file in files:
            kept.append(keep(file, name))
        yield kept
    except (OperationalError, InterfaceError):
        raise
    except BaseException:
        for one in kept:
            discard(one)
        raise
    for one in kept:
        if not one.named:
            discard(one)


def attach(
    kept: Sequence[Kept], holder: Model, *, problem: Problem, by: User, replaces: Evidence | None = None
) -> list[Evidence]:
    """The rows that name the files; `holder` is what they prove. Inside the act."""
    for file in kept:
        file.named = True
    rows = [
        Evidence(
            problem=problem,
            name=file.name,
            stored=file.stored,
            content_type=content_type(file.name),
            size=file.size,
            sha256=file.sha256,
            at=clock.now(),
            by=by,
            replaces=replaces,
            **{holder_of(type(holder)): holder},
        )
        for file in kept
    ]
    for row in rows:
        insert(row)
    return rows


def content_type(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def remove(rows: Sequence[Evidence | IssuedLedger | SourceText]) -> None:
    """Take the files themselves away; only a purge does this."""
    for row in rows:
        with contextlib.suppress(FileNotFoundError):
            row.path.unlink()


def discard(file: Kept | str) -> None:
    """Take away a file that no row names."""
    stored = file if isinstance(file, str) else file.stored
    with contextlib.suppress(FileNotFoundError):
        (Path(settings.EVIDENCE_DIR) / stored[:2] / stored).unlink()


def keep(file: Any, name: str = "") -> Kept:
    """Write one file under a name of our own; it is on the disk when this returns."""
    stored = uuid.uuid4().hex
    path = Path(settings.EVIDENCE_DIR) / stored[:2] / stored
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        size, sha256 = _write(file, path)
    except BaseException:  # the disk is full, or the upload broke off
        discard(stored)
        raise
    return Kept(name or Path(str(file.name)).name[:255], stored, size, sha256)


def _write(file: Any, path: Path) -> tuple[int, str]:
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
    return size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

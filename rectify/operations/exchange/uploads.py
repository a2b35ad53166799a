"""Uploaded files between upload and confirmation: kept for one person and a while. Not business state."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.db import transaction

from rectify import clock
from rectify.choices import UploadKind
from rectify.errors import Incomplete
from rectify.models import KeptUpload, User
from rectify.models.each import insert

HOURS = 2
MAX_BYTES = 20 * 1024 * 1024
MOST = 20  # of one person and one kind at a time
CHUNK = 1024 * 1024


def keep(user: User, *, kind: str, file: Any, **choices: Any) -> KeptUpload:
    """Write the file under a name of our own, with what is known of it.

    Raises Incomplete when it is too large to be a sheet.
    """
    drop_expired()
    if kind != UploadKind.EVIDENCE and file.size > MAX_BYTES:
        raise Incomplete(
            f"文件超过 {MAX_BYTES // 1024 // 1024} MB，没有导入任何内容。"
            "请按单位拆开，或删去其中的图片后重新上传。",
            field="file",
        )
    name = PurePosixPath(str(file.name).replace("\\", "/")).name[:255] or "未命名.xlsx"
    upload = KeptUpload(user=user, kind=kind, name=name, at=clock.now(), size=file.size, choices=choices)
    upload.sha256 = _write(upload.path, file)
    insert(upload)
    for old in KeptUpload.objects.filter(user=user, kind=kind).order_by("-id")[MOST:]:
        drop(old)
    return upload


def choose(upload: KeptUpload, choices: dict[str, Any]) -> None:
    """Keep what the person decided about the file so far."""
    KeptUpload.objects.filter(pk=upload.pk).update(choices=choices)
    upload.choices = choices


def live(user: User, kind: str) -> Any:
    """A person's uploads that have not expired."""
    return KeptUpload.objects.filter(user=user, kind=kind, at__gte=clock.now() - dt.timedelta(hours=HOURS))


def discard_file(upload: KeptUpload) -> None:
    """Once imported the file has said what it had to say."""
    for path in (upload.path, upload.parsed_path):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def drop(upload: KeptUpload) -> None:
    """Forget an upload and its file."""
    discard_file(upload)
    KeptUpload.objects.filter(pk=upload.pk).delete()


def drop_expired() -> int:
    """Forget uploads that nobody confirmed in time; returns how many."""
    expired = list(KeptUpload.objects.filter(at__lt=clock.now() - dt.timedelta(hours=HOURS)))
    for upload in expired:
        drop(upload)
    return len(expired)


def drop_all() -> None:
    """Forget every waiting file: a purged text may stand in any of them. Call inside the act's transaction:
    the rows go with it, the files once it is committed, and no fault after that unsays what was done."""
    waiting = list(KeptUpload.objects.all())
    KeptUpload.objects.filter(pk__in=[upload.pk for upload in waiting]).delete()
    for upload in waiting:
        transaction.on_commit(partial(discard_file, upload), robust=True)


def _write(path: Path, file: Any) -> str:
    Path(settings.UPLOAD_DIR).mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    file.seek(0)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()

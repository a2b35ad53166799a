"""Evidence kept beside the archives of many days: each file copied once, let go when no archive names it."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

from django.core.management.base import CommandError

from rectify import clock

NAME = re.compile(r"[0-9a-f]{32}")
GONE = ".gone-"  # and since when no row names it: archives before that day still do
ROUND = 30  # days within which every kept copy is read again
CHUNK = 1024 * 1024


class Store:
    """The folder. Files are never changed once they are written, so a copy is made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.copied = 0

    def place(self, stored: str) -> Path:
        return self.folder / stored[:2] / stored

    def keep(self, stored: str, path: Path, sha256: str) -> str:
        """Returns the digest of what is kept. A good copy is not replaced by a file that was altered."""
        copy = self.place(stored)
        if copy.exists():
            as_before = copy.stat().st_size == path.stat().st_size and not _is_due(stored)
            if as_before or _digest_of(copy) == sha256:
                return sha256
        self.copied += 1
        return self._copy(path, copy)

    def differs(self, stored: str, path: Path) -> bool:
        return self.place(stored).stat().st_size != path.stat().st_size

    def _copy(self, path: Path, copy: Path) -> str:
        """Whole or not at all, and read again."""
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = copy.with_suffix(".part")
        with path.open("rb") as source, part.open("wb") as out:
            os.fchmod(out.fileno(), 0o600)
            digest = _pour(source, out)
            out.flush()
            os.fsync(out.fileno())
        if _digest_of(part) != digest:
            part.unlink()
            raise CommandError(f"写到 {copy} 的与原件不同，磁盘可能有问题。没有写成备份。")
        part.replace(copy)
        return digest

    def let_go(self, named: set[str], days: int) -> int:
        """What no row names any more is marked, and removed when no archive of those days is left."""
        today, removed = clock.today(), 0
        for path in self.folder.glob("??/*"):
            stored, _, since = path.name.partition(GONE)
            if stored in named or not NAME.fullmatch(stored):
                continue
            if not since:
                path.replace(path.with_name(f"{stored}{GONE}{today.isoformat()}"))
            elif today - dt.date.fromisoformat(since) > dt.timedelta(days=days):
                path.unlink()
                removed += 1
        return removed

    def bring(self, wanted: dict[str, str], into: Path) -> None:
        """Copy what an archive names into `into`. Raises CommandError where one is not as it says."""
        for stored, sha256 in sorted(wanted.items()):
            kept = [self.place(stored), *self.place(stored).parent.glob(f"{stored}{GONE}*")]
            found = next((path for path in kept if path.exists()), None)
            if found is None:
                raise CommandError(
                    f"另存的材料不在 {self.folder} 里（缺少 {stored}）。请用 --evidence 指明。没有任何改动。"
                )
            target = into / stored[:2] / stored
            target.parent.mkdir(parents=True, exist_ok=True)
            with found.open("rb") as source, target.open("xb") as out:
                digest = _pour(source, out)
            target.chmod(0o600)
            if digest != sha256:
                raise CommandError(f"备份另存的材料 {stored} 已损坏或被改动。没有任何改动。")


def _is_due(stored: str) -> bool:
    """Each copy has its day in thirty."""
    return int(stored[:4], 16) % ROUND == clock.today().toordinal() % ROUND


def _pour(source: BinaryIO, out: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest()


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

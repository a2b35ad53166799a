"""The backup archive: its members, the manifest that vouches for them, and reading it with distrust."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from rectify import clock
from rectify.backup import store

FORMAT = 1
CHUNK = 1024 * 1024
LEVEL = 4  # most of an archive is compressed already
MANIFEST = "manifest.json"
MANIFEST_MAX = 512 * 1024 * 1024
DATABASE = "database.sqlite3"
# What reading a damaged archive raises, by the layer that notices.
DAMAGED = (tarfile.TarError, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)
MEMBER = re.compile(r"database\.sqlite3|tables/[a-z0-9_]+\.copy|evidence/([0-9a-f]{2})/(\1[0-9a-f]{30})")


@dataclass
class Manifest:
    """What an archive says of itself."""

    vendor: str
    migrations: list[str]
    created: str = ""
    members: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    # Evidence kept beside the archives, by its name on the disk.
    apart: dict[str, str] = field(default_factory=dict)
    version: int = FORMAT

    @classmethod
    def of_this_database(cls) -> Manifest:
        now = clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
        return cls(vendor=connection.vendor, migrations=applied_migrations(), created=now)

    def to_json(self) -> bytes:
        return json.dumps(vars(self), ensure_ascii=False, sort_keys=True, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises CommandError when it is not a manifest of this product."""
        try:
            data = json.loads(text)
            manifest = cls(**data)
        except (ValueError, TypeError, RecursionError) as error:
            raise CommandError("这不是整改台账的备份：清单无法识别。没有任何改动。") from error
        if manifest.version != FORMAT:
            raise CommandError(f"备份的格式版本是 {manifest.version}，本程序只认 {FORMAT}。没有任何改动。")
        if not _plausible(manifest):
            raise CommandError("备份清单的内容不合规则。没有任何改动。")
        return manifest


def _plausible(manifest: Manifest) -> bool:
    def strings(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)

    members, columns, apart = manifest.members, manifest.columns, manifest.apart
    return (
        isinstance(manifest.vendor, str)
        and isinstance(manifest.created, str)
        and strings(manifest.missing)
        and isinstance(members, dict)
        and isinstance(columns, dict)
        and strings(manifest.migrations)
        and strings(list(members.values()))
        and all(MEMBER.fullmatch(name) for name in members)
        and all(strings(names) for names in columns.values())
        and isinstance(apart, dict)
        and strings(list(apart.values()))
        and all(store.NAME.fullmatch(name) for name in apart)
    )


def applied_migrations() -> list[str]:
    """app.name of every applied migration."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def known_migrations() -> set[str]:
    """app.name of every migration this program has."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


class Writer:
    """Adds members, hashing what it writes; the manifest comes last."""

    def __init__(self, out: Any, manifest: Manifest, *, compressed: bool) -> None:
        self.manifest = manifest
        how: Any = {"mode": "w:gz", "compresslevel": LEVEL} if compressed else {"mode": "w"}
        self.tar = tarfile.open(fileobj=out, format=tarfile.PAX_FORMAT, **how)  # noqa: SIM115

    def add(self, name: str, path: Path) -> str:
        """Add a file; returns its SHA-256."""
        digest = hashlib.sha256()
        with path.open("rb") as source:
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = path.stat().st_size, 0o600, int(clock.now().timestamp())
            self.tar.addfile(info, _Hashing(source, digest))
        _forget(self.tar)
        self.manifest.members[name] = digest.hexdigest()
        return digest.hexdigest()

    def close(self) -> None:
        text = self.manifest.to_json()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode, info.mtime = len(text), 0o600, int(clock.now().timestamp())
        self.tar.addfile(info, io.BytesIO(text))
        self.tar.close()


class _Hashing(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, source: Any, digest: Any) -> None:
        self.source, self.digest = source, digest

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self.source.read(size)
        self.digest.update(chunk)
        return chunk


def unpack(archive: Path, folder: Path) -> Manifest:
    """Unpack into an empty folder of ours, member by member, and compare with the manifest."""
    return _read_through(archive, lambda name, source: _write(source, folder / name))


def check(archive: Path) -> None:
    """Read what was written once more; raises CommandError unless it is all there."""
    _read_through(archive, lambda name, source: _digest(source))


def _read_through(archive: Path, take: Callable[[str, Any], str]) -> Manifest:
    """`take` is given every member and returns its digest.

    Raises CommandError at the first member that is not a plain file under an expected name, that the
    manifest does not know, or whose content it does not vouch for.
    """
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(archive, "r:*") as tar:
            for info, source in _members(tar):
                if info.name == MANIFEST:
                    manifest = Manifest.from_json(source.read(MANIFEST_MAX))
                else:
                    found[info.name] = take(info.name, source)
    except FileNotFoundError as error:
        raise CommandError(f"找不到备份文件 {archive}。") from error
    except DAMAGED as error:
        raise CommandError(f"备份文件不能完整读出：{error}。没有任何改动。") from error
    if manifest is None:
        raise CommandError("备份里没有清单，文件不完整或不是整改台账的备份。没有任何改动。")
    _compare(manifest.members, found)
    return manifest


def _members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, Any]]:
    seen = set()
    for info in tar:
        known = info.name == MANIFEST or MEMBER.fullmatch(info.name)
        if not known or not info.isreg() or info.name in seen:
            raise CommandError(f"备份里有不该有的内容“{info.name[:80]}”，拒绝恢复。没有任何改动。")
        seen.add(info.name)
        yield info, tar.extractfile(info)
        _forget(tar)


def _forget(tar: tarfile.TarFile) -> None:
    """Of every member it keeps what nobody asks for again: of 100,000 files 60 MB."""
    tar.members.clear()  # type: ignore[attr-defined]


def _digest(source: Any) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _write(source: Any, path: Path) -> str:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    path.chmod(0o600)
    return digest.hexdigest()


def _compare(expected: dict[str, str], found: dict[str, str]) -> None:
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            raise CommandError(f"备份缺少“{name}”，与清单不符。没有任何改动。")
        if expected.get(name) != found[name]:
            raise CommandError(f"备份中的“{name}”与清单不符，可能已损坏或被改动。没有任何改动。")

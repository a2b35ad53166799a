"""manage.py backup FILE: database, evidence and manifest in one archive, while the site runs."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from rectify import clock
from rectify.backup.archive import Manifest, Writer, check
from rectify.backup.dump import dump
from rectify.backup.last import note_backup
from rectify.backup.store import Store
from rectify.evidence.inventory import named_files
from rectify.management.command import OfficeCommand, trouble
from rectify.management.emptiness import require_tables
from rectify.models import IssuedLedger

KEPT_DAYS = 30
DATED = re.compile(r"(\D+)\d{8}")


class Command(OfficeCommand):
    help = "把数据库、佐证材料和清单备份成一个文件，网站不必停。文件名以 .gz 或 .tgz 结尾时压缩。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="备份文件，例如 备份.tar.gz；不会覆盖已有文件")
        parser.add_argument(
            "--evidence", type=Path, metavar="FOLDER", help="佐证材料另存在这个文件夹，每次只复制新的"
        )
        parser.add_argument(
            "--keep", type=int, metavar="DAYS", help="写好以后，删去同一文件夹里同样名称、这么多天以前的备份"
        )

    def handle(
        self, *args: Any, file: Path, evidence: Path | None = None, keep: int | None = None, **options: Any
    ) -> None:
        require_tables()
        target = file.resolve()
        _require_room(file, target, keep)
        store = Store(evidence.resolve()) if evidence else None
        try:
            # Beside the target, so that the finished file appears at once and whole, or not at all.
            with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
                part = Path(folder) / "archive"
                compressed = target.suffix in (".gz", ".tgz")
                manifest = self._write(part, Path(folder), store, compressed=compressed)
                check(part)
                _publish(part, target)
        except OSError as error:
            raise CommandError(f"备份没有写成：{trouble(error)}（{error.filename or file}）。") from error
        note_backup(manifest, target.stat().st_size)
        self._tell(file, manifest, store)
        if store:
            store.let_go({*manifest.apart, *manifest.missing}, keep or KEPT_DAYS)
        if keep is not None:
            self.stdout.write(f"删去 {keep} 天以前的备份 {_remove_older(target, keep)} 个。")
        if manifest.missing:
            listed = "\n  ".join(manifest.missing)
            raise CommandError(f"备份已写好，但下列佐证材料丢失或与记录不符，请查明：\n  {listed}")

    def _tell(self, file: Path, manifest: Manifest, store: Store | None) -> None:
        """What is in it, filed ledgers apart from evidence."""
        kept = {*manifest.apart, *(name.rpartition("/")[2] for name in manifest.members if name[0] == "e")}
        filed = len(kept.intersection(IssuedLedger.objects.values_list("stored", flat=True)))
        held = f"{len(kept) - filed} 份佐证材料" + (f"、{filed} 份存档台账" if filed else "")
        apart = f"其中新复制 {store.copied} 个文件到 {store.folder}；" if store else ""
        size = file.stat().st_size
        self.stdout.write(f"已备份到 {file}：数据库和 {held}，{apart}{size} 字节，写完已重新读过。")

    def _write(self, part: Path, folder: Path, store: Store | None, *, compressed: bool) -> Manifest:
        manifest = Manifest.of_this_database()
        # Every file named in the dump is asked for: the rows are read before it and once more after.
        with part.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            writer = Writer(out, manifest, compressed=compressed)
            evidence = named_files()
            for name, path in dump(folder, manifest):
                writer.add(name, path)
                path.unlink()
            self._add_evidence(writer, evidence | named_files(), store)
            writer.close()
            out.flush()
            os.fsync(out.fileno())
        return manifest

    def _add_evidence(
        self, writer: Writer, evidence: dict[str, tuple[Path, str]], store: Store | None
    ) -> None:
        for stored, (path, sha256) in sorted(evidence.items()):
            try:
                found = _kept(writer, store, stored, path, sha256)
            except FileNotFoundError:
                if stored in named_files():  # otherwise purged or given up meanwhile
                    writer.manifest.missing.append(stored)
                continue
            if found != sha256:
                writer.manifest.missing.append(stored)


def _kept(writer: Writer, store: Store | None, stored: str, path: Path, sha256: str) -> str:
    """In the archive, or beside it; returns the digest of the file as it lies there today."""
    if store is None:
        return writer.add(f"evidence/{stored[:2]}/{stored}", path)
    digest = writer.manifest.apart[stored] = store.keep(stored, path, sha256)
    return "" if store.differs(stored, path) else digest


def _require_room(file: Path, target: Path, keep: int | None) -> None:
    """Raises CommandError unless a new archive of that name can be written."""
    if target.exists():
        raise CommandError(f"{file} 已存在，不会覆盖。请换一个文件名。")
    if not target.parent.is_dir():
        raise CommandError(f"文件夹 {target.parent} 不存在。")
    if keep is not None and (keep < 1 or not DATED.match(target.name)):
        raise CommandError("--keep 应是 1 以上的天数，文件名里应有日期，例如 rectify-20260630.tar.gz。")


def _remove_older(target: Path, days: int) -> int:
    """Archives of the same name but for the date, beside this one."""
    beginning = DATED.match(target.name)
    before = (clock.now() - dt.timedelta(days=days)).timestamp()
    older = [
        path
        for path in target.parent.glob("*" + "".join(target.suffixes))
        if (named := DATED.match(path.name)) and beginning and named[1] == beginning[1]
        if path != target and path.is_file() and path.stat().st_mtime < before
    ]
    for path in older:
        path.unlink()
    return len(older)


def _publish(part: Path, target: Path) -> None:
    """Give the finished file its name, never over an existing one."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise CommandError(f"{target} 刚刚出现，不会覆盖。请换一个文件名。") from error
    except OSError:  # a file system without hard links
        part.replace(target)
    with contextlib.suppress(OSError):
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

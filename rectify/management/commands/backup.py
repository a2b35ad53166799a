"""manage.py backup FILE: database, evidence and manifest in one archive, while the site runs."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from rectify.backup.archive import Manifest, Writer
from rectify.backup.dump import dump
from rectify.backup.last import note_backup
from rectify.evidence.inventory import named_files
from rectify.management.command import OfficeCommand, trouble
from rectify.management.emptiness import require_tables
from rectify.models import IssuedLedger


class Command(OfficeCommand):
    help = "把数据库、佐证材料和清单备份成一个文件，网站不必停。文件名以 .gz 或 .tgz 结尾时压缩。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="备份文件，例如 备份.tar.gz；不会覆盖已有文件")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        require_tables()
        target = file.resolve()
        if target.exists():
            raise CommandError(f"{file} 已存在，不会覆盖。请换一个文件名。")
        if not target.parent.is_dir():
            raise CommandError(f"文件夹 {target.parent} 不存在。")
        try:
            # Beside the target, so that the finished file appears at once and whole, or not at all.
            with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
                part = Path(folder) / "archive"
                manifest = self._write(part, Path(folder), compressed=target.suffix in (".gz", ".tgz"))
                _publish(part, target)
        except OSError as error:
            raise CommandError(f"备份没有写成：{trouble(error)}（{error.filename or file}）。") from error
        files = sum(name.startswith("evidence/") for name in manifest.members)
        stored = IssuedLedger.objects.values_list("stored", flat=True)
        filed = sum(f"evidence/{name[:2]}/{name}" in manifest.members for name in stored)
        held = f"{files - filed} 份佐证材料" + (f"、{filed} 份存档台账" if filed else "")
        note_backup(manifest)
        self.stdout.write(f"已备份到 {file}：数据库和 {held}，{target.stat().st_size} 字节。")
        if manifest.missing:
            listed = "\n  ".join(manifest.missing)
            raise CommandError(f"备份已写好，但下列佐证材料丢失或与记录不符，请查明：\n  {listed}")

    def _write(self, part: Path, folder: Path, *, compressed: bool) -> Manifest:
        manifest = Manifest.of_this_database()
        # Every file named in the dump is asked for: the rows are read before it and once more after.
        with part.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            writer = Writer(out, manifest, compressed=compressed)
            evidence = named_files()
            for name, path in dump(folder, manifest):
                writer.add(name, path)
                path.unlink()
            self._add_evidence(writer, evidence | named_files())
            writer.close()
            out.flush()
            os.fsync(out.fileno())
        return manifest

    def _add_evidence(self, writer: Writer, evidence: dict[str, tuple[Path, str]]) -> None:
        for stored, (path, sha256) in sorted(evidence.items()):
            try:
                found = writer.add(f"evidence/{stored[:2]}/{stored}", path)
            except FileNotFoundError:
                if stored in named_files():  # otherwise purged or given up meanwhile
                    writer.manifest.missing.append(stored)
                continue
            if found != sha256:
                writer.manifest.missing.append(stored)


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

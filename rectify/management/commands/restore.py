"""manage.py restore FILE: an archive becomes this installation's data, if it has none."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import connection

from rectify.backup import rehearsal
from rectify.backup.archive import Manifest, applied_migrations, known_migrations, unpack
from rectify.backup.crossing import cross
from rectify.backup.dump import load, require_crossing, require_database, require_same_tables
from rectify.backup.lock import exclusive
from rectify.backup.restored import record_restore
from rectify.backup.store import Store
from rectify.management.command import OfficeCommand, trouble
from rectify.management.emptiness import has_evidence, is_behind, require_empty_database

EVIDENCE = "evidence"


class Command(OfficeCommand):
    help = (
        "把备份恢复到空的安装，然后核对。已有数据或佐证材料时拒绝执行。SQLite 的备份可以恢复到 PostgreSQL，"
        "反过来也可以。--rehearse 只在临时的地方演练，不改动现有数据。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="manage.py backup 生成的文件")
        parser.add_argument(
            "--rehearse", action="store_true", help="演练：恢复到临时的地方，核对，报告，不改动现有数据"
        )

        parser.add_argument(
            "--evidence", type=Path, help="佐证材料另存的文件夹；不给则是备份文件旁边的 evidence"
        )

    def handle(
        self, *args: Any, file: Path, rehearse: bool, evidence: Path | None = None, **options: Any
    ) -> None:
        kept = evidence or file.parent / EVIDENCE
        if rehearse:
            self.stdout.write(rehearsal.report(file, kept))
            return
        with exclusive():
            manifest = self._restore(file, kept)
        self.stdout.write(f"已恢复 {manifest.created} 的备份。现在核对：")
        if is_behind():  # an older backup; migrating would also put lost triggers back unnoticed
            call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:  # or the first pages are planned as over empty tables
            cursor.execute("ANALYZE")
        record_restore(manifest, file)
        # Files that were lost before the backup are told below, and stay lost to every later check.
        call_command("verify_audit", stdout=self.stdout, no_files=bool(manifest.missing))
        if manifest.missing:
            self.stdout.write(f"注意：备份时已有 {len(manifest.missing)} 份佐证材料丢失或与记录不符。")

    def _restore(self, file: Path, kept: Path) -> Manifest:
        self._require_empty()
        evidence = Path(settings.EVIDENCE_DIR)
        try:
            evidence.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".restore-", dir=evidence.parent) as name:
                folder = Path(name)
                manifest = unpack(file, folder)
                self._require_fitting(manifest)
                Store(kept).bring(manifest.apart, folder / "evidence")
                self._install(folder, manifest, evidence)
        except OSError as error:
            raise CommandError(f"不能写入数据目录：{trouble(error)}。没有恢复。") from error
        return manifest

    def _require_empty(self) -> None:
        if "rectify_user" in connection.introspection.table_names():
            require_empty_database("只能恢复到空的安装。")
        if has_evidence():
            raise CommandError("佐证材料的文件夹不是空的，只能恢复到空的安装。没有任何改动。")

    def _require_fitting(self, manifest: Manifest) -> None:
        if manifest.vendor not in ("sqlite", "postgresql"):
            raise CommandError(f"备份来自 {manifest.vendor}，本程序只认 SQLite 和 PostgreSQL。没有任何改动。")
        if newer := sorted(set(manifest.migrations) - known_migrations()):
            raise CommandError(
                f"备份来自更新的版本（本程序没有 {newer[0]}），请用那个版本的程序恢复。没有任何改动。"
            )
        if manifest.vendor == connection.vendor == "sqlite":
            require_database(manifest)
            return
        if manifest.migrations != applied_migrations():
            raise CommandError(
                "数据库结构与备份的版本不同。请先用生成备份的那个版本运行 manage.py migrate，再恢复。"
                "没有任何改动。"
            )
        if manifest.vendor == connection.vendor:
            require_same_tables(manifest)
        else:
            require_crossing(manifest)

    def _install(self, folder: Path, manifest: Manifest, evidence: Path) -> None:
        """Files first, and on the disk: a row must never name a file that is not there.

        Looked at once more before anything is put in place: unpacking takes long, and the site may run.
        What fails takes away only what it has brought itself.
        """
        self._require_empty()
        source = folder / "evidence"
        brought = source.is_dir()
        if brought:
            if evidence.is_dir():
                _remove_empty(evidence)
            source.rename(evidence)
            os.sync()
        try:
            self._require_empty_rows()
            if manifest.vendor == connection.vendor:
                load(folder, manifest)
            else:
                cross(folder, manifest)
        except BaseException:
            if brought:
                shutil.rmtree(evidence, ignore_errors=True)
            raise

    def _require_empty_rows(self) -> None:
        if "rectify_user" in connection.introspection.table_names():
            require_empty_database("只能恢复到空的安装。")


def _remove_empty(folder: Path) -> None:
    """Raises OSError when a file lies in it: folders alone are taken away."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    folder.rmdir()

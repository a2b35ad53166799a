"""manage.py import_sheet FILE: an office's own sheet becomes a ledger."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from rectify import clock
from rectify.choices import Action
from rectify.errors import Incomplete, Refusal
from rectify.ledger.legacy.as_json import as_json
from rectify.ledger.legacy.finished import HISTORY_WORDS, ask
from rectify.ledger.legacy.load import load_old
from rectify.ledger.legacy.names import names_of_sheet, own_units, remembered_columns
from rectify.ledger.legacy.problem import OldSheet
from rectify.ledger.legacy.reading import EARLIEST, LATEST, BookReading, read_workbook
from rectify.management.command import OfficeCommand, trouble, user_who_may
from rectify.management.emptiness import has_tables
from rectify.models import User
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import OLD


class Command(OfficeCommand):
    help = (
        "读入办公室自己的旧台账（.xlsx、.xls 或 .csv），建立一本新台账；认不出的栏目不读入。"
        "加 --dry-run 只显示识别结果（JSON），不写入任何内容。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="旧台账（.xlsx、.xls 或 .csv）")
        parser.add_argument("--as", dest="username", required=True, help="以谁的名义录入")
        parser.add_argument("--year", type=int, metavar="Y", help="年度，例如 2022；不写时取表中写明的年度")
        parser.add_argument("--dry-run", action="store_true", help="只显示识别结果，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(options["file"], options["username"], options["year"], options["dry_run"])
        except Refusal as refusal:
            raise CommandError("\n".join([refusal.message, *getattr(refusal, "missing", [])])) from refusal

    def _import(self, path: Path, username: str, year: int | None, dry_run: bool) -> None:
        if year is not None and not EARLIEST <= year <= LATEST:
            raise Incomplete(f"年度 {year} 不对，应在 {EARLIEST} 到 {LATEST} 之间。没有读入任何内容。")
        user = (
            None
            if dry_run and not _has_tables()
            else user_who_may(username, Action.CREATE_REPORT, "读入旧台账")
        )
        units = own_units(user) if user else []
        try:
            book, data = read_book(path, OLD), path.read_bytes()
        except OSError as error:
            raise CommandError(f"无法读取 {path}：{trouble(error)}。") from error
        if not any(sheet.rows for sheet in book.sheets):
            raise Incomplete("文件里没有任何内容，没有读入。请核对后重试。")
        remembered = remembered_columns(units[0]) if units else {}
        reading = read_workbook(book, path.name, {"year": year or ""}, remembered)
        old = reading.read()
        asked = ask(old, clock.today(), {})
        if dry_run or user is None:
            self.stdout.write(json.dumps(as_json(reading, old), ensure_ascii=False, indent=2))
            return
        for question in asked:
            words = f"{question.why}，按“{HISTORY_WORDS[question.outcome]}”读入：{question.problem.title}"
            self.stderr.write(f"第 {question.problem.row} 行：{words}")
        self._load(reading, old, user, path.name, hashlib.sha256(data).hexdigest())

    def _load(self, reading: BookReading, old: OldSheet, user: User, name: str, sha256: str) -> None:
        unit = own_units(user)[0]
        batch = load_old(
            old, by=user, unit=unit, year=reading.year, title=reading.title, name=name, sha256=sha256,
            names=names_of_sheet(old, unit, {}), columns=reading.decided,
        )  # fmt: skip
        for fault in old.notices:
            self.stderr.write(f"{fault.where}：{fault.words}")
        for part in old.left_out:
            self.stderr.write(f"{part.where}：{part.why}，没有读入：{part.text}")
        if reading.left_columns:
            self.stderr.write(f"不读入的栏：{'、'.join(reading.left_columns)}")
        self.stdout.write(
            f"已建立台账《{batch.report}》（编号 {batch.report.prefix}，{unit}）："
            f"{len(old.problems)} 项问题，{old.measure_count} 条措施。"
        )


def _has_tables() -> bool:
    try:
        return has_tables()
    except DatabaseError:
        return False

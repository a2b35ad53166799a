"""manage.py import_report FILE: a report's text becomes problems, causes and directions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from rectify.errors import Refusal
from rectify.intake.parser import outline, refusals
from rectify.intake.parser.lines import text
from rectify.intake.parser.parsed import Source
from rectify.management.command import OfficeCommand, trouble
from rectify.management.importing import load_report


class Command(OfficeCommand):
    help = (
        "读取对照检查报告（.docx 或 .txt），识别出方面、问题、原因和努力方向。"
        "加 --dry-run 只显示识别结果（JSON），不写入任何内容，也不需要先有单位和账号。"
    )
    # A dry run needs no database: not even the checks that look into it.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="报告文件，.docx 或 .txt")
        parser.add_argument("--unit", default="", metavar="NAME", help="哪个单位的报告")
        parser.add_argument("--year", type=int, metavar="Y", help="年度，例如 2022")
        parser.add_argument("--as", dest="username", default="", help="以谁的名义录入")
        parser.add_argument(
            "--part", type=int, metavar="N", help="文件里有几份报告（篇一、篇二）时读第几份，默认第 1 份"
        )
        parser.add_argument("--dry-run", action="store_true", help="只显示识别结果，不写入")

    def handle(self, *args: Any, file: Path, part: int | None, dry_run: bool, **options: Any) -> None:
        try:
            sources = text.read(file.name, _bytes(file))
            source = _chosen(sources, part)
            report = outline.parse(source)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        several = _several(sources) if part is None and len(sources) > 1 else ""
        if not dry_run:
            self._load(file, source, **options)
            if several:
                self.stdout.write(several)
            return
        shown = outline.as_json(report)
        if several:
            shown["warnings"].insert(0, {"line": sources[0].lines[0].number, "message": several})
        self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2))

    def _load(
        self, file: Path, source: Source, *, unit: str, year: int | None, username: str, **_: Any
    ) -> None:
        missing = [
            name for name, value in (("--unit", unit), ("--year", year), ("--as", username)) if not value
        ]
        if missing or year is None:
            raise CommandError(f"录入报告还要指明 {'、'.join(missing)}。只想看识别结果请加 --dry-run。")
        try:
            loaded = load_report(file, source.part, unit=unit, year=year, username=username)
        except Refusal as refusal:
            lines = [refusal.message, *getattr(refusal, "missing", [])]
            raise CommandError("\n  ".join(lines)) from refusal
        self.stdout.write(loaded)


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise CommandError(f"{path} 是目录，请给出报告文件。")
    try:
        size = path.stat().st_size
        if size > refusals.MAX_FILE:
            raise refusals.too_large(size)
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"读不到文件 {path}：{trouble(error)}。") from error


def _chosen(sources: tuple[Source, ...], part: int | None) -> Source:
    number = 1 if part is None else part
    if not 1 <= number <= len(sources):
        raise CommandError(f"文件里有 {len(sources)} 份报告，没有第 {number} 份。")
    return sources[number - 1]


def _several(sources: tuple[Source, ...]) -> str:
    titles = "；".join(f"{source.part}. {source.title or '无标题'}" for source in sources[:12])
    return f"文件里有 {len(sources)} 份报告，这里是第 1 份，其余请用 --part 指明：{titles}"

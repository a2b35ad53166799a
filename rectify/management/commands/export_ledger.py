"""Write a ledger to a file from the command line, recorded like every other export."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.db.models import QuerySet

from rectify import clock
from rectify.audit.chain import head_of
from rectify.errors import Refusal
from rectify.ledger.archive.issue import (
    WORKING,
    as_of_day,
    digest_of,
    stamp_of,
    title_of,
    write_copy,
    write_forms,
)
from rectify.ledger.columns import LEDGER, ColumnSet, chosen_sets
from rectify.ledger.row_types import Stamp
from rectify.ledger.scope import holder, scope_of
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.management.exporting import exporter_of, keeper_of, path_of, report_of, written_whole
from rectify.models import Problem, Report, User
from rectify.operations.exchange import exports, import_export
from rectify.policies import may


class Command(OfficeCommand):
    help = "把台账导出为 Excel 文件，并留下导出记录。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", required=True, metavar="FILE", help="写到哪个文件（.xlsx）")
        parser.add_argument("--as", dest="username", help="以谁的名义和权限导出；不给则导出全部")
        parser.add_argument("--report", default="", metavar="ID", help="哪份报告；不给则为最新的一份")
        parser.add_argument(
            "--columns", default=LEDGER.key, help="表式，默认 A（整改台账）；几种并用逗号隔开，如 A,B,C"
        )
        parser.add_argument("--working", action="store_true", help="导出可填写、可导入的填报表，而不是打印版")
        parser.add_argument("--as-of", default="", metavar="DATE", help="截至日期 YYYY-MM-DD，默认今天")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._export(**options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def _export(self, **options: Any) -> None:
        require_tables()
        order = _order(**options)
        path = path_of(options["out"], "整改台账.xlsx")
        with written_whole(path) as file:
            written = _write_working(order, file) if order.is_working else _write_forms(order, file)
            with transaction.atomic():
                _record(order, written)
        self._tell(order, written, path)

    def _tell(self, order: _Order, written: _Written, path: Path) -> None:
        kind = "填报表" if order.is_working else ""
        self.stdout.write(f"已导出《{title_of(order.report)}》{kind}：{written.words}")
        if not order.named:
            self.stdout.write(f"没有用 --as 指明导出人，导出了全部问题，记在{order.by.label}名下")
        self.stdout.write(f"文件 {path}\nSHA-256 {written.sha256}\n审计链头 {order.head}")


@dataclass(frozen=True)
class _Order:
    """Whose ledger is exported, by whom, in which forms, as of which day."""

    report: Report
    by: User
    named: User | None
    sets: list[ColumnSet]
    day: dt.date
    is_working: bool
    head: str

    @property
    def problems(self) -> QuerySet[Problem]:
        seen = Problem.objects.visible_to(self.named) if self.named else Problem.objects.all()
        return seen.filter(report=self.report)

    @property
    def stamp(self) -> Stamp:
        exporter = self.by.label if self.named else f"{self.by.label}（系统）"
        scope = self.scope
        return stamp_of(
            self.report, as_of=self.day, exporter=exporter, head=self.head, selection=scope, scope=scope
        )

    @property
    def scope(self) -> str:
        return scope_of(self.report, self.problems, self.day, holder(self.by, self.report))


@dataclass(frozen=True)
class _Written:
    """What stands in the file; `code` and `rows` are those of a working copy."""

    problems: int
    sha256: str
    words: str
    code: int = 0
    rows: dict[str, Any] = field(default_factory=dict)


def _order(*, username: str | None, report: str, columns: str, as_of: str, working: bool, **_: Any) -> _Order:
    named = exporter_of(username)
    ledger = report_of(report, named)
    by = named or keeper_of(ledger)
    sets = chosen_sets(key for key in columns.replace("，", ",").split(",") if key.strip())
    day = as_of_day(as_of, ledger)
    if working and day != clock.today():
        raise CommandError("填报表只能按今天的情况导出，不能与 --as-of 的过去日期同用。")
    if working and [each.key for each in sets] != [LEDGER.key]:
        raise CommandError("填报表只有一种表式，不能与 --columns 同用；没有导出。")
    return _Order(ledger, by, named, sets, day, working, head_of(ledger))


def _write_working(order: _Order, file: BinaryIO) -> _Written:
    code = import_export.free_code()
    rows = write_copy(
        order.report,
        order.problems,
        lambda problem, act: may(order.by, act, problem),
        order.stamp,
        code,
        file,
    )
    return _Written(len(rows), digest_of(file), f"{len(rows)} 项问题", code, rows)


def _write_forms(order: _Order, file: BinaryIO) -> _Written:
    written = write_forms(order.report, order.problems, order.sets, order.stamp, file)
    words = f"{written.problems} 项问题、{written.measures} 条措施"
    return _Written(written.problems, written.sha256, words)


def _record(order: _Order, written: _Written) -> None:
    columns = WORKING if order.is_working else "+".join(each.key for each in order.sets)
    export = exports.record(
        order.report, by=order.by, as_of=order.day, columns=columns, selection=order.scope,
        problems=written.problems, sha256=written.sha256, head=order.head,
    )  # fmt: skip
    if order.is_working:
        import_export.keep_base(export, written.code, written.rows)

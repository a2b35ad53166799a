"""Write an official Word document of a ledger to a file, recorded like every other export."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from rectify.audit.chain import head_of
from rectify.choices import DocumentKind
from rectify.documents.issue import Issued, Order, write_order
from rectify.ledger.archive.issue import as_of_day
from rectify.ledger.scope import holder, scope_of
from rectify.management.command import OfficeCommand
from rectify.management.emptiness import require_tables
from rectify.management.exporting import exporter_of, keeper_of, path_of, report_of, written_whole
from rectify.models import Problem, Report, Supervision, Unit, User
from rectify.operations.exchange import exports


class Command(OfficeCommand):
    help = "把整改情况报告、督办单、销号单或通报写成 Word 文件，并留下导出记录。"

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = "、".join(f"{kind.value}（{kind.label}）" for kind in DocumentKind)
        parser.add_argument("kind", metavar="KIND", help=f"哪种文件：{kinds}")
        parser.add_argument("--out", required=True, metavar="FILE", help="写到哪个文件（.docx）")
        parser.add_argument("--as", dest="username", help="以谁的名义和权限导出；不给则导出全部")
        parser.add_argument("--report", default="", metavar="ID", help="哪份报告；不给则为最新的一份")
        parser.add_argument("--problem", default="", metavar="ID", help="只写这一项（督办单、销号单）")
        parser.add_argument("--unit", default="", metavar="NAME", help="只写这个单位负责的（整改情况报告）")
        parser.add_argument("--public", action="store_true", help="公示稿：没有人员姓名和各环节意见")
        parser.add_argument("--as-of", default="", metavar="DATE", help="截至日期 YYYY-MM-DD，默认今天")

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        kind = _kind(options["kind"])
        named = exporter_of(options["username"])
        report, problem = _subject(named, options["report"], options["problem"])
        by = named or keeper_of(report)
        order = _order(kind, report, named, problem, options)
        path = path_of(options["out"], "整改情况报告.docx")
        with written_whole(path) as file:
            issued = write_order(order, by.label, file)
            _record(order, by, issued)
        self.stdout.write(f"已生成《{report}》的{order.label}：{issued.items} 项问题")
        if issued.masked:
            names = "、".join(issued.masked)
            self.stdout.write(f"已把下列人员姓名改为“某”，请核对全文后再公示：{names}")
        self.stdout.write(f"文件 {path}\nSHA-256 {issued.sha256}")


def _kind(asked: str) -> DocumentKind:
    try:
        return DocumentKind(asked)
    except ValueError:
        known = "、".join(f"{kind.value}（{kind.label}）" for kind in DocumentKind)
        raise CommandError(f"没有“{asked}”这种文件，可选：{known}。没有生成文件。") from None


def _subject(user: User | None, asked: str, asked_problem: str) -> tuple[Report, Problem | None]:
    """The ledger, and the item where one is asked for: its own ledger unless another is named."""
    if not asked_problem:
        return report_of(asked, user), None
    if not (asked_problem.isascii() and asked_problem.isdigit() and len(asked_problem) < 12):
        raise CommandError(f"--problem 应是整改事项的编号（数字），现在是“{asked_problem}”。")
    seen = Problem.objects.visible_to(user) if user else Problem.objects.all()
    problem = seen.filter(pk=int(asked_problem)).first()
    if problem is None:
        raise CommandError(f"没有{'您可以查看的' if user else ''}编号为 {asked_problem} 的整改事项。")
    report = report_of(asked or str(problem.report_id), user)
    if report.pk != problem.report_id:
        raise CommandError(f"编号为 {asked_problem} 的整改事项不在编号为 {asked} 的报告里。没有生成文件。")
    return report, problem


def _order(
    kind: DocumentKind, report: Report, named: User | None, problem: Problem | None, options: dict[str, Any]
) -> Order:
    seen = Problem.objects.visible_to(named) if named else Problem.objects.all()
    orders = Supervision.objects.visible_to(named) if named else Supervision.objects.all()
    if kind != DocumentKind.REPORT and (options["unit"] or options["public"]):
        raise CommandError("--unit 和 --public 只用于整改情况报告（report）。没有生成文件。")
    if problem and kind in (DocumentKind.REPORT, DocumentKind.BULLETIN):
        raise CommandError("--problem 只用于督办单（supervision）和销号单（closeout）。没有生成文件。")
    day = as_of_day(options["as_of"], report)
    return Order(
        kind=kind,
        report=report,
        problems=seen.filter(report=report),
        day=day,
        orders=orders,
        problem=problem,
        unit=_unit(options["unit"], named) if options["unit"] else None,
        public=options["public"],
        scope=scope_of(report, seen.filter(report=report), day, holder(named, report)) if named else "",
    )


def _unit(name: str, user: User | None) -> Unit:
    units = Unit.objects.visible_to(user) if user else Unit.objects.all()
    found = list(units.filter(name=name)[:2])
    if len(found) != 1:
        raise CommandError(f"{'没有' if not found else '有几个'}名称为“{name}”的单位。没有生成文件。")
    return found[0]


def _record(order: Order, by: User, issued: Issued) -> None:
    exports.record(
        order.report, by=by, as_of=order.day, columns=order.label, selection=order.scope,
        problems=issued.items, sha256=issued.sha256, head=head_of(order.report),
    )  # fmt: skip

"""One document issued: which kind, of what, as of which day; written to a file."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from django.db.models import QuerySet

from rectify import clock
from rectify.choices import DocumentKind
from rectify.documents.anonymous import Masked, personal_names
from rectify.documents.bulletin import bulletin_blocks, read_bulletin
from rectify.documents.close_out import close_out_blocks
from rectify.documents.material import read_material
from rectify.documents.report import report_blocks
from rectify.documents.supervision import supervision_blocks
from rectify.docx.blocks import Block, Title
from rectify.errors import Incomplete
from rectify.ledger.archive.issue import digest_of, plain_name
from rectify.models import Leader, Problem, Report, Supervision, Unit, User
from rectify.models.report import ProblemQuerySet
from rectify.wording import date

NO_WORD = "这台机器上没有生成 Word 文件的组件（lxml），没有生成文件。台账的 Excel 表照常导出。"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NEEDS_TODAY = {DocumentKind.SUPERVISION: "督办单按签发时的内容生成，不能指定过去的截至日期。"}


@dataclass(frozen=True)
class Order:
    """What is asked for; `problems` are those of the report that its reader may see."""

    kind: DocumentKind
    report: Report
    problems: ProblemQuerySet
    day: dt.date
    orders: QuerySet[Supervision]
    problem: Problem | None = None
    unit: Unit | None = None
    public: bool = False
    scope: str = ""  # how much of the ledger its reader sees; empty for all of it

    @property
    def label(self) -> str:
        return "整改情况公示稿" if self.public else str(self.kind.label)

    @property
    def name(self) -> str:
        whose = self.problem.code if self.problem else (self.unit or self.report.unit).name
        return f"{plain_name(f'{whose}{self.label}')}（截至{date(self.day)}）.docx"


@dataclass(frozen=True)
class Issued:
    """What was written; `masked` are the names of persons that were replaced in a draft for publication."""

    items: int
    sha256: str
    masked: tuple[str, ...] = ()


def write_order(order: Order, author: str, out: BinaryIO) -> Issued:
    """Write the document to `out`; refuses, with a sentence, where there is nothing to write."""
    if order.day < clock.today() and order.kind in NEEDS_TODAY:
        raise Incomplete(NEEDS_TODAY[order.kind], field="as_of")
    writer = _writer()
    blocks, items, masked = _blocks(order)
    blocks = [_scoped(block, order) for block in blocks]
    properties = writer.Properties(order.name.removesuffix(".docx"), author, clock.now())
    writer.write_document(blocks, properties, out)
    return Issued(items, digest_of(out), tuple(sorted(masked)))


def _writer() -> Any:
    """Only here: it stands on a compiled library, without which all else works."""
    try:
        return importlib.import_module("rectify.docx.writer")
    except ImportError:
        raise Incomplete(NO_WORD) from None


def _scoped(block: Block, order: Order) -> Block:
    """The title of what one person sees of a ledger says so."""
    if order.scope and isinstance(block, Title):
        return replace(block, below="\n".join(filter(None, [block.below, f"（{order.scope}）"])))
    return block


def _blocks(order: Order) -> tuple[list[Block], int, Iterable[str]]:
    problems = order.problems.filter(pk=order.problem.pk) if order.problem else order.problems
    if order.kind == DocumentKind.BULLETIN:
        bulletin = read_bulletin(order.report, problems, order.day)
        if not bulletin.numbers.all.total:
            raise Incomplete(
                f"《{order.report}》那天还没有整改事项，没有可以通报的，没有生成文件。", field="report"
            )
        return list(bulletin_blocks(bulletin)), bulletin.numbers.all.total, ()
    if order.kind == DocumentKind.SUPERVISION:
        return _supervision(order, problems)
    material = read_material(order.report, problems, order.day, order.unit)
    if order.kind == DocumentKind.CLOSE_OUT:
        return list(close_out_blocks(material)), len(material.counted), ()
    blocks = list(report_blocks(material, public=order.public))
    if not order.public:
        return blocks, len(material.items), ()
    mask = Masked(personal_names(_names()))
    return [mask.block(block) for block in blocks], len(material.items), mask.names


def _supervision(order: Order, problems: ProblemQuerySet) -> tuple[list[Block], int, Iterable[str]]:
    """All orders of the ledger; of one item the newest that names it."""
    orders = list(order.orders.filter(report=order.report).select_related("report__unit").order_by("id"))
    if order.problem:
        orders = [each for each in orders if each.problems.filter(pk=order.problem.pk).exists()][-1:]
    if not orders:
        about = f"“{order.problem.title}”" if order.problem else "这本台账"
        raise Incomplete(f"{about}还没有签发过督办单，没有生成文件。请先签发督办单。", field="problem")
    visible = order.problems.select_related("lead_unit").order_by("number")
    seen = {each.pk: list(visible.filter(supervisions=each)) for each in orders}
    return list(supervision_blocks(orders, seen)), sum(map(len, seen.values())), ()


def _names() -> list[str]:
    """Everybody with an account, and every leader."""
    users = User.objects.order_by().values_list("name", flat=True)
    leaders = Leader.objects.order_by().values_list("post", flat=True)
    return [*users.iterator(), *leaders.iterator()]

"""报送包: the papers of a ledger that are handed in together, written from one state and one day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rectify import clock
from rectify.choices import DocumentKind
from rectify.documents.issue import Order, write_order
from rectify.documents.material import read_material
from rectify.documents.signatures import MissingSignature, missing_receipts, missing_signatures
from rectify.ledger.pack.archive import Enclosed, PackPlan, plan_pack
from rectify.ledger.pack.evidence import problems_with_proofs
from rectify.ledger.print.listing import Row, listed, write_listing
from rectify.ledger.row_types import Stamp
from rectify.models import Supervision

INDEX, LEDGER = "00 报送目录.xlsx", "01 整改台账.xlsx"
REPORT, SHEETS, ORDERS = "02 整改情况报告.docx", "03 销号单.docx", "04 督办单.docx"
MISSING = "05 尚缺签字清单.xlsx"
EVIDENCE = "佐证材料/"
COLUMNS = (
    listed("number", "序号", 6),
    listed("paper", "文件", 16),
    listed("code", "编号", 18),
    listed("title", "整改事项", 40, prose=True),
    listed("whose", "谁签字、盖章", 40, prose=True),
    listed("standing", "目前情况", 40, prose=True),
)


def write_papers(order: Order, stamp: Stamp, folder: Path) -> tuple[PackPlan, list[tuple[Enclosed, int]]]:
    """Write what lies beside the ledger into `folder`: the plan of the pack, and each paper with its items.

    Call inside the snapshot in which the ledger is written. Refuses where there is nothing to hand in.
    """
    papers = []
    for name, kind in _documents(order):
        asked = replace(order, kind=kind)
        with (folder / name).open("x+b") as out:
            items = write_order(asked, stamp.exporter, out).items
        papers.append((_enclosed(folder / name, asked.label), items))
    papers.append((_missing(order, stamp, folder), 0))
    rows, proofs = problems_with_proofs(order.problems, as_of=order.day)
    return replace(plan_pack(rows, proofs, EVIDENCE), index=INDEX), papers


def _documents(order: Order) -> Iterator[tuple[str, DocumentKind]]:
    """Orders that were issued are printed as of today only: their receipts have no past days."""
    yield REPORT, DocumentKind.REPORT
    yield SHEETS, DocumentKind.CLOSE_OUT
    if _orders(order):
        yield ORDERS, DocumentKind.SUPERVISION


def _orders(order: Order) -> list[Supervision]:
    return list(order.orders.filter(report=order.report).order_by("id")) if order.day == clock.today() else []


def enclose(plan: PackPlan, papers: list[Enclosed], code: str) -> PackPlan:
    """The plan with its papers in the order of their names, filed under that code."""
    return replace(plan, enclosed=tuple(sorted(papers, key=lambda paper: paper.name)), code=code)


def _missing(order: Order, stamp: Stamp, folder: Path) -> Enclosed:
    """The list of what must still be signed or stamped before it is handed in."""
    material = read_material(order.report, order.problems, order.day)
    missing = [
        *missing_signatures(material, reporter=stamp.reporter, reviewer=stamp.reviewer),
        *missing_receipts(_orders(order)),
    ]
    shown = replace(stamp, title=f"{stamp.title}尚缺签字清单", sheet_name="尚缺签字清单", code="")
    with (folder / MISSING).open("xb") as out:
        write_listing(
            COLUMNS,
            _rows(missing),
            shown,
            out,
            subtitle=f"共 {len(missing)} 处。已附纸质签字扫描件的不列；未申请销号的事项暂不需要签字。",
        )
    return _enclosed(folder / MISSING, "纸面上还缺的签字和盖章")


def _rows(missing: list[MissingSignature]) -> Iterator[Row]:
    for number, each in enumerate(missing, 1):
        yield number, each.paper, each.code, each.title, each.whose, each.standing


def _enclosed(path: Path, what: str) -> Enclosed:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Enclosed(path.name, what, path, path.stat().st_size, digest)

"""A comparison as an Excel sheet: one row a changed field, old beside new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from rectify import clock
from rectify.choices import RagStatus
from rectify.ledger.archive.compare import ChangeKind, ComparedProblem, Comparison
from rectify.ledger.archive.issue import file_name, stamp_of, title_of
from rectify.ledger.print.listing import ListingCell, Row, listed, write_listing
from rectify.wording import date, full_moment

if TYPE_CHECKING:
    from rectify.models import Report

COLUMNS = (
    listed("number", "序号", 6),
    listed("code", "编号", 12),
    listed("problem", "存在问题", 30, prose=True),
    listed("kind", "变化", 8),
    listed("field", "栏目", 12),
    listed("old", "原来", 52, prose=True),
    listed("new", "现在", 52, prose=True),
)
# Soft fills that the ledger already has; the word stands in the cell.
FILLS = {
    ChangeKind.ADDED: RagStatus.NORMAL,
    ChangeKind.REMOVED: RagStatus.STANDING,
    ChangeKind.CHANGED: RagStatus.DUE_SOON,
}


def write_comparison(
    report: Report,
    lines: Sequence[ComparedProblem],
    comparison: Comparison,
    words: str,
    out: BinaryIO,
    *,
    exporter: str,
    head: str,
) -> str:
    """Write the sheet; returns its SHA-256."""
    stamp = stamp_of(report, as_of=clock.today(), exporter=exporter, head=head, selection="")
    counts = "、".join(f"{label} {count} 项" for _, label, count in comparison.counts)
    foot = (
        f"导出人：{exporter}　导出时间：{full_moment(stamp.exported_at)}",
        f"审计链头：{stamp.audit_head}",
    )
    return write_listing(
        COLUMNS,
        _rows(lines),
        replace(stamp, title=f"{title_of(report)}变化对比", sheet_name="变化对比"),
        out,
        subtitle=f"{words}　{counts}、未变 {comparison.unchanged} 项",
        foot=foot,
    )


def compare_file_name(report: Report, old: dt.date, new: dt.date) -> str:
    """The ledger's own name, and which days are compared."""
    base = file_name(report, new).rpartition("（")[0]
    return f"{base}变化对比（{date(old)}至{date(new)}）.xlsx"


def _rows(lines: Iterable[ComparedProblem]) -> Iterator[Row]:
    for line in lines:
        kind = ListingCell(line.label, light=str(FILLS[line.kind]))
        if not line.changes:
            yield line.number, line.code, line.title, kind, "", "", ""
        for change in line.changes:
            yield line.number, line.code, line.title, kind, change.label, change.old, change.new

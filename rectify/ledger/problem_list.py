"""The list of problems as an Excel sheet: its columns in the order chosen, its rows in the order listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO

from rectify import clock, wording
from rectify.ledger.archive.issue import stamp_of, title_of
from rectify.ledger.print.listing import ListingCell, Row, listed, write_listing
from rectify.models import Report
from rectify.selectors.problem_rows import ProblemRow, problem_rows

TOGETHER = 500  # rows read at once
Say = Callable[[ProblemRow], ListingCell | str | int]
# Width in units and what a cell says; prose is written from the left.
SAID: dict[str, tuple[int, Say]] = {
    "number": (8, lambda row: row.problem.number),
    "title": (44, lambda row: row.problem.title),
    "light": (14, lambda row: ListingCell(row.light.full, light=row.light.value)),
    "status": (12, lambda row: str(row.problem.get_status_display())),
    "deadline": (18, lambda row: wording.deadline_words(row.problem.deadline, row.problem.deadline_text)),
    "leader": (18, lambda row: str(row.problem.leader or "")),
    "unit": (20, lambda row: str(row.problem.lead_unit or "")),
    "aspect": (18, lambda row: str(row.problem.aspect or "")),
    "kind": (14, lambda row: row.kind),
    "source": (14, lambda row: str(row.problem.get_source_display())),
    "clerk": (18, lambda row: str(row.problem.clerk or "")),
    "note": (48, lambda row: row.said),
    "percent": (10, lambda row: "" if row.percent is None else f"{row.percent}%"),
}
PROSE = ("title", "note")


def write_list(
    report: Report,
    ids: Sequence[int],
    columns: Mapping[str, str],
    out: BinaryIO,
    *,
    exporter: str,
    head: str,
    selection: str,
) -> str:
    """Write the rows of these problems, in these columns with their headings; returns the file's SHA-256."""
    stamp = stamp_of(report, as_of=clock.today(), exporter=exporter, head=head, selection=selection)
    foot = (f"导出人：{exporter}　导出时间：{wording.full_moment(stamp.exported_at)}", f"审计链头：{head}")
    return write_listing(
        [listed(name, heading, SAID[name][0], name in PROSE) for name, heading in columns.items()],
        _rows(ids, list(columns)),
        replace(stamp, title=f"{title_of(report)}整改事项", sheet_name="整改事项"),
        out,
        subtitle=f"{selection or '全部事项'}　共 {len(ids)} 项",
        foot=foot,
    )


def _rows(ids: Sequence[int], names: Sequence[str]) -> Iterator[Row]:
    named = tuple(name for name in ("aspect", "clerk") if name in names)
    for start in range(0, len(ids), TOGETHER):
        for row in problem_rows(ids[start : start + TOGETHER], named=named):
            yield [SAID[name][1](row) for name in names]

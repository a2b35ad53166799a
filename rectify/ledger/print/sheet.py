"""The sheet around the blocks: title, headings, foot and stamp, and what follows the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rectify.ledger.columns import Column, ColumnSet, Paper
from rectify.ledger.print.blocks import Blocks
from rectify.ledger.print.layout import Pages, row_points
from rectify.ledger.print.paper import fitted, page_points
from rectify.ledger.print.row_spool import RowSpool
from rectify.ledger.print.shell import HEADER_ROW, Frame, Shell
from rectify.ledger.print.splitting import lines_of
from rectify.ledger.row_types import ProblemRow, Stamp
from rectify.wording import date, full_moment
from rectify.xlsx.cells import SharedStrings, count_lines, letters_of, units_of

TITLE_POINTS, LINE_POINTS, FOOT_POINTS, STAMP_POINTS = 42.0, 24.0, 30.0, 14.0
EMPTY = "没有符合条件的整改事项"


@dataclass(frozen=True)
class Form:
    """One sheet to be written: its columns as they are printed, and the rows that stand in it."""

    columns: tuple[Column, ...]
    paper: Paper
    stamp: Stamp
    rows: RowSpool
    sections: bool = False
    split: bool = True

    @classmethod
    def of(cls, chosen: ColumnSet, stamp: Stamp, rows: RowSpool, split: bool = True) -> Form:
        """Without the columns in which nothing stands; the others share their width."""
        columns = fitted(rows.filled(chosen.columns), chosen.paper)
        return cls(columns, chosen.paper, stamp, rows, chosen.sections, split)


class Sheet:
    """Writes the rows in one pass; knows at the end where they stop."""

    def __init__(self, form: Form, shell: Shell, frame: Frame, strings: SharedStrings) -> None:
        self.columns = form.columns
        self.frame = frame
        self.stamp = form.stamp
        self.shell = shell
        self.strings = strings
        self.row = 0  # the last row written
        self.last_data_row = HEADER_ROW
        self.header_points = row_points(max(self._heading_lines(column) for column in self.columns))
        self.pages = Pages(page_points(self.columns, form.paper), self.header_points)
        sections = form.rows.sections if form.sections else ()
        self.blocks = Blocks(self.columns, shell, strings, self.pages, sections, form.split)
        self.letters = [letters_of(index) for index in range(1, len(self.columns) + 1)]
        self._merged: list[str] = []  # in title and foot

    def rows(self, problems: Iterable[ProblemRow]) -> Iterator[str]:
        """The rows' XML, a block at a time; their texts go to the shared strings."""
        yield from self._top()
        for problem in problems:
            yield self.blocks.write(problem)
        if self.blocks.problems:
            self.row = self.blocks.row
        else:
            yield self._across(EMPTY, "centre", LINE_POINTS * 2)
        self.last_data_row = self.row
        yield from self._foot()

    def before_rows(self) -> str:
        """Known only when the rows are written: the sheet opens with its dimension."""
        dimension = f'<dimension ref="A1:{self.letters[-1]}{self.row}"/>'
        return self.frame.head.replace("@dimension@", dimension)

    def after_rows(self) -> Iterator[str]:
        """In the order the format demands: filter, merges, the shell's print set-up, page breaks."""
        yield f'</sheetData><autoFilter ref="A{HEADER_ROW}:{self.letters[-1]}{self.last_data_row}"/>'
        if self._merged:
            yield f'<mergeCells count="{len(self._merged)}">'
            yield "".join(f'<mergeCell ref="{reference}"/>' for reference in self._merged)
            yield "</mergeCells>"
        yield self.frame.tail.removesuffix("</worksheet>")
        if breaks := self.pages.breaks:
            yield f'<rowBreaks count="{len(breaks)}" manualBreakCount="{len(breaks)}">'
            yield "".join(f'<brk id="{row}" max="16383" man="1"/>' for row in breaks)
            yield "</rowBreaks>"
        yield "</worksheet>"

    def _top(self) -> Iterator[str]:
        stamp = self.stamp
        yield self._across(stamp.title, "title", TITLE_POINTS)
        unit = f"填报单位（盖章）：{stamp.unit}"
        yield self._three(
            (unit, f"截至日期：{date(stamp.as_of)}", "单位：项"), LINE_POINTS, "left centre right"
        )
        self.row += 1
        headings = [column.heading_on(stamp.as_of) for column in self.columns]
        cells = [self._text(index, heading, "header") for index, heading in enumerate(headings)]
        yield self._xml(self.header_points, "".join(cells))
        self.pages.place([TITLE_POINTS, LINE_POINTS, self.header_points], 0)

    def _foot(self) -> Iterator[str]:
        stamp, blocks = self.stamp, self.blocks
        self.pages.close([FOOT_POINTS, STAMP_POINTS, STAMP_POINTS], self.row)
        people = (f"填报人：{stamp.reporter}", f"审核人：{stamp.reviewer}", f"联系电话：{stamp.phone}")
        yield self._three(people, FOOT_POINTS, "left left left")
        carried = f"（其中 {blocks.carried} 项已结转）" if blocks.carried else ""
        facts = (
            f"共 {blocks.problems} 项问题{carried}、{blocks.measures} 条措施",
            f"筛选：{stamp.selection or '全部'}",
            f"导出人：{stamp.exporter}",
            f"导出时间：{full_moment(stamp.exported_at)}",
        )
        yield self._across("　".join(facts), "stamp", STAMP_POINTS)
        head = f"审计链头：{stamp.audit_head}"
        if stamp.code:
            head = f"台账编码：{stamp.code}（在系统“台账—核验”中输入，可核对真伪）　{head}"
        yield self._across(head, "stamp", STAMP_POINTS)

    def _across(self, text: str, style: str, points: float) -> str:
        """One row of one cell over all columns."""
        self.row += 1
        self._merge(0, len(self.columns) - 1)
        units = units_of(text) * (2 if style == "title" else 1)
        lines = count_lines(text, units, int(self._width))
        return self._xml(points * lines, self._text(0, text, style))

    def _three(self, texts: tuple[str, str, str], points: float, sides: str) -> str:
        """One row of three texts, each over about a third of the width."""
        starts = self._thirds()
        if len(starts) < len(texts):
            return self._across("　　".join(texts), "line_left", points)
        self.row += 1
        ends = [*(start - 1 for start in starts[1:]), len(self.columns) - 1]
        cells = ""
        for start, end, text, side in zip(starts, ends, texts, sides.split(), strict=True):
            self._merge(start, end)
            cells += self._text(start, text, f"line_{side}")
        return self._xml(points, cells)

    def _heading_lines(self, column: Column) -> int:
        heading = column.heading_on(self.stamp.as_of)
        return lines_of(heading, column.width)

    @property
    def _width(self) -> float:
        return sum(column.width for column in self.columns)

    def _thirds(self) -> list[int]:
        """The columns with which about a third of the width begins; each third has one at least."""
        starts, before, count = [0], 0.0, len(self.columns)
        for index, column in enumerate(self.columns):
            wide = before + column.width / 2 >= self._width * len(starts) / 3
            if index and len(starts) < 3 and (wide or count - index == 3 - len(starts)):
                starts.append(index)
            before += column.width
        return starts

    def _merge(self, first: int, last: int) -> None:
        if last > first:
            self._merged.append(f"{self.letters[first]}{self.row}:{self.letters[last]}{self.row}")

    def _text(self, column: int, text: str, style: str) -> str:
        index = self.strings.add(text)
        reference = f'{self.letters[column]}{self.row}" s="{self.shell.styles[style]}'
        return f'<c r="{reference}" t="s"><v>{index}</v></c>'

    def _xml(self, points: float, cells: str) -> str:
        return f'<row r="{self.row}" ht="{points:g}" customHeight="1">{cells}</row>'

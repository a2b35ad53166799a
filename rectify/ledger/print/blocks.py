"""A problem's block of rows as XML: its own cells merged over the rows of its measures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from rectify.choices import RagStatus
from rectify.errors import TooLong
from rectify.ledger.columns import Column, MergeLevel
from rectify.ledger.print.layout import MAX_LINES, TALL_LINES, Merges, Pages, block_lines, row_points
from rectify.ledger.print.shell import HEADER_ROW, Shell
from rectify.ledger.row_types import NO_MEASURE, MeasureRow, ProblemRow
from rectify.xlsx.cells import CELL_LIMIT, SharedStrings, clean_text, count_lines, excel_length, is_too_long

MAX_ROWS = 1_048_000  # Excel has 1,048,576; the foot takes some
_SURELY_FITS = CELL_LIMIT // 2
_STYLE = re.compile(r' s="(\d+)"')

Cells = list[tuple[int, str]]  # the column's index, and the cell's XML after its row number


@dataclass(slots=True)
class _Block:
    """The cells of a problem's own columns and of each measure, with the lines they need."""

    own: Cells
    lines: int
    steps: list[Cells]
    step_lines: list[int]

    @property
    def shown(self) -> int:
        """The lines its rows have at least."""
        return max(self.lines, sum(self.step_lines))

    def spans(self, cap: int) -> list[list[int]]:
        return block_lines(self.step_lines, self.lines, cap)


class Blocks:
    """Writes one block after another; `row` is the last row written, `merges` what to merge at the end."""

    def __init__(self, columns: Sequence[Column], shell: Shell, strings: SharedStrings, pages: Pages) -> None:
        self.row = HEADER_ROW
        self.problems = self.measures = self.carried = 0
        self._strings = strings
        self._pages = pages
        self._lights, self._raised = shell.lights, shell.raised
        self._styles = [shell.styles[_style_name(column)] for column in columns]
        letters = [get_column_letter(index) for index in range(1, len(columns) + 1)]
        self._opens = [f'<c r="{letter}' for letter in letters]
        self._own = [pair for pair in enumerate(columns) if pair[1].level != MergeLevel.MEASURE]
        self._steps = [pair for pair in enumerate(columns) if pair[1].level == MergeLevel.MEASURE]
        self._blank_steps = [(index, f'" s="{self._styles[index]}"/>') for index, _ in self._steps]
        self._following = self._blanks_between_steps(columns)
        self._aspect, self._aspect_from, self._aspect_lines = "", 0, 0
        self._held: list[_Block] = []
        self.merges = {
            level: Merges([letters[index] for index, column in enumerate(columns) if column.level == level])
            for level in MergeLevel
        }

    def write(self, problem: ProblemRow) -> str:
        """The rows that are ready once this problem is known: its own, or those held back for its aspect."""
        starts_aspect = not problem.aspect or problem.aspect != self._aspect
        xml = ""
        if starts_aspect:
            xml = self.finish()
            self._aspect, self._aspect_from = problem.aspect, self.row + 1
        own, lines = self._cells(self._own, problem, NO_MEASURE, with_aspect=starts_aspect)
        steps = [self._cells(self._steps, problem, measure) for measure in problem.measures or (NO_MEASURE,)]
        self._held.append(_Block(own, lines, [cells for cells, _ in steps], [lines for _, lines in steps]))
        self.problems += 1
        self.carried += problem.light == RagStatus.CARRIED
        self.measures += len(problem.measures)
        if sum(block.shown for block in self._held) >= self._aspect_lines:
            xml += self._release()
        return xml

    def finish(self) -> str:
        """What is still held back; the last aspect's cell ends here."""
        xml = self._release()
        if self._aspect_from:
            self.merges[MergeLevel.ASPECT].add(self._aspect_from, self.row)
        self._aspect, self._aspect_from = "", 0
        return xml

    def _release(self) -> str:
        """Blocks that show the aspect's text among them stay on one page, and are high enough for it."""
        if not self._held:
            return ""
        blocks, self._held = self._held, []
        missing = self._aspect_lines - sum(block.shown for block in blocks)
        blocks[-1].lines = max(blocks[-1].lines, blocks[-1].shown + missing)
        tall = not self._pages.holds(sum(block.shown for block in blocks))
        spans = [block.spans(TALL_LINES if tall else MAX_LINES) for block in blocks]
        heights = [row_points(lines) for block in spans for span in block for lines in span]
        self._pages.place(heights, self.row)
        self._aspect_lines = 0
        xml = "".join(map(self._rows, blocks, spans))
        # What goes over several pages is read from the first: number and title stand at the top.
        return _STYLE.sub(self._raise, xml) if tall else xml

    def _raise(self, style: re.Match[str]) -> str:
        return f' s="{self._raised[int(style[1])]}"'

    # -- cells ----------------------------------------------------------------------------------------

    def _cells(
        self,
        columns: list[tuple[int, Column]],
        problem: ProblemRow,
        measure: MeasureRow,
        with_aspect: bool = True,
    ) -> tuple[Cells, int]:
        """The cells of some columns, and the lines of the highest."""
        cells, highest = [], 1
        for index, column in columns:
            style = self._styles[index]
            value = column.get(problem, measure)
            if column.lit:
                style = self._lights.get(problem.light, style)
            elif column.level == MergeLevel.ASPECT:
                cell, lines = self._cell(value if with_aspect else "", style, column, problem)
                self._aspect_lines = lines if with_aspect else self._aspect_lines
                cells.append((index, cell))
                continue
            cell, lines = self._cell(value, style, column, problem)
            if lines > highest:
                highest = lines
            cells.append((index, cell))
        return cells, highest

    def _cell(self, value: str | int, style: int, column: Column, problem: ProblemRow) -> tuple[str, int]:
        """The cell after its reference, and its lines. Text is always text, whatever it begins with."""
        if isinstance(value, int):
            return f'" s="{style}"><v>{value}</v></c>', 1
        if not value:
            return f'" s="{style}"/>', 1
        if len(value) > _SURELY_FITS and is_too_long(value):
            raise _too_long(value, column, problem)
        index, units = self._strings.add(value)
        lines = 1 if units <= column.width and "\n" not in value else count_lines(value, units, column.width)
        return f'" s="{style}" t="s"><v>{index}</v></c>', lines

    # -- rows -----------------------------------------------------------------------------------------

    def _rows(self, block: _Block, spans: list[list[int]]) -> str:
        rows: list[str] = []
        start = self.row + 1
        for cells, span in zip(block.steps, spans, strict=True):
            first = self.row + 1
            for lines in span:
                self.row += 1
                if self.row == start:
                    content = self._first_row(block.own, cells)
                else:
                    content = self._following_row(cells if self.row == first else self._blank_steps)
                rows.append(
                    f'<row r="{self.row}" ht="{row_points(lines):g}" customHeight="1">{content}</row>'
                )
            self.merges[MergeLevel.MEASURE].add(first, self.row)
        self.merges[MergeLevel.PROBLEM].add(start, self.row)
        if self.row > MAX_ROWS:
            raise TooLong(
                f"台账超过 Excel 工作表的行数上限（{MAX_ROWS:,} 行），没有导出。请缩小筛选范围，分次导出。"
            )
        return "".join(rows)

    def _first_row(self, own: Cells, cells: Cells) -> str:
        number, opens = self.row, self._opens
        return "".join([f"{opens[index]}{number}{cell}" for index, cell in sorted(own + cells)])

    def _following_row(self, cells: Cells) -> str:
        number = str(self.row)
        parts = [self._following[0].replace("@", number)]
        for (index, cell), blanks in zip(cells, self._following[1:], strict=True):
            parts.append(f"{self._opens[index]}{number}{cell}{blanks.replace('@', number)}")
        return "".join(parts)

    def _blanks_between_steps(self, columns: Sequence[Column]) -> list[str]:
        """A following row's blank cells, in one piece before, between and after the measure's."""
        pieces = [""]
        for index, column in enumerate(columns):
            if column.level == MergeLevel.MEASURE:
                pieces.append("")
            else:
                pieces[-1] += f'{self._opens[index]}@" s="{self._styles[index]}"/>'
        return pieces


def _style_name(column: Column) -> str:
    if column.level == MergeLevel.ASPECT:
        return "aspect"
    return "prose" if column.prose else "centre"


def _too_long(text: str, column: Column, problem: ProblemRow) -> TooLong:
    length = excel_length(clean_text(text))
    item = f"{problem.code}“{clean_text(problem.title)}”"
    heading = column.heading.partition("（")[0]
    return TooLong(
        f"第 {problem.number} 项 {item}的“{heading}”有 {length:,} 个字符，超过 Excel 单元格的上限 "
        f"{CELL_LIMIT:,} 个，没有导出。请精简这一栏后再导出。",
        missing=[f"{item}：{heading}"],
    )

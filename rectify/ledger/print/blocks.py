"""A problem as rows of XML: one row, and a following one for what is too high; no cell is merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rectify.choices import RagStatus
from rectify.errors import TooLong
from rectify.ledger.columns import ALWAYS, Column, Getter, RowLevel
from rectify.ledger.print.layout import (
    LEAST_LINES,
    LEAST_TAIL,
    LINE,
    MAX_LINES,
    PADDING,
    Pages,
    lines_a_row,
    row_points,
)
from rectify.ledger.print.shell import HEADER_ROW, Shell
from rectify.ledger.print.splitting import INDENT, highest, lines_of, pieces
from rectify.ledger.row_types import NO_MEASURE, MeasureRow, ProblemRow
from rectify.wording import numeral
from rectify.xlsx.cells import CELL_LIMIT, SharedStrings, clean_text, excel_length, is_too_long, letters_of

MAX_ROWS = 1_048_000  # Excel has 1,048,576; the foot takes some
CONTINUED = "（续）"
NO_ASPECT = "未归入查摆方面的问题"
_SURELY_FITS = CELL_LIMIT // 2
_TITLE_AGAIN = 40  # characters of a title that is repeated

Texts = Sequence[str]  # what stands in a row, column by column; its number apart


class Blocks:
    """Writes one problem after another; `row` is the last row written.

    `sections` are the runs of aspects, where each has a row of its own. In a sheet that is not `split`
    every problem is one row, as high as Excel shows it: for filters.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        shell: Shell,
        strings: SharedStrings,
        pages: Pages,
        sections: Sequence[tuple[str, int]] = (),
        split: bool = True,
    ) -> None:
        self.row = HEADER_ROW
        self.problems = self.measures = self.carried = 0
        self.columns, self.pages, self.split = columns, pages, split
        self._shell, self._strings = shell, strings
        self._plain = [shell.styles["prose" if column.prose else "centre"] for column in columns]
        self._styles = {str(light): self._lit(style) for light, style in shell.lights.items()}
        self._widths = [column.width - INDENT * column.prose for column in columns]
        self._total = sum(column.width for column in columns)
        self._opens = [f'<c r="{letters_of(index)}' for index in range(1, len(columns) + 1)]
        self._cap = lines_a_row(pages.capacity) if split else MAX_LINES
        self._first = [_nothing if column.key == "number" else column.get for column in columns]
        self._following = [_following(column) for column in columns]
        self._by_measure = any(column.level == RowLevel.MEASURE for column in columns)
        self._sections = [run for run in sections if run[0]] and list(sections)
        keys = [column.key for column in columns]
        self._title = keys.index("problem") if "problem" in keys else None
        self._number = keys.index("number") if "number" in keys else None
        self._left = self._begun = 0  # problems of the section still to come; sections begun

    def write(self, problem: ProblemRow) -> str:
        """The rows of a problem, before them that of its aspect where one begins."""
        section = self._section()
        self.problems += 1
        self.carried += problem.light == RagStatus.CARRIED
        self.measures += len(problem.measures)
        rows = []
        for texts, lines in self._rows(problem, row_points(1) * len(section)):
            height = row_points(min(MAX_LINES, lines))
            self.pages.place([*[row_points(1)] * len(section), height], self.row)
            rows += [self._xml(row_points(1), self._across(title)) for title in section]
            rows.append(self._xml(height, self._cells(texts, problem)))
            section = []
        if self.row > MAX_ROWS:
            raise TooLong(
                f"台账超过 Excel 工作表的行数上限（{MAX_ROWS:,} 行），没有导出。请缩小筛选范围，分次导出。"
            )
        return "".join(rows)

    # -- sections -------------------------------------------------------------------------------------

    def _section(self) -> list[str]:
        """What opens a section, when this problem is its first: its name, cut where it is long."""
        if not self._sections:
            return []
        if self._left:
            self._left -= 1
            return []
        aspect, count = self._sections[self._begun]
        self._begun, self._left = self._begun + 1, count - 1
        name = clean_text(" ".join(aspect.split())).rstrip("。；") or NO_ASPECT
        words = f"{numeral(self._begun)}、{name}（{count} 项）"
        return pieces(words, self._total - INDENT, 1)

    def _across(self, text: str) -> list[str]:
        """A text that runs over the empty cells beside it."""
        last = len(self.columns) - 1
        names = ["section_first", *["section"] * (last - 1), *["section_last"] * bool(last)]
        styles = [self._shell.styles[name] for name in names]
        index = self._strings.add(text)
        return [
            f'" s="{styles[0]}" t="s"><v>{index}</v></c>',
            *(f'" s="{style}"/>' for style in styles[1:]),
        ]

    # -- rows -----------------------------------------------------------------------------------------

    def _rows(self, problem: ProblemRow, above: float) -> Iterator[tuple[Texts, int]]:
        """What stands in each row and how many lines it takes: of each measure where the form is one of
        measures."""
        measures = problem.measures if self._by_measure else ()
        for number, measure in enumerate(measures or (NO_MEASURE,)):
            texts = self._texts(problem, measure, is_first=not number)
            lines = highest(texts, self._widths)
            most = self._most(problem.title, lines, 0 if number else above)
            if lines <= most:
                yield texts, lines
            else:
                yield from self._cut(texts, most, problem.title)

    def _texts(self, problem: ProblemRow, measure: MeasureRow, is_first: bool) -> list[str]:
        """Titles are given with every measure, what else is the problem's with the first."""
        getters = self._first if is_first else self._following
        texts = [str(get(problem, measure)) for get in getters]
        if max(map(len, texts)) > _SURELY_FITS:
            self._refuse_too_long(texts, problem)
        return texts

    def _refuse_too_long(self, texts: Texts, problem: ProblemRow) -> None:
        for column, text in zip(self.columns, texts, strict=True):
            if is_too_long(text):
                raise _too_long(text, column, problem)

    def _most(self, title: str, lines: int, above: float) -> int:
        """How many lines the next row may have, below so many points of the section's name.

        What is too high for one row fills the page, and so does what would leave much of it blank, if its
        title has room there.
        """
        if not self.split:
            return lines
        room = int((self.pages.room - above - PADDING) // LINE)
        if lines > self._cap or (lines > room and self.pages.is_poor):
            first = min(room, lines - LEAST_TAIL, self._cap)
            if first >= max(LEAST_LINES, self._title_lines(title)):
                return first
        return self._cap

    def _cut(self, texts: Texts, first: int, title: str) -> Iterator[tuple[Texts, int]]:
        """Rows one below the other, the first of so many lines."""
        columns = [
            self._parts(index, text, first, title if index == self._title else "")
            for index, text in enumerate(texts)
        ]
        blanks = [_again(title) if index == self._title else "" for index in range(len(columns))]
        for row in zip_longest(*columns):
            held = [blank if text is None else text for text, blank in zip(row, blanks, strict=True)]
            yield held, highest(held, self._widths)

    def _parts(self, index: int, text: str, first: int, title: str) -> list[str]:
        """A cell in pieces; one that holds more than its title begins with the title in each row."""
        width = self._widths[index]
        if not title or text == title:
            return pieces(text, width, self._cap, first)
        head, *others = pieces(text, width, max(1, self._cap - self._title_lines(title)), first)
        return [head, *(f"{_again(title)}\n{other}" for other in others)]

    def _lit(self, light: int) -> list[int]:
        """The styles of a row whose problem has this light."""
        return [
            light if column.lit else style for column, style in zip(self.columns, self._plain, strict=True)
        ]

    def _title_lines(self, title: str) -> int:
        """Of the title as a following row repeats it."""
        return lines_of(_again(title), self._widths[self._title]) if self._title is not None else 1

    def _cells(self, texts: Texts, problem: ProblemRow) -> list[str]:
        """Text is always text, whatever it begins with."""
        styles = self._styles.get(problem.light, self._plain)
        add = self._strings.add
        cells = [
            f'" s="{style}" t="s"><v>{add(text)}</v></c>' if text else f'" s="{style}"/>'
            for style, text in zip(styles, texts, strict=True)
        ]
        if self._number is not None:
            cells[self._number] = f'" s="{styles[self._number]}"><v>{problem.number}</v></c>'
        return cells

    def _xml(self, height: float, cells: Sequence[str]) -> str:
        self.row += 1
        content = "".join(
            [f"{opens}{self.row}{cell}" for opens, cell in zip(self._opens, cells, strict=True)]
        )
        return f'<row r="{self.row}" ht="{height:g}" customHeight="1">{content}</row>'


def _nothing(problem: ProblemRow, measure: MeasureRow) -> str:
    """Where no text stands: a number is written as such."""
    return ""


def _following(column: Column) -> Getter:
    """What a row of a measure that is not the first shows."""
    is_shown = column.level == RowLevel.MEASURE or column.key in ALWAYS
    return column.get if is_shown and column.key != "number" else _nothing


def _again(title: str) -> str:
    shown = title if len(title) <= _TITLE_AGAIN else f"{title[: _TITLE_AGAIN - 1]}…"
    return f"{shown}{CONTINUED}"


def _too_long(text: str, column: Column, problem: ProblemRow) -> TooLong:
    length = excel_length(clean_text(text))
    item = f"{problem.code}“{clean_text(problem.title)}”"
    return TooLong(
        f"{item}的“{column.name}”有 {length:,} 个字符，超过 Excel 单元格的上限 "
        f"{CELL_LIMIT:,} 个，没有导出。请精简这一栏后再导出。",
        missing=[f"{item}：{column.name}"],
    )

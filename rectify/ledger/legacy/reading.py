"""A workbook of an office's own: which of its sheets are read, how, as what, and of which year."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from rectify import clock
from rectify.errors import Incomplete
from rectify.ledger.columns import FULL
from rectify.ledger.legacy.beside import beside_cells, hidden, unread_sheet, without_cells
from rectify.ledger.legacy.headings import BY_KEY, SEVERAL, SKIP, guess_columns
from rectify.ledger.legacy.layout import (
    NO_HEADING,
    find_header,
    headings_of,
    named_columns,
    shown_text,
    texts_below,
    title_above,
)
from rectify.ledger.legacy.problem import OldProblem, OldSheet
from rectify.ledger.legacy.sheet import read_old
from rectify.ledger.roundtrip.plan import Fault
from rectify.xlsx.cells import letters_of
from rectify.xlsx.reader import TOO_MANY, Book, Sheet
from rectify.xlsx.values import NotUnderstood

EARLIEST, LATEST = 1949, 2200
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=年度)|(?<!\d)((?:19|20)\d{2})(?!\d)")


@dataclass
class SheetReading:
    """How a sheet is read; a column means a key, SKIP where it is left out, nothing where nobody said."""

    sheet: Sheet
    header: int
    columns: dict[int, str]
    headings: dict[int, str]
    is_read: bool

    @property
    def names_problems(self) -> bool:
        return "title" in self.columns.values()

    @property
    def undecided(self) -> list[str]:
        return [heading for column, heading in self.headings.items() if not self.columns.get(column)]

    @property
    def meanings(self) -> dict[str, str]:
        return {heading: self.columns.get(column, "") for column, heading in self.headings.items()}


@dataclass
class BookReading:
    """How a workbook becomes one ledger."""

    book: Book
    sheets: list[SheetReading]
    title: str
    year: int
    is_year_known: bool

    @property
    def chosen(self) -> list[SheetReading]:
        return [reading for reading in self.sheets if reading.is_read]

    @property
    def meanings(self) -> dict[str, str]:
        """Heading to meaning, of all the sheets that are read."""
        return {heading: key for reading in self.chosen for heading, key in reading.meanings.items()}

    @property
    def left_columns(self) -> list[str]:
        """The headings of columns that are left out."""
        return [heading for heading, key in self.meanings.items() if key in ("", SKIP)]

    @property
    def decided(self) -> dict[str, str]:
        """The same without what stands under no heading: what the office's next sheet is read by."""
        return {heading: key for heading, key in self.meanings.items() if key and NO_HEADING not in heading}

    def read(self) -> OldSheet:
        whole = OldSheet()
        for reading in self.sheets:
            if not reading.is_read:
                whole.left_out.append(unread_sheet(reading.sheet))
                continue
            if reading.sheet.too_many:
                raise Incomplete(TOO_MANY, field="file")
            _add(whole, self._read(reading), reading.sheet.name)
        whole.left_out += without_cells(self.book)
        return whole

    def _read(self, reading: SheetReading) -> OldSheet:
        part = read_old(
            reading.sheet, reading.header, reading.columns, self.year, self.book.date1904,
            is_year_known=self.is_year_known, title=self.title,
        )  # fmt: skip
        part.notices = [*_of_columns(reading), *hidden(reading.sheet, reading.headings), *part.notices]
        part.left_out += beside_cells(reading.sheet, reading.headings)
        return part


def read_workbook(
    book: Book, name: str, said: Mapping[str, Any], remembered: Mapping[str, str] | None = None
) -> BookReading:
    """By what the headings say, what the office decided before of the same ones, and what is said now."""
    about = said.get("sheets", {})
    sheets = [
        _sheet(sheet, about.get(sheet.name, {}), remembered or {}) for sheet in book.sheets if sheet.rows
    ]
    if not about:
        _leave_to_the_full_one(sheets)
    if sheets and not any(reading.is_read for reading in sheets) and not about:
        max(sheets, key=lambda reading: (not reading.sheet.hidden, len(reading.columns))).is_read = True
    chosen = [reading for reading in sheets if reading.is_read] or sheets
    titles = [title_above(reading.sheet, reading.header) for reading in chosen]
    stem = PurePosixPath(name).stem
    title = said.get("title") or next(filter(None, titles), "") or stem
    words = [title, *titles, *(reading.sheet.name for reading in chosen), stem]
    year = _typed(said.get("year")) or _named(words) or _of_deadlines(chosen, book)
    return BookReading(book, sheets, title, year or clock.today().year, bool(year))


def _leave_to_the_full_one(sheets: list[SheetReading]) -> None:
    """A ledger that this program printed holds each item twice: on paper's terms and in full."""
    if any(reading.is_read and reading.sheet.name == FULL.name for reading in sheets):
        for reading in sheets:
            reading.is_read = reading.sheet.name == FULL.name


def _sheet(sheet: Sheet, said: Mapping[str, Any], remembered: Mapping[str, str]) -> SheetReading:
    asked = str(said.get("header", ""))
    header = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in sheet.rows else 0
    is_found = bool(header or (header := find_header(sheet)))
    header = header or min(sheet.rows)
    headings = named_columns(sheet, header)
    columns = guess_columns(headings_of(sheet, header), partial(texts_below, sheet, header))
    columns |= {column: remembered[text] for column, text in headings.items() if text in remembered}
    if "columns" in said:
        columns = {int(column): key for column, key in said["columns"].items() if key}
    columns = _once(columns)
    is_read = is_found and not sheet.hidden and "title" in columns.values()
    return SheetReading(sheet, header, columns, headings, bool(said.get("read", is_read)))


def _once(columns: dict[int, str]) -> dict[int, str]:
    """One column for each meaning that has room for one only: the last that was said."""
    last = {key: column for column, key in columns.items()}
    return {
        column: key for column, key in columns.items() if key in SEVERAL or key == SKIP or last[key] == column
    }


def _typed(year: Any) -> int:
    text = str(year or "")
    return int(text) if text.isascii() and text.isdigit() and EARLIEST <= int(text) <= LATEST else 0


def _named(words: list[str]) -> int:
    found = (match for text in words for match in _YEAR.finditer(text))
    return next((int(match[1] or match[2]) for match in found), 0)


def _of_deadlines(sheets: list[SheetReading], book: Book) -> int:
    """The one year that the deadlines name, if they all name the same."""
    years = Counter(year for reading in sheets for year in _years(reading, book.date1904))
    return next(iter(years)) if len(years) == 1 else 0


def _years(reading: SheetReading, date1904: bool) -> Iterator[int]:
    columns = [column for column, key in reading.columns.items() if key == "deadline"]
    for row, cells in reading.sheet.rows.items():
        for column in columns if row > reading.header else ():
            try:
                text = shown_text(cells[column], date1904) if column in cells else ""
            except NotUnderstood:
                continue
            yield from (int(match[1] or match[2]) for match in _YEAR.finditer(text))


def _of_columns(reading: SheetReading) -> list[Fault]:
    """A notice for each column that nobody knows the meaning of."""
    return [
        Fault(
            reading.sheet.name, reading.header, letters_of(column), heading, heading,
            "认不出这一栏的含义，整栏没有读入", "需要的，请在网页上指明含义或选“备注”",
        )
        for column, heading in reading.headings.items()
        if not reading.columns.get(column)
    ]  # fmt: skip


def _add(whole: OldSheet, part: OldSheet, name: str) -> None:
    """The problems of one more sheet; one that an earlier sheet names too is the same."""
    earlier = {problem.title: problem for problem in whole.problems}
    whole.notices += part.notices
    whole.left_out += part.left_out
    merged = []
    for problem in part.problems:
        problem.sheet = name
        if same := earlier.get(problem.title):
            same.absorb(problem)
            merged.append(problem)
        else:
            whole.problems.append(problem)
    if merged:
        whole.notices.append(_merged(merged))


def _merged(problems: list[OldProblem]) -> Fault:
    first = problems[0]
    return Fault(
        first.sheet, first.row, "", BY_KEY["title"].label, first.title,
        f"这张工作表有 {len(problems)} 项与前面的工作表同名，各自并入那一项",
        "如果是不同的问题，请改名后重新上传",
    )  # fmt: skip

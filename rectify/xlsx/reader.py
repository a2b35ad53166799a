"""An uploaded workbook to rows with sheet, row and column: checked, then parsed in a child process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from rectify.arrivals import limited_child
from rectify.xlsx.structure import (
    IMPORT,
    MAX_SHEETS,
    TEXT,
    XLS,
    XLSX,
    Purpose,
    check_structure,
    refused,
    too_big,
    with_password,
)

SECONDS = 9  # a request is answered within ten
MAX_ITEMS = 3_000
TOO_MANY = (
    f"表中有内容的行超过 {MAX_ITEMS:,} 行，没有导入任何内容。请按单位拆成几份（下载填报表时可以按单位筛选），"
    "分别上传。"
)
PARSERS = {XLSX: "rectify.xlsx.parser", XLS: "rectify.xlsx.biff", TEXT: "rectify.xlsx.delimited"}


class SheetCell(NamedTuple):
    """What stands in one cell: text, number, date, percentage, truth, formula, error or picture."""

    kind: str = ""
    value: str = ""
    formula: str = ""
    cached: str = ""  # the kind of a formula's last result

    @property
    def is_blank(self) -> bool:
        return not self.kind

    @property
    def shown(self) -> str:
        """What a message quotes."""
        return f"={self.formula}" if self.kind == "f" else self.value


BLANK = SheetCell()


@dataclass(frozen=True, slots=True)
class Beside:
    """What a sheet says beside its cells: a note on one, a page's head or foot, a text box, a picture."""

    what: str
    row: int  # 0: none
    column: int
    text: str


@dataclass
class Sheet:
    """One worksheet: its rows of content by number, and what merged areas pass on."""

    name: str
    hidden: bool
    rows: Mapping[int, Mapping[int, SheetCell]]
    merges: list[list[int]] = field(default_factory=list)
    too_many: bool = False
    too_wide: bool = False
    beside: list[Beside] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[list[int]] = field(default_factory=list)  # from, to

    def __post_init__(self) -> None:
        self._areas: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        for top, left, bottom, right in self.merges:
            for column in range(left, right + 1):
                self._areas[column].append((top, bottom, top, left))
        for areas in self._areas.values():
            areas.sort()

    def cell(self, row: int, column: int) -> SheetCell:
        """The cell, or what its merged area passes on."""
        own = self.rows.get(row, {}).get(column)
        if own is not None:
            return own
        areas = self._areas.get(column)
        if areas:
            index = bisect_right(areas, (row, 10**9, 0, 0)) - 1
            if index >= 0 and areas[index][0] <= row <= areas[index][1]:
                _, _, top, left = areas[index]
                return self.rows.get(top, {}).get(left, BLANK)
        return BLANK

    def texts(self, row: int) -> Iterator[tuple[int, str]]:
        """The texts of a row, by column."""
        for column, cell in sorted(self.rows[row].items()):
            yield column, cell.value


@dataclass
class Book:
    sheets: list[Sheet]
    date1904: bool = False
    others: list[str] = field(default_factory=list)  # the names of sheets that have no cells, as charts


def read_book(
    path: Path, purpose: Purpose = IMPORT, seconds: float = SECONDS, kept: Path | None = None
) -> Book:
    """The workbook's content. Raises Incomplete, in words for whoever uploaded it, when it has none.

    What was parsed is kept at `kept`, whose name stands for the content of the file, and is not parsed again.
    """
    if kept is not None and kept.exists():
        with kept.open("rb") as file:
            return _book(file, purpose)
    printed = _parsed(path, purpose, seconds * purpose.scale, check_structure(path, purpose))
    with tempfile.TemporaryFile() as file:
        file.write(printed)
        del printed
        try:
            book = _book(file, purpose)
        except ValueError:  # killed at its limit of time or memory
            raise too_big(purpose) from None
        if kept is not None:
            with contextlib.suppress(OSError):  # a full disk costs time, not the sheet
                _keep(file, kept)
    return book


def _book(file: BinaryIO, purpose: Purpose) -> Book:
    """Raises ValueError where the child has not printed everything."""
    lines = Lines(file)
    found = json.loads(lines.text(0))
    if why := found.get("unreadable"):
        raise _unreadable(str(why), purpose)
    last = 0
    sheets = []
    for sheet in found["sheets"]:
        first, last = last + 1, last + sheet["rows"]
        sheets.append(_sheet(sheet, lines, range(first, last + 1), purpose))
    return Book(sheets, bool(found["date1904"]), found.get("others", []))


def _keep(file: BinaryIO, kept: Path) -> None:
    """Whole or not at all: another request may read it at the same time."""
    file.seek(0)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as copy:
        shutil.copyfileobj(file, copy)
    os.replace(copy.name, kept)


def _parsed(path: Path, purpose: Purpose, seconds: float, kind: str) -> bytes:
    arguments = [str(path.resolve()), str(purpose.rows), str(purpose.scale)]
    try:
        return limited_child.run(PARSERS[kind], arguments, seconds=seconds)
    except limited_child.OutOfTime:
        raise refused(
            f"文件过于复杂，或者服务器正忙，限时内没有读完，{purpose.undone}。请稍后再试；仍不行的，"
            "请删去表格下方多余的空行和其中的图片后再试。"
        ) from None


def _unreadable(why: str, purpose: Purpose) -> Exception:
    if why == "big":
        return too_big(purpose)
    if why == "dtd":
        return refused(f"文件含有不允许的文档类型声明（DTD），{purpose.ending}")
    if why == "password":
        return with_password(purpose)
    if why == "other":
        return refused(
            f"这不是 Excel 的表格（多半是 WPS 的 .et，或者是改了扩展名的其他文件），{purpose.ending}"
        )
    if why == "flat":
        return refused(f"文字没有分栏（各栏之间应是制表符或逗号），读不成表格，{purpose.ending}")
    if why == "encoding":
        return refused(f"认不出文件的文字编码，{purpose.ending}")
    if why == "sheets":
        return refused(f"文件有超过 {MAX_SHEETS} 个工作表，{purpose.undone}。请只保留需要的工作表。")
    return refused(f"文件已损坏，读不出内容，{purpose.ending}")


def _sheet(found: dict[str, Any], lines: Lines, numbers: range, purpose: Purpose) -> Sheet:
    rows: Mapping[int, Mapping[int, SheetCell]] = RowsAsAsked(lines, numbers)
    if len(rows) < len(numbers):  # nobody could tell which of the two people see
        raise refused(f"工作表“{found['name']}”的行号有重复，文件已损坏，{purpose.ending}")
    return Sheet(
        found["name"], found["hidden"], rows if purpose.as_asked else dict(rows), found["merges"],
        found["too_many"], found["too_wide"], [Beside(*thing) for thing in found.get("beside", [])],
        found.get("hidden_rows", []), found.get("hidden_columns", []),
    )  # fmt: skip


class Lines:
    """What a child printed, line by line: the file is looked into, not held."""

    def __init__(self, file: BinaryIO) -> None:
        file.flush()
        size = os.fstat(file.fileno()).st_size
        self._all = mmap(file.fileno(), size, access=ACCESS_READ) if size else b""
        self._ends = array("q", [-1])
        while (end := self._all.find(b"\n", self._ends[-1] + 1)) >= 0:
            self._ends.append(end)

    def text(self, number: int) -> bytes:
        """Raises ValueError where there is no such line."""
        if number + 1 >= len(self._ends):
            raise ValueError(number)
        return self._all[self._ends[number] + 1 : self._ends[number + 1]]


class RowsAsAsked(Mapping[int, Mapping[int, SheetCell]]):
    """The rows of a large sheet, each read again from its line when it is asked for."""

    def __init__(self, lines: Lines, numbers: range) -> None:
        self._lines = lines
        self._lines_of = {int(lines.text(line).partition(b",")[0][1:]): line for line in numbers}
        self._row, self._cells = 0, dict[int, SheetCell]()  # of the last that was asked for

    def __getitem__(self, row: int) -> Mapping[int, SheetCell]:
        if row != self._row:
            _, cells = json.loads(self._lines.text(self._lines_of[row]))
            self._row, self._cells = row, {cell[0]: SheetCell(*cell[1:]) for cell in cells}
        return self._cells

    def get(self, row: int, default: Any = None) -> Any:
        """Asked for each cell of a row, one after the other."""
        return self._cells if row == self._row else super().get(row, default)

    def __iter__(self) -> Iterator[int]:
        return iter(self._lines_of)

    def __len__(self) -> int:
        return len(self._lines_of)

"""A workbook from outside as plain texts by row and column, to be compared with what was issued."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from rectify.errors import Incomplete
from rectify.xlsx.reader import SECONDS, Sheet, SheetCell, read_book
from rectify.xlsx.structure import COMPARE, MAX_BYTES, refused
from rectify.xlsx.values import number_text

FILE_MAX = MAX_BYTES


class Unreadable(Incomplete):
    """A file that cannot be read as a ledger; the message says why, and what to do."""


@dataclass(frozen=True)
class SheetCells:
    """One sheet: its name, and each row's number with what its columns (from 1) hold, without blanks."""

    name: str
    rows: list[tuple[int, dict[int, str]]]


def read_cells(data: bytes, seconds: float = SECONDS) -> list[SheetCells]:
    """The cells of a workbook that nobody vouches for; raises Unreadable, also when the time is up."""
    try:
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            file.write(data)
            file.flush()
            sheets = read_book(Path(file.name), COMPARE, seconds).sheets
        if not sheets:
            raise refused(f"文件里没有工作表，{COMPARE.ending}")
        return [_cells(sheet) for sheet in sheets]
    except Incomplete as refusal:
        raise Unreadable(refusal.message) from refusal


def _cells(sheet: Sheet) -> SheetCells:
    if sheet.too_many:
        raise refused(f"工作表“{sheet.name}”有内容的行超过 {COMPARE.rows:,} 行，{COMPARE.ending}")
    if sheet.too_wide:
        raise refused(f"工作表“{sheet.name}”很靠右的列里还有内容，不是签发的样子，{COMPARE.ending}")
    rows = []
    for number in sorted(sheet.rows):
        texts = {column: text for column, cell in sorted(sheet.rows[number].items()) if (text := _text(cell))}
        if texts:
            rows.append((number, texts))
    return SheetCells(sheet.name, rows)


def _text(cell: SheetCell) -> str:
    """What two programs write differently reads the same."""
    if cell.kind in ("n", "p", "d"):
        return number_text(cell.value)
    return cell.shown.replace("\r\n", "\n").replace("\r", "\n")

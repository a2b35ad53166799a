"""Sheets written as rows of values, and what is understood of them."""

from __future__ import annotations

from typing import Any

from rectify.ledger.legacy.as_json import as_json
from rectify.ledger.legacy.reading import read_workbook
from rectify.xlsx.reader import Book, Sheet, SheetCell

Rows = list[list[Any]]


def sheet(name: str, rows: Rows, merges: str = "") -> Sheet:
    cells = {
        number: {column: _cell(value) for column, value in enumerate(row, 1) if value not in (None, "")}
        for number, row in enumerate(rows, 1)
    }
    areas = [[int(part) for part in area.split(",")] for area in merges.split()]
    return Sheet(name, False, {number: row for number, row in cells.items() if row}, areas)


def _cell(value: Any) -> SheetCell:
    return SheetCell("t", value) if isinstance(value, str) else SheetCell("n", str(value))


def understood(*sheets: Sheet, name: str = "旧台账.xlsx") -> dict[str, Any]:
    reading = read_workbook(Book(list(sheets)), name, {})
    return as_json(reading, reading.read())

"""A workbook of the old kind (.xls) to the same rows of cells as JSON, in a child process with limits."""

from __future__ import annotations

import io
from typing import Any

import xlrd
from xlrd.biffh import error_text_from_code

from rectify.xlsx.beside import NOTE, Beside
from rectify.xlsx.parser import (
    MAX_CELLS,
    MAX_CHARACTERS,
    MAX_COLUMNS,
    MAX_MERGES,
    MAX_SHEETS,
    Unreadable,
    kind_of_format,
    print_parsed,
)


def parse(path: str, rows: int) -> dict[str, Any]:
    """Sheets with their rows of content, as the parser of .xlsx has them; formulas are their results."""
    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), formatting_info=True)
        if book.nsheets > MAX_SHEETS:
            raise Unreadable("sheets")
        return _Book(book, rows).read()
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable("big") from None
    except xlrd.XLRDError as error:
        raise Unreadable("password" if "encrypt" in str(error).lower() else "other") from None
    except Exception:
        raise Unreadable("broken") from None


class _Book:
    def __init__(self, book: Any, rows: int) -> None:
        self.book = book
        self.max_rows = rows
        self.cells = 0
        self.characters = 0

    def read(self) -> dict[str, Any]:
        sheets = [self._sheet(sheet) for sheet in self.book.sheets()]
        return {"sheets": sheets, "date1904": bool(self.book.datemode)}

    def _sheet(self, sheet: Any) -> dict[str, Any]:
        rows: list[Any] = []
        too_many = False
        for number in range(sheet.nrows):
            cells = [cell for cell in self._row(sheet, number) if cell]
            if cells and len(rows) >= self.max_rows:
                too_many = True
                break
            if cells:
                rows.append([number + 1, cells])
        merges = [
            [top + 1, left + 1, bottom, min(right, MAX_COLUMNS)]
            for top, bottom, left, right in sheet.merged_cells[:MAX_MERGES]
        ]
        return {
            "name": sheet.name,
            "hidden": bool(sheet.visibility),
            "rows": rows,
            "merges": merges,
            "too_many": too_many,
            "too_wide": sheet.ncols > MAX_COLUMNS,
            "beside": self._notes(sheet),
            "hidden_rows": [row + 1 for row, about in sheet.rowinfo_map.items() if about.hidden],
            "hidden_columns": [[at + 1, at + 1] for at, about in sheet.colinfo_map.items() if about.hidden],
        }

    def _notes(self, sheet: Any) -> list[Beside]:
        notes = sorted(sheet.cell_note_map.items())
        self.characters += sum(len(note.text) for _, note in notes)
        return [[NOTE, row + 1, column + 1, note.text] for (row, column), note in notes if note.text.strip()]

    def _row(self, sheet: Any, number: int) -> Any:
        for column in range(min(sheet.row_len(number), MAX_COLUMNS)):
            yield self._cell(sheet.cell(number, column), column + 1)

    def _cell(self, cell: Any, column: int) -> list[Any] | None:
        kind, value = self._meaning(cell)
        if not value.strip():
            return None
        self.cells += 1
        self.characters += len(value)
        if self.cells > MAX_CELLS or self.characters > MAX_CHARACTERS:
            raise Unreadable("big")
        return [column, kind, value]

    def _meaning(self, cell: Any) -> tuple[str, str]:
        if cell.ctype == xlrd.XL_CELL_TEXT:
            return "t", str(cell.value)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return "b", "是" if cell.value else "否"
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return "e", error_text_from_code.get(cell.value, "#N/A")
        if cell.ctype == xlrd.XL_CELL_DATE:
            return "d", repr(cell.value)
        if cell.ctype == xlrd.XL_CELL_NUMBER:
            return self._number_kind(cell.xf_index), repr(cell.value)
        return "", ""

    def _number_kind(self, index: int | None) -> str:
        if index is None:
            return "n"
        number = self.book.xf_list[index].format_key
        shown = self.book.format_map.get(number)
        return kind_of_format(number, shown.format_str if shown else "")


def main() -> None:
    """`-c "...main()" FILE ROWS SCALE`."""
    print_parsed(parse)

"""A cell of the grid, and a block of cells on the clipboard as a spreadsheet puts it there."""

from __future__ import annotations

import io
from typing import Any

import openpyxl


def on_the_clipboard(rows: list[list[str | None]]) -> str:
    """What Excel and WPS put there of a block of a workbook that was saved and opened again."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    sheet = openpyxl.load_workbook(out).active
    lines = []
    for row in sheet.iter_rows(values_only=True):
        texts = [value or "" for value in row]
        quoted = ['"' + text.replace('"', '""') + '"' if set(text) & set('\n"\t') else text for text in texts]
        lines.append("\t".join(quoted))
    return "\r\n".join(lines) + "\r\n"


def paste(page: Any, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def cell(page: Any, row: int, key: str) -> Any:
    column = (
        page.locator("[data-grid] thead th")
        .evaluate_all("heads => heads.map(one => one.dataset.key)")
        .index(key)
    )
    return page.locator("[data-grid] tbody tr").nth(row - 1).locator("td").nth(column - 1)

"""How a sheet is laid out: its headings, one or two rows deep, what stands above, each column's name."""

from __future__ import annotations

import re

from rectify.ledger.legacy.headings import guess_columns, guess_heading
from rectify.xlsx.cells import letters_of
from rectify.xlsx.reader import Sheet, SheetCell
from rectify.xlsx.values import NotUnderstood, normal, number_text, text_of

HEADER_WITHIN = 25  # rows: titles and remarks stand above
NO_HEADING = "（无表头）"
FEWEST = 2  # headings that make a row a header
_LABELLED = re.compile(r"^[^，。]{2,8}[:：]")


def shown_text(cell: SheetCell, date1904: bool = False) -> str:
    """What a cell says. A formula counts by its last result: an old sheet has no other.

    Raises NotUnderstood for what has no reliable text.
    """
    if cell.kind == "f" and cell.value and cell.cached not in ("e", ""):
        cell = SheetCell(cell.cached, cell.value)
    if cell.kind == "p":
        return f"{number_text(str(float(cell.value) * 100))}%"
    return text_of(cell, date1904) if cell.kind else ""


def headings_of(sheet: Sheet, row: int) -> dict[int, str]:
    """The heading of each column: its own text, that of a merged cell, or one in a row of headings above."""
    last = max((max(cells) for number, cells in sheet.rows.items() if number <= row + 1), default=0)
    above = _headings_above(sheet, row)
    headings = {}
    for column in range(1, last + 1):
        text = _text(sheet, row, column)
        upper = above.get(column, "")
        if text and upper and text != upper and not guess_heading(text)[0]:
            joined = f"{upper}{text}"
            text = next((name for name in (f"{text}{upper}", joined) if guess_heading(name)[0]), joined)
        if text or upper:
            headings[column] = text or upper
    return headings


def _headings_above(sheet: Sheet, row: int) -> dict[int, str]:
    """The row above, where it holds headings too: a merged one stands over all its columns."""
    texts = {column: _text(sheet, row - 1, column) for column in sheet.rows.get(row - 1, {})}
    if len(set(texts.values())) < FEWEST or not any(guess_heading(text)[0] for text in texts.values()):
        return {}
    width = max(max(sheet.rows[row - 1]), max(sheet.rows.get(row, {0: None})))
    return {column: text for column in range(1, width + 1) if (text := _text(sheet, row - 1, column))}


def is_two_deep(sheet: Sheet, header: int) -> bool:
    """Headings stand in the row above too."""
    return bool(_headings_above(sheet, header))


def _text(sheet: Sheet, row: int, column: int) -> str:
    try:
        return shown_text(sheet.cell(row, column))
    except NotUnderstood:
        return ""


def find_header(sheet: Sheet) -> int:
    """The row that says most about its columns; 0 when none does."""
    best, header = FEWEST - 1, 0
    for row in sorted(sheet.rows)[:HEADER_WITHIN]:
        if len(set(_own_texts(sheet, row))) < FEWEST:
            continue
        count = len(guess_columns(headings_of(sheet, row)))
        if count > best:
            best, header = count, row
    return header


def _own_texts(sheet: Sheet, row: int) -> list[str]:
    return [text for column in sheet.rows[row] if (text := _text(sheet, row, column))]


def named_columns(sheet: Sheet, header: int) -> dict[int, str]:
    """Every column that holds something, by its heading; one without a heading is named by its letter."""
    headings = headings_of(sheet, header)
    filled = {column for row, cells in sheet.rows.items() if row > header for column in cells}
    named: dict[int, str] = {}
    for column in sorted(filled | headings.keys()):
        letter = letters_of(column)
        name = " ".join(headings.get(column, "").split()) or f"{letter} 列{NO_HEADING}"
        named[column] = f"{name}（{letter} 列）" if name in named.values() else name
    return named


def texts_below(sheet: Sheet, header: int, column: int) -> list[str]:
    """What stands in a column."""
    cells = (_text(sheet, row, column) for row in sorted(sheet.rows) if row > header)
    return [text for text in cells if text]


def title_above(sheet: Sheet, header: int) -> str:
    """The longest text above the header: what the sheet calls itself."""
    first = header - is_two_deep(sheet, header)
    texts = [text for row in sheet.rows if row < first for _, text in sheet.texts(row)]
    titles = [normal(text) for text in texts if not _LABELLED.match(normal(text))]
    return " ".join(max(titles, key=len, default="").split())[:200]

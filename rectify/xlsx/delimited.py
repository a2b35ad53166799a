"""Cells as text, one row a line (.csv, or pasted from a table), to rows as JSON, in a limited child."""

from __future__ import annotations

import csv
import io
from typing import Any

from rectify.xlsx.parser import MAX_CELLS, MAX_CHARACTERS, MAX_COLUMNS, Unreadable, print_parsed

SEPARATORS = "\t,;，；"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LOOKED_AT = 50  # lines


def parse(path: str, rows: int) -> dict[str, Any]:
    """One sheet without a name, in which every cell is a text."""
    with open(path, "rb") as file:
        text = decoded(file.read())
    csv.field_size_limit(MAX_CHARACTERS)
    try:
        lines = _lines(text, separator_of(text))
    except csv.Error:
        raise Unreadable("broken") from None
    filled = [(number, cells) for number, line in enumerate(lines, 1) if (cells := _cells(line))]
    if len(text) > MAX_CHARACTERS or sum(len(cells) for _, cells in filled) > MAX_CELLS:
        raise Unreadable("big")
    if all(len(cells) < 2 for _, cells in filled) and filled:
        raise Unreadable("flat")
    sheet = {
        "name": "表格",
        "hidden": False,
        "rows": [list(row) for row in filled[:rows]],
        "merges": [],
        "too_many": len(filled) > rows,
        "too_wide": any(len(line) > MAX_COLUMNS for line in lines),
    }
    return {"sheets": [sheet], "date1904": False}


def _lines(text: str, separator: str) -> list[list[str]]:
    """A quotation mark that only opens is one of the text: it would swallow the rows below."""
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    if any("\n" in cell and separator in cell for line in lines for cell in line):
        return list(csv.reader(text.splitlines(), delimiter=separator, quoting=csv.QUOTE_NONE))
    return lines


def _cells(line: list[str]) -> list[list[Any]]:
    texts = ((column, text.strip()) for column, text in enumerate(line[:MAX_COLUMNS], 1))
    return [[column, "t", text] for column, text in texts if text]


def decoded(data: bytes) -> str:
    """UTF-8 where it is that, else GB18030, which Chinese programs write; a mark at the start decides."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None


def separator_of(text: str) -> str:
    """The sign that parts the same number of cells in most lines."""
    lines = text.splitlines()[:_LOOKED_AT]
    counts = {sign: sum(sign in line for line in lines) for sign in SEPARATORS}
    best = max(counts, key=lambda sign: counts[sign])
    return "\t" if counts["\t"] * 2 >= max(1, counts[best]) else best


def main() -> None:
    """`-c "...main()" FILE ROWS SCALE`."""
    print_parsed(parse)

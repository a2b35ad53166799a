"""Items that no number names: paragraphs, a title with the text below it, clauses parted by ；."""

from __future__ import annotations

import re
from itertools import pairwise

from rectify.intake.parser.items import Item, is_title
from rectify.intake.parser.rows import Row, Text


def paragraphs(text: Text, rows: list[Row]) -> list[Item]:
    """Each paragraph without a number as an item, a title with the text below it; no lead sentence."""
    out: list[Item] = []
    titled = False
    for row in rows:
        if row.line.cells or row.end - row.start < 5 or text.text[row.end - 1] in "：:":
            continue
        if out and titled and not is_title(text, row):
            out[-1] = Item(None, out[-1].start, out[-1].body, row.end)
            titled = False
            continue
        out.append(Item(None, row.start, row.body, row.end))
        titled = is_title(text, row)
    return out


def clauses(text: Text, rows: list[Row]) -> list[Item]:
    """A single paragraph without numbers, parted by ；."""
    plain = [row for row in rows if not row.line.cells]
    if len(plain) != 1:
        return []
    row = plain[0]
    ends = [sign.end() for sign in re.finditer("[；;]", text.text[row.start : row.end])]
    bounds = [row.start, *(row.start + end for end in ends), row.end]
    return [Item(None, begin, begin, end) for begin, end in pairwise(bounds) if begin < end] if ends else []

"""Items that no number names: paragraphs, a title with the text below it, clauses parted by ；."""

from __future__ import annotations

import re
from itertools import pairwise

from rectify.intake.parser.items import Item
from rectify.intake.parser.rows import Row, Text
from rectify.intake.parser.titles import is_title

_SIGN = re.compile("[；;]")
# 客观上，…；主观上，…
_SIDE = re.compile(
    r"(?:(?<=[。；;！\n])|^)从?(?:主观|客观|内部|外部|内|外)(?:上|方面|因素|原因|层面|因)(?:来?[看讲说])?[，,：:]"
)


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
    found = parted(text, plain[0].start, plain[0].end)
    return found if len(found) > 1 else []


def sides(text: Text, rows: list[Row]) -> list[Item]:
    """Causes told from two sides."""
    told = [side for row in rows for side in _SIDE.finditer(text.text, row.start, row.end)]
    ends = [*(side.start() for side in told[1:]), rows[-1].end if rows else 0]
    if len(told) < 2:
        return []
    return [Item(None, side.start(), side.end(), end) for side, end in zip(told, ends, strict=True)]


def parted(text: Text, start: int, end: int) -> list[Item]:
    """A stretch, parted by ；."""
    begins = [start, *(sign.end() for sign in _SIGN.finditer(text.text, start, end))]
    return [Item(None, begin, begin, stop) for begin, stop in pairwise([*begins, end]) if begin < stop]

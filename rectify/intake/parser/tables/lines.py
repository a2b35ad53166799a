"""Lines of plain text whose columns are kept apart by tabs or bars: the rows of a table."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from rectify.intake.parser.lines.cleaning import clean
from rectify.intake.parser.lines.raw import Raw
from rectify.intake.parser.tables import columns

LONGEST_HEADING = 40
NEAR = 4  # lines below a heading among which the next row stands
_RULE = frozenset("-=:+|─—┼━ ")


def with_cells(raws: list[Raw], lines: list[str]) -> list[Raw]:
    """The same lines, with cells where a head row names columns and rows follow it."""
    out = []
    width = 0
    for index, (raw, line) in enumerate(zip(raws, lines, strict=True)):
        cells = _cells(line)
        if len(cells) > 1:
            width = len(cells) if columns.header(cells) else width
            out.append(_row(raw, cells, width) if width else raw)
        elif not raw.text or not width:
            out.append(raw)
        elif set(line) <= _RULE:
            out.append(replace(raw, text=""))
        elif _heads_rows(raw.text, lines, index + 1):
            out.append(replace(raw, cells=(raw.text, *[""] * (width - 1))))
        else:
            out.append(raw)
            width = 0
    return out


def _row(raw: Raw, cells: tuple[str, ...], width: int) -> Raw:
    if all(set(cell) <= _RULE for cell in cells):
        return replace(raw, text="")
    cells = (*cells, *[""] * (width - len(cells)))
    return replace(raw, text="\t".join(cells), cells=cells)


def _heads_rows(text: str, lines: list[str], below: int) -> bool:
    """一、产业帮扶方面 between the rows of a table, in a cell merged over all columns."""
    following = next((line for line in islice(lines, below, below + NEAR) if line.strip()), "")
    cells = _cells(following)
    return len(text) <= LONGEST_HEADING and "。" not in text and bool(cells) and not columns.header(cells)


def _cells(line: str) -> tuple[str, ...]:
    for sign in ("\t", "|", "｜"):
        if sign in line:
            text = line.strip(" \u3000\u00a0\r\n")
            if sign != "\t":
                text = text.strip(sign)
            cells = tuple(clean(cell) for cell in text.split(sign))
            if sum(bool(cell) for cell in cells) >= 2 or len(cells) >= 3:
                return cells
    return ()

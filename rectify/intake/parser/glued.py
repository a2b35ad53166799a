"""A report pasted as one line is cut where its numbered section headings stand."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from rectify.intake.parser import headings, markers
from rectify.intake.parser.rows import Row, Text

_HEADING = re.compile(
    rf"(?P<number>{markers.CN})、(?P<title>[^。；：:，,\d（(①]{{2,24}}?)(?=[。：:]|\d{{1,2}}[.．、]|[（(]一[）)]|一是|①|$)"
)


def parted(text: Text, rows: list[Row]) -> list[Row]:
    """The same rows, a line that holds several section headings in order as one row for each part."""
    return [part for row in rows for part in _parts(text, row)]


def _parts(text: Text, row: Row) -> list[Row]:
    begins: list[int] = []
    count = 0
    for match in _HEADING.finditer(text.text, row.start, row.end):
        verdict = headings.judge(match["title"])
        if markers.number_of(match["number"]) == count + 1 and verdict and not verdict.residue:
            count += 1
            begins += [match.start(), match.end()]
    if row.line.cells or count < 2:
        return [row]
    cuts = sorted({row.start, *begins, row.end})
    return [replace(text.row(row.line, begin), end=end) for begin, end in pairwise(cuts)]

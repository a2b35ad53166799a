"""A report pasted as one line or a few is cut where its numbered headings stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from rectify.intake.parser import headings, markers
from rectify.intake.parser.rows import Row, Text

_HEADING = re.compile(
    rf"(?P<number>{markers.CN})、(?P<title>[^。；：:，,\d（(①]{{2,24}}?)(?=[。：:]|\d{{1,2}}[.．、]|[（(]一[）)]|一是|①|$)"
)
_ASPECT = re.compile(rf"(?<=[。；])[（(]{markers.CN}[）)][^。；：:，,\n]{{2,30}}方面(?=[。：:])")
_ENDED = "。；！？!"


def parted(text: Text, rows: list[Row]) -> list[Row]:
    """The same rows, a line that holds section headings in order as one row for each part."""
    cuts = _sections(text, rows)
    return [part for row in rows for part in _parts(text, row, cuts.get(row.start, []))]


def _sections(text: Text, rows: list[Row]) -> dict[int, list[int]]:
    """Where sections begin and their headings end, by the row; empty where all have lines of their own."""
    cuts: dict[int, list[int]] = {}
    count = 0
    glued = False
    for row in rows:
        for match in _headings(text, row):
            if markers.number_of(match["number"]) == count + 1:
                before = text.text[match.start() - 1] if match.start() > row.start else ""
                glued = glued or (count > 0 and before != "" and before in _ENDED)
                count += 1
                cuts.setdefault(row.start, []).extend((match.start(), match.end()))
    return cuts if glued else {}


def _headings(text: Text, row: Row) -> Iterator[re.Match[str]]:
    if row.line.cells:
        return
    for match in _HEADING.finditer(text.text, row.start, row.end):
        verdict = headings.judge(match["title"])
        if verdict and not verdict.residue:
            yield match


def _parts(text: Text, row: Row, sections: list[int]) -> list[Row]:
    aspects = [match.start() for match in _ASPECT.finditer(text.text, row.start, row.end)]
    if row.line.cells or not (sections or aspects):
        return [row]
    cuts = sorted({row.start, *sections, *aspects, row.end})
    return [replace(text.row(row.line, begin), end=end) for begin, end in pairwise(cuts)]

"""A line that holds more than one section is parted."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from rectify.intake.parser import headings
from rectify.intake.parser.headings import ASPECT_WORD, CAUSES, DIRECTIONS
from rectify.intake.parser.rows import Row, Text

_FIRST = r"[：:]\s?(?:一是|首先|第一|其一|1[.．、]|①|[（(]1[）)]|⑴)"
_LISTS = re.compile(
    rf"(?:^|[。：:\s])(?P<title>(?:存在)?的?(?:主要|突出)?(?:问题|不足)(?:[和与及、](?:问题|不足|差距))?){_FIRST}"
)
_NEXT = re.compile(rf"[。；;]\s?(?P<title>[^。；;：:，,]{{2,16}})(?={_FIRST})")


def parted(text: Text, rows: list[Row]) -> list[Row]:
    """A line that lists problems and after them 原因分析：一是… is parted there: these are of them all."""
    return [part for row in rows for part in _parts(text, row)]


def _parts(text: Text, row: Row) -> list[Row]:
    words = text.text[row.start : row.end]
    lists = None if row.line.cells else _LISTS.search(words)
    if lists is None:
        return [row]
    listed = row.start + lists.start("title")
    sources = [
        match.start("title")
        for match in _NEXT.finditer(text.text, row.start + lists.end(), row.end)
        if _names_sources(match["title"])
    ]
    if not sources:
        return [row]
    begins = [row.start, *sources]
    if listed > row.start and words.find(ASPECT_WORD) > 0:
        begins.insert(1, listed)
    return [
        replace(row if begin == row.start else text.row(row.line, begin), end=end)
        for begin, end in pairwise([*begins, row.end])
    ]


def _names_sources(title: str) -> bool:
    verdict = headings.judge(title)
    if verdict is None or verdict.residue:
        return False
    return verdict.kinds in ((CAUSES,), (DIRECTIONS,))

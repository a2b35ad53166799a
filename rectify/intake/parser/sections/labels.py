"""Headings that are labels inside items (原因：, 整改措施：) and open no section."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import pairwise

from rectify.intake.parser import naming
from rectify.intake.parser.headings import LEFT_OUT, PROBLEMS
from rectify.intake.parser.rows import Row, Text
from rectify.intake.parser.sections.section import UNMARKED, Heading


def problem_labels(text: Text, rows: list[Row]) -> set[int]:
    """Lines 1.问题：…, 存在问题：… or 问题表现 that come again: each labels an item and opens no section."""
    labelled: dict[tuple[str, str], list[int]] = {}
    for index, row in enumerate(rows):
        if label := naming.labelled(text, row) or naming.shown(text, row):
            labelled.setdefault((row.marker.kind if row.marker else "", label), []).append(index)
    return {index for indexes in labelled.values() if len(indexes) > 1 for index in indexes}


def without_labels(known: list[Heading]) -> list[Heading]:
    """Without labels of items, where numbered headings stand beside: 整改措施： that comes again."""
    loose = [heading for heading in known if heading.rank == UNMARKED]
    again = Counter(heading.title for heading in loose)
    if len(loose) == len(known) or any(PROBLEMS in heading.kinds for heading in loose):
        return known
    return [heading for heading in known if heading.rank != UNMARKED or again[heading.title] < 2]


def labels(rows: list[Row], known: list[Heading], main: int) -> set[int]:
    """Those that come again and again within one section, and those deeper than its items."""
    on_main = [heading for heading in known if heading.rank == main]
    labelled = _more_than_problems(on_main) if main == UNMARKED else set()
    bounds = [0, *(heading.index for heading in on_main), len(rows)]
    for begin, end in pairwise(bounds):
        labelled |= _labels_between(rows, known, main, begin, end)
    return labelled


def _more_than_problems(on_main: list[Heading]) -> set[int]:
    """Those of kinds that come more often than 存在问题 does."""
    counts = Counter(_sort(heading) for heading in on_main)
    problems = sum(heading.kinds == (PROBLEMS,) for heading in on_main)
    again = {sort for sort, count in counts.items() if count > max(1, problems)}
    return {heading.index for heading in on_main if _sort(heading) in again}


def _sort(heading: Heading) -> tuple[str, ...]:
    """Its kinds; of what is left out its own words: 需要说明的 and 需要帮助的 are two."""
    return (*heading.kinds, heading.title) if heading.kinds == (LEFT_OUT,) else heading.kinds


def _labels_between(rows: list[Row], known: list[Heading], main: int, begin: int, end: int) -> set[int]:
    first, last = (bisect_left(known, at, key=lambda heading: heading.index) for at in (begin, end))
    inner = [heading for heading in known[first:last] if heading.rank != main]
    repeated = Counter((heading.kinds, heading.rank) for heading in inner)
    outermost = min((row.marker.rank for row in rows[begin + 1 : end] if row.marker), default=99)
    return {
        heading.index
        for heading in inner
        if (repeated[heading.kinds, heading.rank] > 1 and heading.kinds != (LEFT_OUT,))
        or (heading.inline if heading.rank == UNMARKED else heading.rank > outermost)
    }

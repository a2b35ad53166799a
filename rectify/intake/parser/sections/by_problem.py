"""A plan in which each outermost heading is a problem, its 原因分析 under it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from rectify.intake.parser import aspect_naming, aspects, naming
from rectify.intake.parser.headings import CAUSES, DIRECTIONS, PROBLEMS
from rectify.intake.parser.markers import LOOSE
from rectify.intake.parser.rows import Row, Text
from rectify.intake.parser.sections.recognition import leads
from rectify.intake.parser.sections.section import (
    LONGEST,
    UNMARKED,
    Heading,
    Section,
    preamble,
    unknown,
    with_keys,
)


def problem_by_problem(text: Text, rows: list[Row], known: list[Heading]) -> list[Section]:
    """Its sections; empty when this is no such plan."""
    outer = _outermost(rows)
    named = any(PROBLEMS in heading.kinds and heading.strict for heading in known)
    if not outer or named or aspects.are_groups(text, rows, outer):
        return []
    kind_at = {heading.index: heading.kinds[0] for heading in known}
    problems = _problems(text, rows, outer, kind_at)
    if not problems:
        return []
    sections = _runs(text, rows, outer, problems, known)
    return with_keys([*sections, *_of_all(text, rows, outer[-1], sections)])


def _of_all(text: Text, rows: list[Row], last: int, sections: list[Section]) -> list[Section]:
    """下一步，我们将做好以下工作： below the last problem, and below no other, belongs to all of them. The
    section above it is cut where it begins."""
    above = {row.line.text for row in rows[: last + 1]}
    below = [
        heading for heading in leads(text, rows[last + 1 :], [], UNMARKED) if heading.kinds != (PROBLEMS,)
    ]
    own = [heading for heading in below if heading.row.line.text not in above]
    if not own:
        return []
    sections[-1] = replace(sections[-1], end=own[0].row.start)
    stops = [*(heading.row.start for heading in own[1:]), rows[-1].end]
    return [
        Section(heading.kinds, heading.title, heading.begin, stop, heading.row)
        for heading, stop in zip(own, stops, strict=True)
    ]


def _problems(text: Text, rows: list[Row], outer: list[int], kind_at: dict[int, str]) -> set[int]:
    """Those that are named as problems, or two that have sources under them where no part is of sources."""
    named = {index for index in outer if _names_problem(text, rows, index, index in kind_at)}
    likely = {
        begin
        for begin, end in pairwise([*outer, len(rows)])
        if not _counts_anew(rows, end, kind_at) and _has_sources(text, rows[begin], kind_at, begin, end)
    }
    has_parts = any(kind_at.get(index) in (CAUSES, DIRECTIONS) for index in outer)
    if not named and (len(likely) < 2 or has_parts):
        return set()
    return named | likely


def _counts_anew(rows: list[Row], end: int, kind_at: dict[int, str]) -> bool:
    """产生的原因： before 1. is the heading of what is counted from there on, no part of the item above."""
    marker = rows[end].marker if end < len(rows) else None
    return bool(marker and marker.number == 1 and end - 1 in kind_at)


def _outermost(rows: list[Row]) -> list[int]:
    """The rows of the outermost number that comes more than once."""
    ranks = Counter(row.marker.rank for row in rows if row.marker and row.marker.rank < LOOSE)
    outer = min((rank for rank, count in ranks.items() if count > 1), default=None)
    return [index for index, row in enumerate(rows) if row.marker and row.marker.rank == outer]


def _names_problem(text: Text, rows: list[Row], index: int, is_heading: bool) -> bool:
    """By its own words or its label; 对照政治纪律 is an aspect."""
    if aspect_naming.is_field(text, rows[index]):
        return False
    if naming.names_problem(text, rows[index]):
        return True
    return not is_heading and naming.is_labelled(text, rows, index)


def _has_sources(text: Text, row: Row, kind_at: dict[int, str], begin: int, end: int) -> bool:
    """Causes stand under it; or directions, and its words tell of something lacking."""
    if begin in kind_at:
        return False
    kinds = {kind_at.get(index) for index in range(begin + 1, end)}
    words = text.text[row.body : text.stop(row.body, row.end)]
    return CAUSES in kinds or (DIRECTIONS in kinds and bool(aspect_naming.DEFICIENT.search(words)))


def _runs(
    text: Text, rows: list[Row], outer: list[int], problems: set[int], known: list[Heading]
) -> list[Section]:
    """Neighbouring problems are one section; other headings between them are left out."""
    heading_at = {heading.index: heading for heading in known}
    sections = preamble(rows, rows[outer[0]].start)
    stops = [*(rows[index].start for index in outer[1:]), rows[-1].end]
    for begin, stop in zip(outer, stops, strict=True):
        row = rows[begin]
        if begin not in problems:
            heading = heading_at.get(begin) or unknown(text, row, begin)
            sections.append(Section(heading.kinds, row.line.text[:LONGEST], heading.begin, stop, row))
        elif sections and sections[-1].kinds == (PROBLEMS,):
            sections[-1] = replace(sections[-1], end=stop)
        else:
            sections.append(Section((PROBLEMS,), "逐项列出的问题", row.start, stop))
    return sections

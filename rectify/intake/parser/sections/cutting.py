"""The text is cut into sections by what its headings say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rectify.intake.parser import aspect_naming, aspects, headings
from rectify.intake.parser.headings import CAUSES, DIRECTIONS, LEFT_OUT, PROBLEMS
from rectify.intake.parser.markers import LOOSE
from rectify.intake.parser.rows import Row, Text
from rectify.intake.parser.sections.by_problem import problem_by_problem
from rectify.intake.parser.sections.labels import labels, problem_labels, without_labels
from rectify.intake.parser.sections.recognition import beside, heading_of, leads, spoken
from rectify.intake.parser.sections.section import ORDER, UNMARKED, Heading, Section, preamble, with_keys
from rectify.intake.parser.sections.walk import choose

_OWN_ASPECT = re.compile(r"方面(?:还|仍|中)?存在的?.{0,8}$|方面的(?:问题|不足|差距|短板)")


def cut(text: Text, rows: list[Row]) -> list[Section]:
    """The sections in order; what stands before the first is the preamble."""
    if not rows:
        return []
    known = _known(text, rows)
    if sections := problem_by_problem(text, rows, known):
        return sections
    if not any(PROBLEMS in heading.kinds and not _names_paper(heading) for heading in known):
        known += _without([spoken(text, row, index) for index, row in enumerate(rows)], set())
    main = _main_rank(without_labels(known)) if known else _outermost(rows)
    known = _without(known, labels(rows, known, main))
    found = {heading.index: heading for heading in (*known, *leads(text, rows, known, main))}
    found |= {heading.index: heading for heading in beside(text, rows, known, main)}
    known = sorted(found.values(), key=lambda heading: heading.index)
    chosen = choose(text, rows, known, main)
    first = chosen[0][0].row.start if chosen else rows[-1].end
    return with_keys([*preamble(rows, first), *_between(chosen, rows[-1].end)])


def _names_paper(heading: Heading) -> bool:
    """个人对照检查 on the first line: the whole paper, and no section beside others."""
    return heading.index == 0 and heading.row.marker is None


def _known(text: Text, rows: list[Row]) -> list[Heading]:
    """The headings by their words, less those that label an item or group items."""
    known = _without(
        [heading_of(text, rows, index) for index in range(len(rows))], problem_labels(text, rows)
    )
    return _without_advice(_without(known, _grouped(text, rows, known)))


def _without_advice(known: list[Heading]) -> list[Heading]:
    """意见建议 are the directions of an inspection's paper, and something else beside 努力方向."""
    advice = [heading for heading in known if headings.ADVICE.fullmatch(heading.title)]
    others = any(DIRECTIONS in heading.kinds and heading not in advice for heading in known)
    return [heading for heading in known if heading not in advice] if others else known


def _grouped(text: Text, rows: list[Row], known: list[Heading]) -> set[int]:
    """沟通环节的问题, 反馈环节的问题 side by side: none of them is a section, all are aspects."""
    surely = {heading.index for heading in known if heading.strict or heading.kinds == (LEFT_OUT,)}
    sources = {heading.index for heading in known if heading.kinds[0] in (CAUSES, DIRECTIONS)}
    return {
        index
        for at, end in _siblings(rows, sources)
        if aspects.are_groups(text, rows, at, end, named=not surely.isdisjoint(at))
        for index in at
    }


def _siblings(rows: list[Row], sources: set[int]) -> Iterator[tuple[list[int], int]]:
    """The rows of one number under one heading, and where the last ends; a part of sources ends them too."""
    open_at: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        rank = row.marker.rank if row.marker else LOOSE
        for deeper in [known for known in open_at if known >= rank + (index not in sources)]:
            yield open_at.pop(deeper), index
        if rank < LOOSE and index not in sources:
            open_at.setdefault(rank, []).append(index)
    for at in open_at.values():
        yield at, len(rows)


def _without(known: Sequence[Heading | None], labelled: set[int]) -> list[Heading]:
    """The headings there are, without those that only label an item."""
    return [heading for heading in known if heading and heading.index not in labelled]


def _between(chosen: list[tuple[Heading, Row | None]], end: int) -> list[Section]:
    """Each heading's section ends where the next heading stands."""
    sections = []
    ends = [heading.row.start for heading, _ in chosen[1:]]
    for (heading, context), stop in zip(chosen, [*ends, end], strict=False):
        own = heading.row if heading.kinds == (PROBLEMS,) and _names_aspect(heading) else None
        sections.append(
            Section(heading.kinds, heading.title, heading.begin, stop, heading.row, context, aspect=own)
        )
    return sections


def _names_aspect(heading: Heading) -> bool:
    """作风方面存在的问题; and without a number 党员存在的问题 beside 支部班子存在的问题."""
    qualified = heading.rank == UNMARKED and aspect_naming.names_sort(heading.title)
    return qualified or bool(_OWN_ASPECT.search(heading.title))


def _outermost(rows: list[Row]) -> int:
    return min((row.marker.rank for row in rows if row.marker and row.marker.rank < LOOSE), default=UNMARKED)


def _main_rank(known: list[Heading]) -> int:
    """The rank on which this report's sections stand: where problems are named, beside most other kinds."""
    kinds: dict[int, set[tuple[str, ...]]] = {}
    for heading in known:
        if heading.kinds[0] in ORDER:
            kinds.setdefault(heading.rank, set()).add(heading.kinds)
    # One heading that names all three kinds tells less apart than three headings under it.
    ranked = [
        (any(PROBLEMS in named for named in at_rank), len(at_rank), -rank) for rank, at_rank in kinds.items()
    ]
    return -max(ranked)[2] if ranked else min((heading.rank for heading in known), default=UNMARKED)

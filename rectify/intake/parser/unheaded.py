"""Where problems stand when no heading names them, or a heading names their mending only."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import dropwhile, takewhile

from rectify.intake.parser import aspect_naming, aspects, items, naming, titles
from rectify.intake.parser.assembly import Assembly
from rectify.intake.parser.headings import CAUSES, DIRECTIONS, EARLIER, LEFT_OUT, OTHER, PREAMBLE, PROBLEMS
from rectify.intake.parser.rows import Row, Text, after, title_rows
from rectify.intake.parser.sections.section import Section

_MENDING = re.compile(r"整改.{0,8}(?:情况|进展|结果)")


def by_what_they_hold(text: Text, cut: list[Section], rows: list[Row]) -> list[Section]:
    """Where no heading names problems, a part whose items do so (问题一：…) is one of problems; in a paper
    on how they are mended the part that was left out as such."""
    if not any(PROBLEMS in section.kinds for section in cut):
        return [_as_problems(text, section, rows) for section in cut]
    if not _MENDING.search("\n".join(row.line.text for row in title_rows(rows))):
        return cut
    return [
        _as_problems(text, section, rows)
        if section.kinds[0] == LEFT_OUT and not EARLIER.search(section.title)
        else section
        for section in cut
    ]


def _as_problems(text: Text, section: Section, rows: list[Row]) -> Section:
    known = section.kinds[0] in (CAUSES, PREAMBLE, PROBLEMS)
    if known or not _holds_problems(text, after(rows, text, section.begin, section.end)):
        return section
    heading = section.heading
    named = heading and (aspect_naming.names_group(text, heading) or aspect_naming.is_topic(text, heading))
    named = named or aspect_naming.names_aspect(section.title)
    aspect = heading if named else None
    return replace(section, kinds=(PROBLEMS,), aspect=aspect)


def _holds_problems(text: Text, rows: list[Row]) -> bool:
    return any(
        naming.names_problem(text, row) or naming.is_labelled(text, rows, index)
        for index, row in enumerate(rows)
    )


def with_problems(assembly: Assembly, cut: list[Section], rows: list[Row]) -> list[Section]:
    """Without any heading that names problems, what stands before causes and directions is looked through."""
    if any(PROBLEMS in section.kinds for section in cut):
        return cut
    before = list(takewhile(lambda section: section.kinds[0] not in (CAUSES, DIRECTIONS), cut))
    loose = [section for section in before if section.kinds[0] in (OTHER, PREAMBLE)]
    if not loose:
        return cut
    loose = [section for section in loose if _holds_aspects(assembly.text, section, rows)] or loose
    begin = loose[0].heading.start if loose[0].heading else loose[0].begin
    region = after(rows, assembly.text, begin, loose[-1].end)
    listed = _listed(assembly.text, loose, region)
    if not listed:
        return cut
    # The head row of a table says for itself what it lists.
    if not listed[0].line.cells:
        words = "没有找到写明“存在的问题”之类的标题，把这里往后的内容当作问题部分，请核对"
        assembly.warn(listed[0].line.number, words)
    begins_later = listed[0] is not region[0]
    lead = [replace(loose[0], kinds=(PREAMBLE,), end=listed[0].start)] if begins_later else []
    middle = Section((PROBLEMS,), "", listed[0].start, _end(listed, loose[-1].end))
    return [*(one for one in before if one not in loose), *lead, middle, *cut[len(before) :]]


def _listed(text: Text, loose: list[Section], region: list[Row]) -> list[Row]:
    """The rows from the first of a list on, when they tell of problems."""
    listed = list(dropwhile(lambda row: not _begins_list(text, row), region))
    if _is_only_frame(text, loose, listed):
        listed = listed[1:]
    return listed if listed and _tells_of_problems(text, region, listed) else []


def _end(listed: list[Row], end: int) -> int:
    """What stands below a table is none of its rows."""
    below = next((row for row in listed if not row.line.cells), None)
    return below.start if listed[0].line.cells and below else end


def _holds_aspects(text: Text, section: Section, rows: list[Row]) -> bool:
    """聚焦问题，逐条逐项抓好整改 over （一）关于统计数据质量方面 holds them, what stands beside it none."""
    within = after(rows, text, section.begin, section.end)
    named = [
        row
        for row in within
        if row.marker and aspect_naming.names_aspect(aspect_naming.first_clause(text, row))
    ]
    return section.kinds[0] == OTHER and len(named) > 1


def _is_only_frame(text: Text, loose: list[Section], listed: list[Row]) -> bool:
    """一、自查内容及结果, the one heading of its kind over numbered rows, names no aspect."""
    headed = [section.heading for section in loose if section.heading]
    if len(headed) != 1 or len(listed) < 2 or listed[0].start != headed[0].start or listed[1].marker is None:
        return False
    return aspect_naming.is_topic(text, headed[0]) and not aspect_naming.names_aspect(loose[-1].title)


def _begins_list(text: Text, row: Row) -> bool:
    heads = aspect_naming.stands_for_aspect(text, row) or aspect_naming.is_bracketed(text, row)
    return bool(row.marker or row.line.cells) or heads


def _tells_of_problems(text: Text, region: list[Row], listed: list[Row]) -> bool:
    """A table, a row that names a problem, an aspect, or two numbered items that state a failing."""
    if any(row.line.cells for row in region) or _holds_problems(text, region):
        return True
    if any(group.title for group in aspects.groups(text, listed)):
        return True
    numbered = items.find(text, listed, lambda line, message: None, "")
    return sum(_states_failing(text, item) for item in numbered) > 1


def _states_failing(text: Text, item: items.Item) -> bool:
    title, _ = titles.title(text, item.body, item.end)
    return bool(
        aspect_naming.DEFICIENT.search(title) or naming.OWN_LABEL.match(text.text, item.body, item.end)
    )

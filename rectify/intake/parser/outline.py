"""A report's lines become its outline: aspects, problems, causes, directions, links, gaps, warnings.

Pure functions. Each step has a file of its own: `contents` passes over a contents list, `sections` cut the
text by what `headings` say, `aspects` and `items` find what is numbered (`markers`), `problems`, `labels`,
`manifestations` and `table_rows` read problems, `links` ties sources to them, `placeholders` finds gaps.

`coverage` tells whatever of the text ended in none of them, so nothing below is lost without a word of it.

Not handled; where the words are in the text they are told, line by line:
- Problems that are neither numbered, labelled (问题：…) nor stated at the beginning of a paragraph or row.
- A number and its title run together with the body without any mark between them.
- The same sign for items and for points inside them, where no word such as 表现在 or sign ： leads in.
- Several reports in one file without 篇一, 篇二 or 第一篇 between them: they are read as one.
- Tables without a head row that names a column 问题, 原因 or 措施: their cells are read as plain lines.
- Columns made of spaces: only tabs, bars and cards of labels (问题描述：…) become rows.

Not read at all, nor told: pictures of text, formulas, footnotes, headers and footers, embedded objects.
Refused with the sentence that says how to save: Big5 and other encodings than UTF-8, UTF-16, UTF-32 with a
mark and GB18030; .doc, .wps, .pdf, .rtf, .odt.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import Any

from rectify.choices import Basis
from rectify.intake.parser import (
    aspect_naming,
    cards,
    coverage,
    glued,
    items,
    placeholders,
    problems,
    unheaded,
    unnumbered,
)
from rectify.intake.parser.assembly import Assembly
from rectify.intake.parser.headings import CAUSES, DIRECTIONS, LEFT_OUT, OTHER, PREAMBLE, PROBLEMS
from rectify.intake.parser.items import Item
from rectify.intake.parser.lines.contents import without_contents, without_signature
from rectify.intake.parser.links import finder
from rectify.intake.parser.parsed import LeftOut, Notice, ParsedLink, ParsedReport, ParsedSource, Source
from rectify.intake.parser.refusals import NoProblems
from rectify.intake.parser.rows import Row, Text, after, physical, title_rows
from rectify.intake.parser.sections import cutting
from rectify.intake.parser.sections.parted import parted
from rectify.intake.parser.sections.recognition import spoken
from rectify.intake.parser.sections.section import Section
from rectify.intake.parser.tables import rows as table_rows

WORDS = {
    LEFT_OUT: "不属于本次查摆的内容",
    OTHER: "看不出是问题、原因还是措施",
    PREAMBLE: "正文开始之前的文字",
}


_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
TITLE_LENGTH = 80


def parse(source: Source, include: frozenset[str] = frozenset()) -> ParsedReport:
    """The outline of one report. `include` names left-out sections that are to be read as problems."""
    as_table = cards.tabled(source)
    try:
        report = _parse(source, include)
    except NoProblems:
        if as_table is None:
            raise
        return _parse(as_table, include)
    is_less = as_table is not None and len(report.problems) < cards.count(as_table)
    return _parse(as_table, include) if as_table is not None and is_less else report


def _parse(source: Source, include: frozenset[str]) -> ParsedReport:
    text = Text.of(source)
    rows = parted(text, glued.parted(text, without_signature(without_contents(text.rows()))))
    cut = [_included(section, include) for section in cutting.cut(text, rows)]
    year = _year(rows)
    assembly = Assembly(text, year)
    cut = unheaded.by_what_they_hold(text, cut, rows)
    cut = unheaded.with_problems(assembly, cut, rows)
    cut = [
        part
        for section in cut
        for part in _causes_apart(text, section, after(rows, text, section.begin, section.end))
    ]
    left_out: list[LeftOut] = []
    several = sum(section.aspect is not None for section in cut) > 1
    for section in cut:
        _read(assembly, section, after(rows, text, section.begin, section.end), left_out, several=several)
    if not assembly.problems:
        raise NoProblems(tuple(left_out))
    return coverage.complete(_report(source, assembly, left_out))


def _included(section: Section, include: frozenset[str]) -> Section:
    return replace(section, kinds=(PROBLEMS,)) if section.key in include else section


def _year(rows: list[Row]) -> int | None:
    """That of the title, 2025年度 before any other; a date further below says nothing of it."""
    return year_in("\n".join(row.line.text[:TITLE_LENGTH] for row in title_rows(rows)))


def year_in(title: str) -> int | None:
    """The year a title names."""
    digits = title.translate(_DIGITS)
    patterns = (r"(20\d\d)\s?年度", r"(20\d\d)\s?年", r"(20\d\d)[.．/-]\d{1,2}[.．/-]\d")
    found = next((found for pattern in patterns if (found := re.search(pattern, digits))), None)
    return int(found[1]) if found else None


def _read(
    assembly: Assembly, section: Section, rows: list[Row], left_out: list[LeftOut], *, several: bool
) -> None:
    kind = section.kinds[0]
    if kind == LEFT_OUT or (kind in (OTHER, PREAMBLE) and not any(row.line.cells for row in rows)):
        _leave_out(assembly, section, rows, left_out)
        return
    causes = len(assembly.causes)
    first_problem = len(assembly.problems)
    for is_table, chunk in groupby(rows, key=lambda row: bool(row.line.cells)):
        if is_table:
            table_rows.read(assembly, list(chunk))
        elif kind == PROBLEMS:
            problems.read(assembly, list(chunk), section.context, section.aspect, several=several)
        elif kind in (CAUSES, DIRECTIONS):
            _sources(assembly, section, list(chunk))
    if kind == PROBLEMS and len(assembly.problems) == first_problem and not section.context and rows:
        assembly.warn(rows[0].line.number, f"“{section.title}”部分没有找到问题，请核对")
    if kind == CAUSES and section.context is not None:
        _tie_near(assembly, section, causes)


def _causes_apart(text: Text, section: Section, rows: list[Row]) -> list[Section]:
    """A section 存在的问题和原因, parted where it tells of the causes: 分析原因，主要有：一是…"""
    if CAUSES not in section.kinds[1:]:
        return [section]
    spoken_of = (spoken(text, row, index) for index, row in enumerate(rows))
    told = next((heading for heading in spoken_of if heading and heading.kinds == (CAUSES,)), None)
    if told is None:
        return [section]
    causes = replace(section, kinds=(CAUSES,), begin=told.begin, heading=told.row)
    before = replace(section, kinds=(PROBLEMS,), end=told.row.start)
    return [before, causes] if any(row.marker for row in rows[: told.index]) else [causes]


def _sources(assembly: Assembly, section: Section, rows: list[Row]) -> None:
    what, add = ("原因", assembly.cause) if section.kinds[0] == CAUSES else ("努力方向", assembly.direction)
    listed = items.below_headings(assembly.text, rows, items.find(assembly.text, rows, assembly.warn, what))
    if not listed and not section.title.endswith("要求"):  # which asks in prose, and lists nothing
        listed = _unnumbered(assembly.text, rows)
        if listed:
            assembly.warn(
                rows[0].line.number,
                f"“{section.title}”部分没有编号，按段落识别出 {len(listed)} 条{what}，请核对",
            )
    for item in listed:
        add(item)
    if len(section.kinds) > 1 and section.kinds[0] == CAUSES:
        assembly.warn(
            rows[0].line.number if rows else 0, f"“{section.title}”写在一起，都按原因识别，请核对哪些是措施"
        )


def _unnumbered(text: Text, rows: list[Row]) -> list[Item]:
    return unnumbered.sides(text, rows) or unnumbered.clauses(text, rows) or unnumbered.paragraphs(text, rows)


def _tie_near(assembly: Assembly, section: Section, before: int) -> None:
    """Problems and causes under one heading of an aspect: only a suggestion."""
    row = section.context
    if row is None:
        return
    end = aspect_naming.title_end(assembly.text, row)
    aspect = assembly.aspect(aspect_naming.named(assembly.text, row.body, end), row.start, end, shared=True)
    for number, draft in enumerate(assembly.problems, start=1):
        if draft.aspect == aspect:
            assembly.near += [(number, cause) for cause in range(before + 1, len(assembly.causes) + 1)]


def _leave_out(assembly: Assembly, section: Section, rows: list[Row], left_out: list[LeftOut]) -> None:
    if not rows and section.kinds[0] != LEFT_OUT:
        return
    start = section.heading.start if section.heading else section.begin
    place = assembly.text.place(start, section.end)
    left_out.append(LeftOut(section.key, section.title, place))
    shown = section.title if len(section.title) <= 24 else section.title[:24] + "…"
    assembly.warn(place.line, f"“{shown}”没有采用：{WORDS[section.kinds[0]]}；需要时可以勾选")


def _report(source: Source, assembly: Assembly, left_out: list[LeftOut]) -> ParsedReport:
    parsed = assembly.parsed_problems()
    ties = assembly.built_links()
    compared = finder.Compared(parsed)
    ties += compared.links(assembly.causes, assembly.tied, cause=True)
    ties += compared.links(assembly.directions, (), cause=False)
    known = {(link.problem, link.cause) for link in ties}
    ties += [
        ParsedLink(problem, cause, None, Basis.INFERRED.value)
        for problem, cause in assembly.near
        if (problem, cause) not in known
    ]
    if not assembly.causes:
        assembly.warnings.append(
            Notice(source.lines[-1].number, "没有找到原因分析部分，各问题的原因需要补填")
        )
    if not assembly.directions and not any(one.measures for one in parsed):
        assembly.warnings.append(Notice(source.lines[-1].number, "没有找到努力方向或整改措施部分"))
    return ParsedReport(
        source=source,
        aspects=tuple(assembly.aspects),
        problems=parsed,
        causes=tuple(assembly.causes),
        directions=tuple(assembly.directions),
        links=tuple(ties),
        placeholders=placeholders.find(assembly.text),
        warnings=tuple(sorted(assembly.warnings, key=lambda notice: notice.line)),
        left_out=tuple(left_out),
        year=assembly.year,
    )


def as_json(report: ParsedReport) -> dict[str, Any]:
    """The outline as `import_report --dry-run` prints it."""
    by_number = {line.number: line for line in report.source.lines}
    return {
        "year": report.year,
        "aspects": [{"number": aspect.number, "title": aspect.title} for aspect in report.aspects],
        "problems": [
            {
                "number": problem.number,
                "aspect": problem.aspect,
                "title": problem.title,
                "text": problem.text,
                "manifestations": [piece.text for piece in problem.manifestations],
                "measures": [piece.text for piece in problem.measures],
                "leaders": list(problem.facts.leaders),
                "units": list(problem.facts.units),
                "deadline": problem.facts.deadline.isoformat() if problem.facts.deadline else None,
            }
            for problem in report.problems
        ],
        "causes": [_source(cause) for cause in report.causes],
        "directions": [_source(direction) for direction in report.directions],
        "links": [_link(link) for link in report.links],
        "placeholders": [
            {"text": gap.text, "line": physical(by_number[gap.place.line], gap.place.start)}
            for gap in report.placeholders
        ],
        "left_out": [{"line": part.place.line, "title": part.title} for part in report.left_out],
        "warnings": [{"line": notice.line, "message": notice.message} for notice in report.warnings],
    }


def _source(source: ParsedSource) -> dict[str, Any]:
    return {"number": source.number, "title": source.title}


def _link(link: ParsedLink) -> dict[str, Any]:
    tied = {"cause": link.cause} if link.cause is not None else {"direction": link.direction}
    return {"problem": link.problem, **tied, "basis": link.basis}

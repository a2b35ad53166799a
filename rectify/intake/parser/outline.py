"""A report's lines become its outline: aspects, problems, causes, directions, links, gaps, warnings.

Pure functions. Each step has a file of its own: `contents` passes over a contents list, `sections` cut the
text by what `headings` say, `aspects` and `items` find what is numbered (`markers`), `problems`, `labels`,
`manifestations` and `table_rows` read problems, `links` ties sources to them, `placeholders` finds gaps.

Not handled, and said so to the user where it can be seen:
- Problems that are neither numbered nor stated at the beginning of a paragraph under a recognised heading.
- A number and its title run together with the body without any mark between them.
- The same sign for items and for points inside them, where no word such as 表现在 or sign ： leads in.
- Several reports in one file without 篇一, 篇二 or 第一篇 between them: they are read as one.
- Pictures of text, formulas, footnotes, headers and footers, embedded objects; columns made of spaces.
- Tables without a head row that names a column 问题, 原因 or 措施: their cells are read as plain lines.
- Big5 and other encodings than UTF-8, UTF-16, UTF-32 with a mark, GB18030; .doc, .wps, .pdf, .rtf, .odt.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import dropwhile, groupby, takewhile
from typing import Any

from rectify.choices import Basis
from rectify.intake.parser import (
    aspect_naming,
    aspects,
    coverage,
    glued,
    items,
    naming,
    placeholders,
    problems,
)
from rectify.intake.parser.assembly import Assembly
from rectify.intake.parser.headings import CAUSES, DIRECTIONS, LEFT_OUT, OTHER, PREAMBLE, PROBLEMS
from rectify.intake.parser.lines.contents import without_contents, without_signature
from rectify.intake.parser.links import finder
from rectify.intake.parser.parsed import LeftOut, Notice, ParsedLink, ParsedReport, ParsedSource, Source
from rectify.intake.parser.refusals import NoProblems
from rectify.intake.parser.rows import Row, Text, after, physical
from rectify.intake.parser.sections import cutting
from rectify.intake.parser.sections.parted import parted
from rectify.intake.parser.sections.section import Section
from rectify.intake.parser.tables import rows as table_rows

WORDS = {
    LEFT_OUT: "不属于本次查摆的内容",
    OTHER: "看不出是问题、原因还是措施",
    PREAMBLE: "正文开始之前的文字",
}


TITLE_LINES = 4
TITLE_LENGTH = 80


def parse(source: Source, include: frozenset[str] = frozenset()) -> ParsedReport:
    """The outline of one report. `include` names left-out sections that are to be read as problems."""
    text = Text.of(source)
    rows = parted(text, glued.parted(text, without_signature(without_contents(text.rows()))))
    cut = [_included(section, include) for section in cutting.cut(text, rows)]
    year = _year(text)
    assembly = Assembly(text, year)
    cut = _by_what_they_hold(text, cut, rows)
    cut = _with_problems(assembly, cut, rows)
    left_out: list[LeftOut] = []
    several = sum(section.aspect is not None for section in cut) > 1
    for section in cut:
        if not several:
            section = replace(section, aspect=None)
        _read(assembly, section, after(rows, text, section.begin, section.end), left_out)
    if not assembly.problems:
        raise NoProblems(tuple(left_out))
    report = _report(source, assembly, left_out)
    told = (*report.warnings, *coverage.notices(report))
    return replace(report, warnings=tuple(sorted(told, key=lambda notice: notice.line)))


def _included(section: Section, include: frozenset[str]) -> Section:
    return replace(section, kinds=(PROBLEMS,)) if section.key in include else section


def _by_what_they_hold(text: Text, cut: list[Section], rows: list[Row]) -> list[Section]:
    """Where no heading names problems, a part whose items do so (问题一：…) is one of problems."""
    if any(PROBLEMS in section.kinds for section in cut):
        return cut
    return [_as_problems(text, section, rows) for section in cut]


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


def _year(text: Text) -> int | None:
    """That of the title, 2025年度 before any other; a date further below says nothing of it."""
    rows = takewhile(_may_be_title, text.rows()[:TITLE_LINES])
    return year_in("\n".join(row.line.text[:TITLE_LENGTH] for row in rows))


def _may_be_title(row: Row) -> bool:
    return row.marker is None and not row.line.cells and "。" not in row.line.text


def year_in(title: str) -> int | None:
    """The year a title names."""
    found = re.search(r"(20\d\d)\s?年度", title) or re.search(r"(20\d\d)\s?年", title)
    return int(found[1]) if found else None


def _with_problems(assembly: Assembly, cut: list[Section], rows: list[Row]) -> list[Section]:
    """Without any heading that names problems, what stands before causes and directions is looked through."""
    if any(PROBLEMS in section.kinds for section in cut):
        return cut
    until = next((index for index, one in enumerate(cut) if one.kinds[0] in (CAUSES, DIRECTIONS)), len(cut))
    loose = [section for section in cut[:until] if section.kinds[0] in (OTHER, PREAMBLE)]
    if not loose:
        return cut
    begin = loose[0].heading.start if loose[0].heading else loose[0].begin
    region = after(rows, assembly.text, begin, loose[-1].end)
    listed = list(dropwhile(lambda row: not _begins_list(assembly.text, row), region))
    if _is_only_frame(assembly.text, loose, listed):
        listed = listed[1:]
    if not listed or not _tells_of_problems(assembly.text, region, listed):
        return cut
    # The head row of a table says for itself what it lists.
    if not listed[0].line.cells:
        words = "没有找到写明“存在的问题”之类的标题，把这里往后的内容当作问题部分，请核对"
        assembly.warn(listed[0].line.number, words)
    begins_later = listed[0] is not region[0]
    lead = [replace(loose[0], kinds=(PREAMBLE,), end=listed[0].start)] if begins_later else []
    middle = Section((PROBLEMS,), "", listed[0].start, loose[-1].end)
    kept = [section for section in cut[:until] if section not in loose]
    return [*kept, *lead, middle, *cut[until:]]


def _is_only_frame(text: Text, loose: list[Section], listed: list[Row]) -> bool:
    """一、自查内容及结果, the one heading of its kind over numbered rows, names no aspect."""
    headed = [section.heading for section in loose if section.heading]
    if len(headed) != 1 or len(listed) < 2 or listed[0].start != headed[0].start or listed[1].marker is None:
        return False
    return aspect_naming.is_topic(text, headed[0]) and not aspect_naming.names_aspect(loose[-1].title)


def _begins_list(text: Text, row: Row) -> bool:
    return bool(row.marker or row.line.cells) or aspect_naming.stands_for_aspect(text, row)


def _tells_of_problems(text: Text, region: list[Row], listed: list[Row]) -> bool:
    """A table, a row that names a problem, an aspect, or two numbered items that state a failing."""
    if any(row.line.cells for row in region) or _holds_problems(text, region):
        return True
    if any(group.title for group in aspects.groups(text, listed)):
        return True
    numbered = items.find(text, listed, lambda line, message: None, "")
    return sum(_states_failing(text, item) for item in numbered) > 1


def _states_failing(text: Text, item: items.Item) -> bool:
    title, _ = items.title(text, item.body, item.end)
    return bool(
        aspect_naming.DEFICIENT.search(title) or naming.OWN_LABEL.match(text.text, item.body, item.end)
    )


def _read(assembly: Assembly, section: Section, rows: list[Row], left_out: list[LeftOut]) -> None:
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
            problems.read(assembly, list(chunk), section.context, section.aspect)
        elif kind in (CAUSES, DIRECTIONS):
            _sources(assembly, section, list(chunk))
    if kind == PROBLEMS and len(assembly.problems) == first_problem and not section.context and rows:
        assembly.warn(rows[0].line.number, f"“{section.title}”部分没有找到问题，请核对")
    if kind == CAUSES and section.context is not None:
        _tie_near(assembly, section, causes)


def _sources(assembly: Assembly, section: Section, rows: list[Row]) -> None:
    what, add = ("原因", assembly.cause) if section.kinds[0] == CAUSES else ("努力方向", assembly.direction)
    listed = items.find(assembly.text, rows, assembly.warn, what)
    if not listed:
        listed = items.paragraphs(assembly.text, rows)
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

"""The law of reading: what of the source is in no piece and in no part left out is told and named by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from rectify.intake.parser import headings, markers, naming
from rectify.intake.parser.parsed import Line, Notice, ParsedReport, Place, Source
from rectify.intake.parser.rows import physical
from rectify.intake.parser.tables import columns

_SIGN = re.compile(r"[。；;：:，,！!？?\n\t、（）()“”【】\[\]\s]+|(?<=[一-鿿])\.(?=[一-鿿\s]|$)")
_SIGNS = re.compile(r"[^\w一-鿿]+|_+")
_COUNTS = re.compile(
    r"(?:第?[一二三四五六七八九十百]{1,4}(?:是|要)?|\d{1,3}[.．]?(?!\d)|[①-⒛]|(?:问题|(?:整改)?(?:任务|事项)|案件|事件|序号)(?:[一二三四五六七八九十]+|\d+)|其[一二三四五]|首先|其次|再次|最后)"
)
_LEAD = re.compile(
    r"(?:还|仍)?(?:存在的?)?(?:主要|突出)?(?:问题|表现)?(?:是|有|为|在于)$|主要(?:问题|不足)?$"
)
_LONGEST_NAME = 400
UNREAD = "有文字没有录入任何一条，请核对："
HEADINGS = "标题和引语里有文字没有录入任何一条，请核对："
COLUMNS = "表格里这些栏没有录入任何一条，请核对："
OUTSIDE = "文件里有文字不在任何一份报告里，没有采用："
SHOWN = 40
LISTED = 20  # lines that one notice names


@dataclass(frozen=True)
class Unread:
    """Words that no piece holds: of a line, of a heading, or in a column of a table, which is named."""

    start: int
    end: int
    line: int
    of: str
    column: str = ""


@dataclass(frozen=True)
class _Stretch:
    """A line's words, or those of a cell, and what they are if nothing holds them."""

    start: int
    end: int
    of: str
    column: str = ""
    head: int = 0  # the line on which the column is named


def complete(report: ParsedReport) -> ParsedReport:
    """The report with the places of what was not read, and notices of them."""
    unread = list(_unread(report))
    told = (*report.warnings, *_of_lines(report, unread), *_of_headings(report, unread))
    told = (*told, *_of_columns(unread), *_of_others(report))
    places = tuple(Place(found.start, found.end, found.line) for found in unread if found.start < found.end)
    return replace(
        report, unread=places, warnings=tuple(sorted(told, key=lambda notice: notice.line))
    )


def _of_lines(report: ParsedReport, unread: list[Unread]) -> Iterator[Notice]:
    """One for lines side by side, unless it is told already that nothing came of them."""
    told = {notice.line for notice in report.warnings if "没有录入" in notice.message}
    by_line: dict[int, list[str]] = {}
    for found in unread:
        if found.of == "line" and found.line not in told:
            by_line.setdefault(found.line, []).append(report.source.text[found.start : found.end])
    places = {line: place for place, line in enumerate(_numbers(report.source))}
    sides = groupby(enumerate(by_line), key=lambda row: places[row[1]] - row[0])
    for _, rows in sides:
        lines = [line for _, line in rows]
        words = _short(" ".join("…".join(by_line[line]) for line in lines))
        yield Notice(lines[0], f"{_lines(lines[0], lines[-1])}{UNREAD}{words}")


def _numbers(source: Source) -> Iterator[int]:
    """The numbers of all lines of the file that the report has, in order."""
    for line in source.lines:
        yield line.number
        yield from (number for _, number in line.breaks)


def _lines(first: int, last: int) -> str:
    return "这一行" if first == last else f"第 {first} 行到第 {last} 行"


def _of_headings(report: ParsedReport, unread: list[Unread]) -> Iterator[Notice]:
    """One for all: which words of which line."""
    found = [one for one in unread if one.of == "heading"]
    text = report.source.text
    for begin in range(0, len(found), LISTED):
        some = found[begin : begin + LISTED]
        words = (f"第 {one.line} 行“{_short(text[one.start : one.end])}”" for one in some)
        yield Notice(some[0].line, HEADINGS + "、".join(words))


def _of_columns(unread: list[Unread]) -> Iterator[Notice]:
    """One for each table: its columns by name."""
    for line, found in groupby((one for one in unread if one.of == "column"), key=lambda one: one.line):
        yield Notice(line, COLUMNS + "、".join(dict.fromkeys(_short(one.column) for one in found)))


def _of_others(report: ParsedReport) -> Iterator[Notice]:
    """One for what of the file stands in none of its reports."""
    outside = dict.fromkeys(report.source.outside)
    if outside:
        words = (f"第 {line} 行“{_short(text)}”" for line, text in outside)
        yield Notice(next(iter(outside))[0], OUTSIDE + "、".join(words))


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= SHOWN else words[:SHOWN] + "…"


def _unread(report: ParsedReport) -> Iterator[Unread]:
    text = report.source.text
    known = {words for piece in _kept(report) for words in _clauses(piece)}
    for line, stretch in _stretches(report):
        for start, end, of in _runs(text, stretch, known):
            if of == "column":
                yield Unread(start, end, stretch.head, of, stretch.column)
            else:
                yield from (Unread(*span, of) for span in _by_line(line, start, end))


def _by_line(line: Line, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The parts of a stretch on each line of the file, with that line's number."""
    breaks = [line.start + at for at, _ in line.breaks if start < line.start + at < end]
    for begin, stop in zip([start, *breaks], [*breaks, end], strict=True):
        yield begin, stop, physical(line, begin)


def _kept(report: ParsedReport) -> Iterator[str]:
    yield from (aspect.title for aspect in report.aspects)
    for problem in report.problems:
        yield from (problem.title, problem.text, problem.facts.deadline_text)
        yield from (*problem.facts.leaders, *problem.facts.units)
        yield from (piece.text for piece in (*problem.manifestations, *problem.measures))
    for source in (*report.causes, *report.directions):
        yield from (source.title, source.text)


def _stretches(report: ParsedReport) -> Iterator[tuple[Line, _Stretch]]:
    """What is not left out by name: lines of text, and the cells of tables under their heads."""
    spans = sorted((part.place.start, part.place.end) for part in report.left_out)
    head: Line | None = None
    position = 0
    for line in report.source.lines:
        end = line.start + len(line.text)
        while position < len(spans) and spans[position][1] <= line.start:
            position += 1
        begin = line.start
        if position < len(spans) and spans[position][0] <= begin:
            begin = spans[position][1]  # the part may end within the line
        head = (line if columns.header(line.cells) else head) if line.cells else None
        if begin < end:
            found = _cells(line, head) if line.cells else [_line(report.source.text, begin, end)]
            yield from ((line, stretch) for stretch in found)


def _line(text: str, start: int, end: int) -> _Stretch:
    return _Stretch(start, end, "heading" if _is_heading(text[start:end]) else "line")


def _is_heading(words: str) -> bool:
    marker = markers.at_start(words, 0, len(words))
    return headings.announces(words[marker.after if marker else 0 :].strip("。：: "))


def _cells(line: Line, head: Line | None) -> Iterator[_Stretch]:
    """Each cell; one in a column that is never read belongs to the column."""
    start = line.start
    for index, cell in enumerate(line.cells):
        place = start, start + len(cell)
        start += len(cell) + 1
        name = head.cells[index] if head and index < len(head.cells) else ""
        role = columns.role_of(name) if name else ""
        if (role == "number" and _SIGNS.sub("", cell).isdigit()) or (line is head and role):
            continue
        if head and name and not columns.is_read(role, name):
            yield _Stretch(*place, "column", name, head.number)
        else:
            yield _Stretch(*place, "line")


def _clauses(words: str) -> Iterator[str]:
    for clause in _SIGN.split(words):
        if bare := _bare(clause):
            yield bare
            yield _SIGNS.sub("", clause)


def _bare(clause: str) -> str:
    """Without its number and its signs."""
    return _SIGNS.sub("", _COUNTS.sub("", clause, count=1) if _COUNTS.match(clause) else clause)


def _runs(text: str, stretch: _Stretch, known: set[str]) -> Iterator[tuple[int, int, str]]:
    """Where clauses stand that no piece holds, side by side as one."""
    begin = after = 0
    of = ""
    for start, end in _named(text, stretch, known):
        state = _state(text[start:end], stretch.of, known)
        if of and state != "explained" and state != of:
            yield begin, after, of
            of = ""
        if state in ("line", "heading", "column"):
            begin, of, after = (begin if of else start), state, end
    if of:
        yield begin, after, of


def _named(text: str, stretch: _Stretch, known: set[str]) -> Iterator[tuple[int, int]]:
    """The clauses of a stretch without the number it opens with, and without names of problems that are
    known: 关于“X”问题的整改 is, where X is."""
    at, end = stretch.start, stretch.end
    marker = markers.at_start(text, at, end) if stretch.of != "column" else None
    if marker and _bare(_SIGN.split(text[marker.after : end], maxsplit=1)[0]) in known | {""}:
        at = marker.after
    about = naming.about(text, marker.after if marker else at, min(end, at + _LONGEST_NAME))
    if about and set(_clauses(about.title)) <= known:
        at = about.after
    while at < end:
        sign = _SIGN.search(text, at, end)
        stop = sign.start() if sign else end
        count = _COUNTS.match(text, at, stop)
        begin = count.end() if count else at
        about = naming.about(text, begin, min(end, at + _LONGEST_NAME)) if _opens_name(text, begin) else None
        if about and set(_clauses(about.title)) <= known:
            at = about.after
            continue
        if at < stop:
            yield at, stop
        at = sign.end() if sign else end


def _opens_name(text: str, at: int) -> bool:
    return text.startswith(("关于", "反映", "针对"), at)


def _state(clause: str, of: str, known: set[str]) -> str:
    """Read, explained by what headings and labels say, or what the stretch is."""
    whole = _SIGNS.sub("", _LEAD.sub("", clause))
    bare = _bare(clause) if _COUNTS.match(clause) else whole
    if not bare:
        return "explained"
    if {whole, bare} & known:
        return "read"
    if re.search(r"\d", whole) or not (of == "heading" or headings.announces(bare)):
        return "line" if of == "heading" else of
    if not headings.own_words(bare):
        return "explained"
    return "heading" if of != "column" else of

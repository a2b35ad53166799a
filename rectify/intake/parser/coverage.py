"""The law of reading: what of the source is in no piece and in no part left out is told, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rectify.intake.parser import headings, markers, naming
from rectify.intake.parser.parsed import Line, Notice, ParsedReport
from rectify.intake.parser.rows import physical
from rectify.intake.parser.tables import columns

_CLAUSE = re.compile(r"[。；;：:，,！!？?\n\t、（）()“”【】\[\]\s]+|(?<=[一-鿿])\.(?=[一-鿿\s]|$)")
_SIGNS = re.compile(r"[^\w一-鿿]+")
_COUNTS = re.compile(
    r"(?:第?[一二三四五六七八九十百]{1,4}(?:是|要)?|\d{1,3}[.．]?(?!\d)|[①-⒛]|(?:问题|(?:整改)?(?:任务|事项)|案件|事件|序号)(?:[一二三四五六七八九十]+|\d+)|其[一二三四五]|首先|其次|再次|最后)"
)
_LEAD = re.compile(
    r"(?:还|仍)?(?:存在的?)?(?:主要|突出)?(?:问题|表现)?(?:是|有|为|在于)$|主要(?:问题|不足)?$"
)
UNREAD = "这一行有文字没有录入任何一条，请核对："
SHOWN = 40


def notices(report: ParsedReport) -> list[Notice]:
    """A notice for each line of the file that says something which no piece holds."""
    known = set(_clauses("\n".join(_kept(report))))
    spans = sorted((part.place.start, part.place.end) for part in report.left_out)
    warned = {notice.line for notice in report.warnings}
    out: list[Notice] = []
    position = 0
    for line in report.source.lines:
        while position < len(spans) and spans[position][1] <= line.start:
            position += 1
        if position < len(spans) and spans[position][0] <= line.start:
            continue
        for number, words in _physical_lines(line):
            if number not in warned and not _is_frame(words) and _unread(words, known):
                shown = words if len(words) <= SHOWN else words[:SHOWN] + "…"
                out.append(Notice(number, UNREAD + shown))
    return out


def _kept(report: ParsedReport) -> Iterator[str]:
    yield from (aspect.title for aspect in report.aspects)
    for problem in report.problems:
        yield from (problem.title, problem.text, problem.facts.deadline_text)
        yield from (*problem.facts.leaders, *problem.facts.units)
        yield from (piece.text for piece in (*problem.manifestations, *problem.measures))
    for source in (*report.causes, *report.directions):
        yield from (source.title, source.text)


def _physical_lines(line: Line) -> Iterator[tuple[int, str]]:
    """The lines of the file that a paragraph was joined from, cut where a clause ends."""
    if line.cells:
        if not columns.header(line.cells):
            cells = line.cells[1:] if line.cells[0].strip(".．、 ").isdigit() else line.cells
            yield line.number, "\n".join(cells)
        return
    if not line.breaks:
        yield line.number, line.text
        return
    begin = 0
    for clause in re.finditer(r"[^。；;，,：:！？\n]*[。；;，,：:！？\n]?", line.text):
        if clause.group():
            begin = line.start + clause.start()
            yield physical(line, begin), clause.group()


def _clauses(words: str) -> Iterator[str]:
    for clause in _CLAUSE.split(words):
        bare = _SIGNS.sub("", _COUNTS.sub("", clause, count=1) if _COUNTS.match(clause) else clause)
        if bare:
            yield bare
            yield _SIGNS.sub("", clause)


def _unread(words: str, known: set[str]) -> bool:
    """Some clause of the line, with or without its number, is in no piece."""
    marker = markers.at_start(words, 0, len(words))
    first = _CLAUSE.split(words[marker.after :], maxsplit=1)[0] if marker else ""
    if first and _SIGNS.sub("", first) in known:
        words = words[marker.after + len(first) :] if marker else words
    about = naming.about(words, marker.after if marker else 0, len(words))
    if about and set(_clauses(about.title)) <= known:
        words = words[about.after :]
    return any(not _is_known(clause, known) for clause in _CLAUSE.split(words))


def _is_known(clause: str, known: set[str]) -> bool:
    whole = _SIGNS.sub("", _LEAD.sub("", clause))
    bare = _SIGNS.sub("", _COUNTS.sub("", clause, count=1)) if _COUNTS.match(clause) else whole
    is_heading = not re.search(r"\d", whole) and headings.judge(bare) is not None
    return not bare or is_heading or bool({whole, bare} & known)


def _is_frame(words: str) -> bool:
    """A section's heading says nothing of its own, unless it holds a figure."""
    marker = markers.at_start(words, 0, len(words))
    title = words[marker.after if marker else 0 :].strip("。：: ")
    return not re.search(r"\d", title) and headings.judge(title) is not None

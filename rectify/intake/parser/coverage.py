"""The law of reading: what of the source is in no piece and in no part left out is told and named by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from rectify.intake.parser.parsed import Notice, ParsedReport, Place, numbers
from rectify.intake.parser.unread import Unread, unread_of

UNREAD = "有文字没有录入任何一条，请核对："
HEADINGS = "标题和引语里有文字没有录入任何一条，请核对："
COLUMNS = "表格里这些栏没有录入任何一条，请核对："
OUTSIDE = "文件里有文字不在任何一份报告里，没有采用："
SHOWN = 40
LISTED = 20  # lines that one notice names


def complete(report: ParsedReport) -> ParsedReport:
    """The report with the places of what was not read, and notices of them."""
    unread = list(unread_of(report))
    told = (*report.warnings, *_of_lines(report, unread), *_of_headings(report, unread))
    told = (*told, *_of_columns(unread), *_of_others(report), *_of_beside(report))
    places = tuple(Place(found.start, found.end, found.line) for found in unread if found.start < found.end)
    return replace(report, unread=places, warnings=tuple(sorted(told, key=lambda notice: notice.line)))


def _of_lines(report: ParsedReport, unread: list[Unread]) -> Iterator[Notice]:
    """One for lines side by side, unless it is told already that nothing came of them."""
    told = {notice.line for notice in report.warnings if "没有录入" in notice.message}
    text = report.source.text
    by_line: dict[int, list[str]] = {}
    for found in unread:
        if found.of == "line" and found.line not in told:
            by_line.setdefault(found.line, []).append(text[found.start : found.end])
    places = {line: place for place, line in enumerate(numbers(report.source))}
    sides = groupby(enumerate(by_line), key=lambda row: places[row[1]] - row[0])
    for _, rows in sides:
        lines = [line for _, line in rows]
        words = _short(" ".join("…".join(dict.fromkeys(by_line[line])) for line in lines))
        yield Notice(lines[0], f"{_lines(lines[0], lines[-1])}{UNREAD}{words}")


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


def _of_beside(report: ParsedReport) -> Iterator[Notice]:
    """One for each kind of thing that the file says beside its text."""
    first = next(numbers(report.source), 1)
    yield from (Notice(first, sentence) for sentence in report.source.beside)


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= SHOWN else words[:SHOWN] + "…"

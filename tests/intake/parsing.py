"""A parser of one fixed, plain shape for the tests: it stands in where the real one is not under test.

Lines: "方面：…", "问题：title。text" with 比如…；…, "根源：…", "方向：…", "略：…" (left out unless asked
for). Links: "根源：title（1、2）" names its problems explicitly, "（1？）" proposes one.
"""

from __future__ import annotations

import re
from typing import Any

from rectify.choices import Basis
from rectify.errors import Incomplete
from rectify.intake.parser.parsed import (
    LeftOut,
    Line,
    Notice,
    ParsedAspect,
    ParsedLink,
    ParsedProblem,
    ParsedReport,
    ParsedSource,
    Piece,
    Place,
    Placeholder,
    Source,
)

GAP = re.compile(r"xx|x次")


def source(text: str, part: int = 1, title: str = "") -> Source:
    lines, start = [], 0
    for number, line in enumerate(text.split("\n"), start=1):
        lines.append(Line(number, line, start))
        start += len(line) + 1
    return Source(tuple(lines), part, title)


def read(name: str, data: bytes) -> tuple[Source, ...]:
    """Several reports are cut apart at 篇; a name with .doc is refused as the real reader does."""
    if name.endswith(".doc"):
        raise Incomplete("这是旧格式的 .doc 文件，请用 WPS 或 Word 另存为 .docx 后再上传。")
    text = data.decode().strip()
    if not text:
        raise Incomplete("文件是空的，请核对后重新选择。")
    parts = [part.strip("\n") for part in re.split(r"(?m)^篇.*$", text) if part.strip()]
    return tuple(source(part, number, f"第{number}篇") for number, part in enumerate(parts, start=1))


def parse(given: Source, include: frozenset[str] = frozenset()) -> ParsedReport:
    rows: dict[str, list[Any]] = {
        name: [] for name in ("方面", "问题", "根源", "方向", "略", "link", "notice")
    }
    for line in given.lines:
        kind, _, words = line.text.partition("：")
        if kind in ("方面", "问题", "根源", "方向", "略"):
            _take(rows, kind, words, line, include)
    if not rows["问题"]:
        raise Incomplete("没有找到问题。我们找的是“存在的问题”等标题下的条目，请核对文件。")
    gaps = [
        Placeholder(found.group(), Place(line.start + found.start(), line.start + found.end(), line.number))
        for line in given.lines
        for found in GAP.finditer(line.text)
    ]
    return ParsedReport(
        given,
        tuple(rows["方面"]),
        tuple(rows["问题"]),
        tuple(rows["根源"]),
        tuple(rows["方向"]),
        tuple(rows["link"]),
        tuple(gaps),
        tuple(rows["notice"]),
        tuple(rows["略"]),
    )


def _take(rows: dict[str, list[Any]], kind: str, words: str, line: Line, include: frozenset[str]) -> None:
    place = Place(line.start, line.start + len(line.text), line.number)
    if kind == "略":
        key = f"s{line.number}"
        rows["略"].append(LeftOut(key, words, place))
        rows["notice"].append(Notice(line.number, f"略去一部分：{words}"))
        if key not in include:
            return
        kind = "问题"
    title, _, text = words.partition("。")
    number = len(rows[kind]) + 1
    if kind == "方面":
        rows[kind].append(ParsedAspect(number, title, place))
    elif kind == "问题":
        _, _, listed = text.partition("比如，")
        shown = tuple(_piece(one, line) for one in listed.strip("。").split("；") if one)
        aspect = len(rows["方面"]) or None
        rows[kind].append(ParsedProblem(number, aspect, title, text, place, shown))
    else:
        name, _, tied = title.partition("（")
        rows[kind].append(ParsedSource(number, name, text, place))
        for given, doubt in re.findall(r"(\d+)(？?)", tied):
            basis = Basis.INFERRED if doubt else Basis.EXPLICIT
            cause, direction = (number, None) if kind == "根源" else (None, number)
            rows["link"].append(ParsedLink(int(given), cause, direction, basis, ("学习",)))


def _piece(words: str, line: Line) -> Piece:
    at = line.start + line.text.index(words)
    return Piece(words, Place(at, at + len(words), line.number))


REPORT = """对照检查报告
方面：带头学习方面
问题：学用结合不紧。学习抓得紧，用得少。比如，研讨念稿多；开展调研x次
问题：督办不够经常。xx同志分管的事项督办少。
方面：带头服务群众方面
问题：为群众办实事不够扎实。回迁办证进展慢。
略：去年整改情况不到位。还有两件没有办结。
根源：理论学习不系统（1、2）。学习不够深。
根源：宗旨意识有差距（3？）。办实事不够主动。
方向：完善学习制度（1？）。坚持学习。
方向：抓好整改。逐项整改。"""

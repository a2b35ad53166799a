"""One file, several reports: 篇一, 篇二 … are offered one by one."""

from __future__ import annotations

import re

from rectify.intake.parser import headings, markers
from rectify.intake.parser.lines.raw import Raw
from rectify.intake.parser.parsed import Line, Source

_NUMBER = r"[一二三四五六七八九十]{1,3}|\d{1,2}"
_PART = re.compile(
    rf"[【\[（(]?(?:篇\s?(?P<a>{_NUMBER})|第\s?(?P<b>{_NUMBER})\s?篇|范文\s?(?P<c>{_NUMBER}))"
    r"[】\]）)]?(?:[：:、．.\s]|$)\s?(?P<title>.{0,80})"
)
# 对照检查材料（篇一）: the number behind the title.
_PART_BEHIND = re.compile(
    rf"(?P<title>.{{2,48}}?)[\s（(【]*(?:篇\s?(?P<a>{_NUMBER})|第\s?(?P<b>{_NUMBER})\s?篇|范文\s?(?P<c>{_NUMBER}))[）)】]?"
)
_LEADERS = re.compile(r"[\s.．·…。_-]*\d{0,4}$")
LEAST = 24  # signs a report has at least; below it the line belongs to a contents list


def sources(raws: list[Raw]) -> tuple[Source, ...]:
    """One source for each report of the file."""
    starts = [
        (index, found) for index, raw in enumerate(raws) if not raw.cells and (found := _opening(raw.text))
    ]
    bounds = [index for index, _ in starts] + [len(raws)]
    filled = [
        (found, begin, end)
        for (begin, found), end in zip(starts, bounds[1:], strict=True)
        if sum(len(raw.text) for raw in raws[begin + 1 : end]) >= LEAST
    ]
    if len(filled) < 2:
        return (_source(raws, 1, ""),)
    return tuple(
        _source(raws[begin + 1 : end], number, _title(found, raws[begin + 1]))
        for number, (found, begin, end) in enumerate(filled, start=1)
    )


def opens_part(raw: Raw, titles: set[str]) -> bool:
    """篇一：…, whose words are the title of a report."""
    found = None if raw.cells else _opening(raw.text)
    return found is not None and _LEADERS.sub("", found.group("title")).strip() in titles | {""}


def _opening(text: str) -> re.Match[str] | None:
    return _PART.fullmatch(text) or (_PART_BEHIND.fullmatch(text) if len(text) <= 60 else None)


def _title(found: re.Match[str], following: Raw) -> str:
    title = _LEADERS.sub("", found.group("title")).strip()
    if title:
        return title
    return following.text[:80] if len(following.text) <= 40 else found.group().strip("【】[]（）() ：:")


def _source(raws: list[Raw], part: int, title: str) -> Source:
    lines = []
    start = 0
    for raw in raws:
        lines.append(
            Line(raw.number, raw.text, start, raw.style, raw.marker, raw.cells, raw.breaks, raw.pictured)
        )
        start += len(raw.text) + 1
    title = title or next((raw.text for raw in raws[:4] if _is_title(raw)), "")
    return Source(tuple(lines), part, title[:200])


def _is_title(raw: Raw) -> bool:
    """A short line at the top that is neither numbered nor the heading of a section."""
    short = 4 <= len(raw.text) <= 60 and raw.text[-1] not in "。；：，:;," and not (raw.cells or raw.marker)
    return short and not markers.at_start(raw.text, 0, len(raw.text)) and not headings.judge(raw.text)

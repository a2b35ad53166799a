"""A line of the file before paragraphs are known, and what it opens with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rectify.intake.parser import headings, markers

ENDED = re.compile(r"[。！？；：…!?;:][”’）)」』》\"']*$|[。！？]$")
_ASPECT = re.compile(r"(?:关于|在|对照).{2,20}方面[。：:]?")
_DIGIT_AFTER = re.compile(r"\d{1,2}、\d")  # 3、2家餐饮店: what stands around it tells later
LONGEST_HEADING = 24


@dataclass(frozen=True)
class Raw:
    """A clean line of the file with what the file says about it."""

    text: str
    number: int
    indent: int = 0
    style: str = ""
    marker: str = ""
    cells: tuple[str, ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()
    pictured: bool = False  # a picture stood before it
    turned: bool = False  # the page was turned before it: an empty line there says nothing


def is_plain(raw: Raw) -> bool:
    return not (raw.cells or raw.style or raw.marker)


def is_ended(raw: Raw) -> bool:
    """It closes with a stop, a colon or a semicolon."""
    return bool(ENDED.search(raw.text))


def opens(raw: Raw) -> str:
    """The kind of number a line opens with, a heading's word, or nothing."""
    found = markers.at_start(raw.text, 0, len(raw.text), raw.style, raw.marker)
    if found:
        return found.kind
    if _DIGIT_AFTER.match(raw.text):
        return "num"
    short = len(raw.text) <= LONGEST_HEADING
    is_heading = short and (headings.section_kinds(raw.text, top=False) or _ASPECT.fullmatch(raw.text))
    return "heading" if is_heading else ""

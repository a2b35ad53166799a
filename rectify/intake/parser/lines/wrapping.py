"""At which width the lines of a text were cut: pasted out of a mail, a PDF or a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile, pairwise

from rectify.intake.parser.lines.cleaning import columns
from rectify.intake.parser.lines.raw import Raw, is_ended, is_plain, opens

_BODY = re.compile(r"[。；;！？]|[，,].{12,}|[：:].{4,}[，,]")
_NARROWEST, _WIDEST = 24, 130  # columns
# Columns and signs by which full lines differ: in a copy of a page, and where a program cut them.
_NEAR, _EXACT = (5, 2), (3, 0)
_CLOSES = "，。；：、！？）”’》】」』"  # no line begins with these unless the one before was cut
_REST = re.compile(r".{0,3}。")  # nor is a paragraph as short as 象。
_TITLE = re.compile(r"[^。；;：:，,]+")


@dataclass(frozen=True)
class Width:
    """How many columns, or how many signs, a line has that was cut."""

    columns: int
    signs: int

    def fills(self, raw: Raw) -> bool:
        wide = raw.indent + columns(raw.text) >= self.columns
        return wide or min(raw.indent, 4) + len(raw.text) >= self.signs


@dataclass(frozen=True)
class _Evidence:
    """Of the lines that fill the width how many go on, of the shorter ones how many; `certain`: full ones
    whose next line opens with a sign that closes."""

    lines: int
    full: int
    cut: int
    certain: int
    short: int

    @classmethod
    def of(cls, plain: list[Raw], width: Width) -> _Evidence:
        full = cut = certain = short = 0
        for raw, goes_on, closes in _pairs(plain, width):
            if width.fills(raw):
                full += 1
                cut += goes_on
                certain += closes
            else:
                short += goes_on
        return cls(len(plain), full, cut, certain, short)

    @property
    def is_much(self) -> bool:
        """Most of the text is full lines."""
        enough = self.cut >= 3 and self.full * 5 >= self.lines and self.cut * 5 >= self.full * 2
        return enough and self.cut >= 3 * self.short

    @property
    def is_exact(self) -> bool:
        """Few lines are full, but they all end at one sign, and in the middle of a sentence."""
        enough = self.certain > 0 or (self.cut > 0 and self.full > 1)
        return enough and max(self.cut, self.certain) > 2 * self.short


def wrapped_at(raws: list[Raw]) -> Width | None:
    """The width at which the lines of this text were cut, or nothing when it was not cut."""
    plain = [raw for raw in raws if is_plain(raw)]
    wide = _widest([columns(raw.text) for raw in plain])
    if not _NARROWEST <= wide <= _WIDEST:
        return None
    signs = _widest([len(raw.text) for raw in plain])
    near, exact = (Width(wide - less, signs - fewer) for less, fewer in (_NEAR, _EXACT))
    if len(plain) >= 6 and _Evidence.of(plain, near).is_much:
        return near
    return exact if _Evidence.of(plain, exact).is_exact else None


def closes(text: str) -> bool:
    """It begins with the end of something: never the first line of a paragraph."""
    return text[:1] in _CLOSES


def _pairs(plain: list[Raw], width: Width) -> Iterator[tuple[Raw, bool, bool]]:
    """Each line below the title, whether its sentence seems to go on, and whether it does for certain."""
    for raw, following in dropwhile(lambda pair: _is_title(pair[0], width), pairwise(plain)):
        # A numbered line without a full stop may be a title above its text: it proves nothing.
        loose = not opens(raw) or bool(_BODY.search(raw.text))
        goes_on = loose and not is_ended(raw) and not opens(following)
        yield raw, goes_on, closes(following.text) or (goes_on and bool(_REST.fullmatch(following.text)))


def _is_title(raw: Raw, width: Width) -> bool:
    return not width.fills(raw) and not opens(raw) and bool(_TITLE.fullmatch(raw.text))


def _widest(widths: list[int]) -> int:
    """The largest, but for one in a hundred."""
    return sorted(widths or [0])[-1 - len(widths) // 100]

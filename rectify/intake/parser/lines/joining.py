"""Whether a line goes on with the paragraph before it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rectify.intake.parser import labels, markers
from rectify.intake.parser.lines.raw import Raw, is_ended, is_plain, opens
from rectify.intake.parser.lines.wrapping import Width, closes, wrapped_at

_STOPPED = re.compile(r"[。！？][”’）)」』》\"']*$")
_LISTING = re.compile(r"[，、；,;]$")
_BEGUN = re.compile(r"[。；;].*[，、,]|[。；;].{6,}$|[：:](?:一是|首先|1[.．]|①).*[，、,]")
_PAUSED = re.compile(r"[，、,“（(《]$")
# 统|一是, 唯|一是: a word that the line end cut in two.
_CUT_WORD = re.compile(r"[统唯专第万单同合划如归逐之某每任]$")
# 1|.学习不深入 and 2|.5吨: the number's own stop stands on the next line.
_NUMBER_GOES_ON = re.compile(r"[.．]\S")
_SEEMS_FIRST = ("一是", "一，", "一,")
_COMMA = re.compile(r"[，,。；;]")
_BRACKETS = (("（", "）"), ("“", "”"), ("《", "》"), ("(", ")"), ("【", "】"), ("「", "」"))
LONGEST_BRACKET = 80
STRONG = ("part", "cn", "cnp")
TAIL = 400  # signs of a paragraph that tell whether its sentence is finished


def _is_ragged(raws: list[Raw]) -> bool:
    """Cut at no fixed width: many lines without a number that end in the middle of a sentence."""
    loose = [
        raw for raw, before in zip(raws[1:], raws, strict=False)
        if is_plain(raw) and len(raw.text) >= 8 and not opens(raw) and not is_ended(before)
    ]  # fmt: skip
    body = [raw for raw in raws if is_plain(raw) and len(raw.text) >= 8]
    return len(loose) >= 6 and len(loose) * 10 >= len(body) * 4


def _indents_mark_paragraphs(raws: list[Raw]) -> bool:
    """First lines are set in and the following ones are not."""
    plain = [raw for raw in raws if is_plain(raw)]
    deep = sum(2 <= raw.indent <= 8 for raw in plain)
    flush = sum(raw.indent == 0 for raw in plain)
    return deep >= 3 and flush >= 3 and flush >= deep * 0.6


def _label(raw: Raw) -> str:
    match = labels.opening(raw.text)
    return (match["plain"] or "") if match else ""


def _begins_anew(raw: Raw, known: frozenset[str]) -> bool:
    """With a label: one that any report has, 【表现】, or one that this report has again and again."""
    match = labels.opening(raw.text)
    return labels.opens(raw.text) or bool(match and (match["plain"] is None or match["plain"] in known))


@dataclass(frozen=True)
class Layout:
    """How a file breaks its lines: at a width, raggedly or not at all; `hanging`: indents mark paragraphs."""

    width: Width | None
    ragged: bool
    hanging: bool
    labels: frozenset[str] = frozenset()  # 位置：… at the start of more than one line

    @classmethod
    def of(cls, raws: list[Raw]) -> Layout:
        width = wrapped_at(raws)
        return cls(
            width,
            ragged=width is None and _is_ragged(raws),
            hanging=width is not None and _indents_mark_paragraphs(raws),
            labels=frozenset(
                label for label, count in Counter(map(_label, raws)).items() if label and count > 1
            ),
        )

    def continues(self, last: Raw, tail: str, raw: Raw) -> bool:
        """Whether a line goes on with the paragraph that ends on `tail` in the line `last`."""
        if not is_plain(raw) or last.cells or last.style:
            return False
        opening = opens(raw)
        if _is_cut_off(last, tail, raw, opening) or self._cuts_heading(last, opening):
            return True
        if opening in ("heading", *STRONG) or _begins_anew(raw, self.labels):
            return False
        gap = raw.number - last.number > 1 and not raw.turned
        if self.width is None:
            return self._goes_on(tail, last, opening, gap)
        if self.hanging and 2 <= raw.indent <= 8:
            return False
        if opening:
            return self.width.fills(last) and _lists(last, tail, raw, opening)
        return _fills_on(self.width, tail, last, raw, gap)

    def _cuts_heading(self, last: Raw, opening: str) -> bool:
        """产生问题的|原因分析: the rest of a numbered line that fills the width looks like a heading."""
        if opening != "heading" or self.width is None or is_ended(last):
            return False
        return self.width.fills(last) and (bool(opens(last)) or bool(_COMMA.search(last.text)))

    def _goes_on(self, tail: str, last: Raw, opening: str, gap: bool) -> bool:
        """The same where lines are cut at no fixed width."""
        ended = is_ended(last)
        if opening:
            return self.ragged and not ended and bool(_PAUSED.search(last.text))
        if ended or gap:
            return False
        return (self.ragged and len(last.text) >= 8 and not _is_title(tail)) or _in_sentence(tail, last)


def _lists(last: Raw, tail: str, raw: Raw, opening: str) -> bool:
    """二是 or ③ at a line's start by chance: behind a semicolon the list of the line before goes on."""
    if not _LISTING.search(last.text):
        return False
    if opening == "shi":
        return True
    number = markers.at_start(raw.text, 0, len(raw.text))
    within = [marker.number for marker in markers.inside(tail, opening, 1, len(tail))]
    return bool(number and number.number and number.number - 1 in within)


def _is_cut_off(last: Raw, tail: str, raw: Raw, opening: str) -> bool:
    """A word, a number or a bracket is open at the line's end, or the next line begins with its end."""
    if closes(raw.text) or _is_bracket_open(tail, raw.text):
        return True
    if last.text[-1:].isdigit() and _NUMBER_GOES_ON.match(raw.text):
        return True
    return opening in ("shi", "cn") and raw.text[:2] in _SEEMS_FIRST and bool(_CUT_WORD.search(last.text))


def _is_bracket_open(tail: str, following: str) -> bool:
    """A bracket near the line's end that the next line closes before it opens another."""
    end = tail[-LONGEST_BRACKET:]
    for opened, closed in _BRACKETS:
        at = following.find(closed, 0, LONGEST_BRACKET)
        if at > 0 and end.rfind(opened) > end.rfind(closed) and opened not in following[:at]:
            return True
    return False


def _fills_on(width: Width, tail: str, last: Raw, raw: Raw, gap: bool) -> bool:
    """A line without a number behind one that was cut at the width, or ends short of it."""
    if not width.fills(last):
        return not gap and not is_ended(last) and _in_sentence(tail, last)
    if not _STOPPED.search(last.text):
        return True
    # A sentence ended with the line; a short line without a stop is a heading, not the next sentence.
    return not gap and (width.fills(raw) or is_ended(raw))


def _is_title(text: str) -> bool:
    return len(text) <= 24 and not re.search(r"[。；;！？，,]", text)


def _in_sentence(tail: str, last: Raw) -> bool:
    """A sentence has begun and was not finished: the paragraph holds more than a title."""
    if _PAUSED.search(last.text):
        return True
    return len(last.text) >= 10 and bool(_BEGUN.search(tail))

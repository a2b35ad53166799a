"""Lines of a file become paragraphs: page numbers and running heads go, hard breaks are mended."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from rectify.intake.parser import headings, labels, markers
from rectify.intake.parser.lines.cleaning import columns

_PAGE = re.compile(
    r"[-—–－_·.\s]*\d{1,4}[-—–－_·.\s]*|第\s?[\d一二三四五六七八九十百]{1,5}\s?页(?:[，,/\s]*共\s?\d+\s?页)?|[Pp]age\s?\d+(?:\s?of\s?\d+)?|\d{1,4}\s?/\s?\d{1,4}"
)
_ENDED = re.compile(r"[。！？；：…!?;:][”’）)」』》\"']*$|[。！？]$")
_STOPPED = re.compile(r"[。！？][”’）)」』》\"']*$")
_LISTING = re.compile(r"[，、；,;]$")
_PAUSED = re.compile(r"[，、,“（(《]$")
_BODY = re.compile(r"[。；;！？]|[，,].{12,}")
# 统|一是, 唯|一是: a word that the line end cut in two.
_CUT_WORD = re.compile(r"[统唯专第万单同合划如归逐之某每任]$")
_ASPECT = re.compile(r"(?:关于|在|对照).{2,20}方面[。：:]?")
STRONG = ("part", "cn", "cnp")
TAIL = 400  # signs of a paragraph that tell whether its sentence is finished
NEAR = 5  # columns by which the lines of a wrapped text differ in width


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
    turned: bool = False  # the page was turned before it: an empty line there says nothing


def paragraphs(raws: list[Raw]) -> list[Raw]:
    """Without page numbers and empty lines, broken lines joined."""
    kept = _without_pages(raws)
    width = _wrapped_at(kept)
    layout = _Layout(
        width,
        ragged=width is None and _is_ragged(kept),
        hanging=width is not None and _indents_mark_paragraphs(kept),
    )
    out: list[_Paragraph] = []
    for raw in kept:
        if out and layout.continues(out[-1], raw):
            out[-1].append(raw)
        else:
            out.append(_Paragraph([raw], raw.text))
    return [paragraph.joined() for paragraph in out]


@dataclass
class _Paragraph:
    """Lines that belong together; `tail` is the end of their text, all of it while that is short."""

    lines: list[Raw]
    tail: str

    def append(self, raw: Raw) -> None:
        self.lines.append(raw)
        self.tail = (self.tail + raw.text)[-TAIL:]

    def joined(self) -> Raw:
        first, *others = self.lines
        if not others:
            return first
        offsets = accumulate(len(raw.text) for raw in self.lines)
        breaks = tuple((at, raw.number) for at, raw in zip(offsets, others, strict=False))
        return replace(first, text="".join(raw.text for raw in self.lines), breaks=first.breaks + breaks)


def _without_pages(raws: list[Raw]) -> list[Raw]:
    """Drops page numbers, and the head or foot that stands beside them page after page."""
    filled = [raw for raw in raws if raw.text]
    pages = [bool(_PAGE.fullmatch(raw.text)) and not raw.cells and not raw.style for raw in filled]
    beside: Counter[str] = Counter()
    for index, is_page in enumerate(pages):
        if is_page:
            around = filled[max(0, index - 1) : index] + filled[index + 1 : index + 2]
            beside.update({raw.text for raw in around if len(raw.text) <= 40})
    heads = {text for text, count in beside.items() if count >= 3 and _may_be_head(text)}
    kept: list[Raw] = []
    turned = False
    for raw, is_page in zip(filled, pages, strict=True):
        if is_page or raw.text in heads:
            turned = True
            continue
        kept.append(replace(raw, turned=True) if turned else raw)
        turned = False
    return kept


def _may_be_head(text: str) -> bool:
    """What stands at the top of every page is no sentence and has no number."""
    return not re.search(r"[。；，：;,:]", text) and not markers.at_start(text, 0, len(text))


def _plain(raw: Raw) -> bool:
    return not (raw.cells or raw.style or raw.marker)


def _opens(raw: Raw) -> str:
    """The kind of number a line opens with, a heading's word, or nothing."""
    found = markers.at_start(raw.text, 0, len(raw.text), raw.style, raw.marker)
    if found:
        return found.kind
    if len(raw.text) <= 24 and (headings.section_kinds(raw.text, top=False) or _ASPECT.fullmatch(raw.text)):
        return "heading"
    return ""


@dataclass(frozen=True)
class _Width:
    """Where lines were cut: at so many columns, or at so many signs."""

    columns: int
    signs: int

    def fills(self, raw: Raw) -> bool:
        wide = raw.indent + columns(raw.text) >= self.columns - NEAR
        return wide or min(raw.indent, 4) + len(raw.text) >= self.signs - 2


def _wrapped_at(raws: list[Raw]) -> _Width | None:
    """The width at which the lines of this text were cut, or nothing when it was not cut."""
    plain = [raw for raw in raws if _plain(raw)]
    if len(plain) < 6:
        return None
    width = _Width(_widest([columns(raw.text) for raw in plain]), _widest([len(raw.text) for raw in plain]))
    if not 24 <= width.columns <= 130:
        return None
    full = cut = short = 0
    for raw, following in pairwise(plain):
        # A numbered line without a full stop may be a title above its text: it proves nothing.
        loose = not _opens(raw) or bool(_BODY.search(raw.text))
        goes_on = loose and not _ENDED.search(raw.text) and not _opens(following)
        if width.fills(raw):
            full += 1
            cut += goes_on
        else:
            short += goes_on
    enough = cut >= 3 and full * 5 >= len(plain) and cut * 5 >= full * 2
    return width if enough and cut >= 3 * short else None


def _widest(widths: list[int]) -> int:
    """The largest, but for one in a hundred."""
    return sorted(widths)[-1 - len(widths) // 100]


def _is_ragged(raws: list[Raw]) -> bool:
    """Cut at no fixed width: many lines without a number that end in the middle of a sentence."""
    loose = [
        raw for raw, before in zip(raws[1:], raws, strict=False)
        if _plain(raw) and len(raw.text) >= 8 and not _opens(raw) and not _ENDED.search(before.text)
    ]  # fmt: skip
    body = [raw for raw in raws if _plain(raw) and len(raw.text) >= 8]
    return len(loose) >= 6 and len(loose) * 10 >= len(body) * 4


def _indents_mark_paragraphs(raws: list[Raw]) -> bool:
    """First lines are set in and the following ones are not."""
    plain = [raw for raw in raws if _plain(raw)]
    deep = sum(2 <= raw.indent <= 8 for raw in plain)
    flush = sum(raw.indent == 0 for raw in plain)
    return deep >= 3 and flush >= 3 and flush >= deep * 0.6


@dataclass(frozen=True)
class _Layout:
    """How a file breaks its lines: at a width, raggedly or not at all; `hanging`: indents mark paragraphs."""

    width: _Width | None
    ragged: bool
    hanging: bool

    def continues(self, paragraph: _Paragraph, raw: Raw) -> bool:
        """Whether a line goes on with the paragraph before it."""
        last = paragraph.lines[-1]
        if not _plain(raw) or last.cells or last.style:
            return False
        opening = _opens(raw)
        if (
            opening in ("shi", "cn")
            and raw.text[:2] in ("一是", "一，", "一,")
            and _CUT_WORD.search(last.text)
        ):
            return True
        if opening in ("heading", *STRONG) or labels.opens(raw.text):
            return False
        gap = raw.number - last.number > 1 and not raw.turned
        if self.width is None:
            return self._goes_on(paragraph.tail, last, opening, gap)
        if self.hanging and 2 <= raw.indent <= 8:
            return False
        if opening:
            # 二是 at a line's start by chance: the line before is full and its list goes on.
            return opening == "shi" and self.width.fills(last) and bool(_LISTING.search(last.text))
        return _fills_on(self.width, paragraph.tail, last, raw, gap)

    def _goes_on(self, tail: str, last: Raw, opening: str, gap: bool) -> bool:
        """The same where lines are cut at no fixed width."""
        ended = bool(_ENDED.search(last.text))
        if opening:
            return self.ragged and not ended and bool(_PAUSED.search(last.text))
        if ended or gap:
            return False
        return (self.ragged and len(last.text) >= 8 and not _is_title(tail)) or _in_sentence(tail, last)


def _fills_on(width: _Width, tail: str, last: Raw, raw: Raw, gap: bool) -> bool:
    """A line without a number behind one that was cut at the width, or ends short of it."""
    if not width.fills(last):
        return not gap and not _ENDED.search(last.text) and _in_sentence(tail, last)
    if not _STOPPED.search(last.text):
        return True
    # A sentence ended with the line; a short line without a stop is a heading, not the next sentence.
    return not gap and (width.fills(raw) or bool(_ENDED.search(raw.text)))


def _is_title(text: str) -> bool:
    return len(text) <= 24 and not re.search(r"[。；;！？，,]", text)


def _in_sentence(tail: str, last: Raw) -> bool:
    """A sentence has begun and was not finished: the paragraph holds more than a title."""
    if _PAUSED.search(last.text):
        return True
    return len(last.text) >= 10 and bool(re.search(r"[。；;].*[，、,]|[。；;].{6,}$", tail))

"""Lines of a file become paragraphs: page numbers and running heads go, hard breaks are mended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate

from rectify.intake.parser.lines.joining import TAIL, Layout
from rectify.intake.parser.lines.pages import without_pages
from rectify.intake.parser.lines.raw import Raw


def paragraphs(raws: list[Raw]) -> list[Raw]:
    """Without page numbers and empty lines, broken lines joined."""
    kept = without_pages(raws)
    layout = Layout.of(kept)
    out: list[_Paragraph] = []
    for raw in kept:
        if out and layout.continues(out[-1].lines[-1], out[-1].tail, raw):
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

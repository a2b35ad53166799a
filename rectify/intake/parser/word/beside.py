"""What a Word document says beside its text, in words: notes, heads and feet of pages, comments, changes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rectify.intake.parser.word import xml_events
from rectify.intake.parser.word.numbering import Numbering, Styles
from rectify.intake.parser.word.package import MAX_XML, Package
from rectify.intake.parser.word.reader import Body

SHOWN = 1_000  # characters
NAMES = {
    "footnotes": "脚注",
    "endnotes": "尾注",
    "comments": "批注",
    "header": "页眉",
    "footer": "页脚",
}
ENTRIES = ("footnote", "endnote", "comment")
_PAGE_NUMBER = re.compile(r"[\W_]|第|共|页|[Pp]age|of|\d|[一二三四五六七八九十]")


class _Part(Body):
    """Reader of a part of its own: how many notes it has that say something."""

    def __init__(self) -> None:
        super().__init__(Styles(), Numbering())
        self.count = 0
        self._before = 0

    def start(self, tag: str, attributes: xml_events.Attributes) -> None:
        if tag in ENTRIES:
            self._before = len(self.lines())
        super().start(tag, attributes)

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag in ENTRIES:
            self.count += len(self.lines()) > self._before


def sentences(package: Package, body: Body) -> Iterator[str]:
    """One for each kind of part that says something, and of what the document itself holds besides."""
    left = MAX_XML  # for all of them
    words: dict[str, dict[str, None]] = {}
    counts = dict.fromkeys(NAMES, 0)
    for kind, name in dict.fromkeys(package.related()):
        if kind not in NAMES:
            continue
        part = _Part()
        xml_events.read(package.pieces(name, left), part)
        left -= package.size(name)
        words.setdefault(kind, {}).update(dict.fromkeys(_texts(part, kind)))
        counts[kind] += part.count
        body.take_aside(part)
    for kind, texts in words.items():
        if texts:
            count = f"（{counts[kind]} 条）" if counts[kind] else ""
            yield f"文件的{NAMES[kind]}{count}未读入：{_shown(list(texts))}"
    yield from _changes(body)


def _texts(part: Body, kind: str) -> Iterator[str]:
    """Its lines; at the head and foot of a page without what only counts the pages."""
    for line in part.lines():
        if kind not in ("header", "footer") or _PAGE_NUMBER.sub("", line.text):
            yield f"{line.marker}{line.text}"


def _changes(body: Body) -> Iterator[str]:
    """Changes that nobody accepted yet, hidden text, pictures."""
    if body.inserted or body.deleted:
        words = f"，删除的文字未读入：{_shown(body.deleted)}" if body.deleted else ""
        added = f"插入的 {body.inserted} 处已作为正文读入" if body.inserted else "没有插入"
        yield f"文件带有修订痕迹，{added}{words}"
    if body.hidden:
        yield f"文件中的隐藏文字未读入：{_shown(body.hidden)}"
    if body.pictures:
        yield f"文件中有 {body.pictures} 处图片或图表，其中的文字未读入，请核对原文件"


def _shown(texts: list[str]) -> str:
    whole = "；".join(" ".join(text.split()) for text in texts)
    return whole if len(whole) <= SHOWN else f"{whole[:SHOWN]}…（共 {len(whole):,} 字，其余请看原文件）"

"""What a sheet of an .xlsx says beside its cells: notes on them, heads and feet, text boxes, pictures.

Runs in the child process of the parser, which feeds the handlers and counts what they keep.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers.expat import ExpatError

NOTE, HEAD, FOOT, BOX, PICTURE, UNREADABLE = "批注", "页眉", "页脚", "文本框", "图片", "附件"
ENDS = {"Header": HEAD, "Footer": FOOT}
PAGE = {f"{which}{end}": what for which in ("odd", "even", "first") for end, what in ENDS.items()}
MOST = 5_000  # things beside one sheet
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|.)')
_NUMBER_OF_PAGE = re.compile(r"[\W_]|第|共|页|[Pp]age|of|\d")
_REF = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
Beside = list[Any]  # what it is, the row, the column (0: none), the text


def read(book: Any, relations: dict[str, tuple[str, str]], names: set[str]) -> list[Beside]:
    """Notes, text boxes and pictures of a sheet, from the parts it names."""
    things: list[Beside] = []
    for kind, target in relations.values():
        if kind not in ("comments", "drawing") or target not in names:
            continue
        part = _Notes(book) if kind == "comments" else _Drawing(book)
        try:
            book.feed(target, part)
        except (ExpatError, KeyError, ValueError):
            things.append([UNREADABLE, 0, 0, target.rpartition("/")[2]])
        things += part.things
    return things[:MOST]


def words_of_page(code: str) -> str:
    """The words of a page's head or foot, without codes; nothing where it only counts the pages."""
    words = " ".join(_CODE.sub(" ", code.replace("&&", "＆")).split())
    return words if _NUMBER_OF_PAGE.sub("", words) else ""


class _Notes:
    """comments.xml: each note with the cell it is pinned to."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.things: list[Beside] = []
        self.place = (0, 0)
        self.parts: list[str] = []
        self.inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "comment":
            self.place, self.parts = _place(attributes.get("ref", "")), []
        self.inside = tag == "t"

    def end(self, tag: str) -> None:
        self.inside = False
        if tag == "comment" and (text := "".join(self.parts).strip()):
            self.things.append([NOTE, *self.place, self.book.plain(text)])

    def text(self, data: str) -> None:
        if self.inside:
            self.parts.append(data)


class _Drawing:
    """A drawing: the words of each shape, and where pictures and charts stand."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.things: list[Beside] = []
        self.row = 0
        self.parts: list[str] = []
        self.path: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.path.append(tag)
        if tag.endswith("Anchor"):
            self.row = 0
        elif tag == "sp":
            self.parts = []
        elif tag in ("pic", "graphicFrame"):
            self.things.append([PICTURE, self.row, 0, ""])

    def end(self, tag: str) -> None:
        self.path.pop()
        if tag == "p":
            self.parts.append("\n")
        elif tag == "sp" and (text := "".join(self.parts).strip()):
            self.things.append([BOX, self.row, 0, self.book.plain(text)])

    def text(self, data: str) -> None:
        if self.path[-2:] == ["from", "row"]:
            self.row = int(data) + 1
        elif self.path[-1:] == ["t"]:
            self.parts.append(data)


def _place(reference: str) -> tuple[int, int]:
    match = _REF.match(reference)
    if match is None:
        return 0, 0
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column

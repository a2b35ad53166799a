"""A zip of Office or OFD: every member unpacked within bounds, its texts with their places."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from rectify.evidence.kinds import BROKEN, DAMAGED, MEMBERS, Refused
from rectify.xlsx import parser

UNPACKED_MAX = 512 * 1024 * 1024
XML_MAX = 48 * 1024 * 1024  # of one part that is read
RATIO_MAX, RATIO_FROM = 200, 16 * 1024 * 1024  # a member grows no more than this, unless it is small
CHUNK = 256 * 1024
ROOTS = {".docx": "document", ".xlsx": "workbook", ".ofd": "OFD"}
WORD_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
OFD_PARTS = re.compile(r"(?:.*/)?Pages/Page_(\d+)/Content\.xml", re.IGNORECASE)
PART_WORDS = {"header": "页眉", "footer": "页脚", "footnotes": "脚注", "endnotes": "尾注", "comments": "批注"}
BOMB = "文件展开后大得异常，请另存为新文件后再选"
ROWS_MAX = 20_000
LETTERS = 26


def opened(path: Path, suffix: str) -> Path:
    """The file itself. Raises Refused unless every member unpacks, and the main part is XML of its kind."""
    try:
        with zipfile.ZipFile(path) as package:
            _unpack(package)
            if suffix != ".ofd":
                _refuse_macros(package)
            root = _Reader(package).feed(MEMBERS[suffix][-1]).root
    except (*BROKEN, KeyError, expat.ExpatError):
        raise Refused(DAMAGED) from None
    if root != ROOTS[suffix]:
        raise Refused(DAMAGED)
    return path


def _unpack(package: zipfile.ZipFile) -> None:
    """Read every member to its end: its checksum is right, and what it grows to is counted."""
    total = 0
    for entry in package.infolist():
        if entry.flag_bits & 1:
            raise Refused("文件设有密码，办理的同志打不开，请取消密码后再选")
        size = 0
        with package.open(entry) as member:
            while chunk := member.read(CHUNK):
                size += len(chunk)
                if total + size > UNPACKED_MAX or _grows(size, entry.compress_size):
                    raise Refused(BOMB)
        total += size


def _grows(size: int, compressed: int) -> bool:
    return size > RATIO_FROM and size > RATIO_MAX * compressed


def _refuse_macros(package: zipfile.ZipFile) -> None:
    """A type with macros counts only for a part that exists: some programs declare one they do not use."""
    types = _Reader(package).feed("[Content_Types].xml")
    if any(part.lstrip("/") in package.namelist() for part in types.with_macros):
        raise Refused("文件含有宏，请另存为不含宏的文件后再选")


def texts(path: Path, suffix: str) -> Iterator[tuple[str, str]]:
    """Every text with its place."""
    if suffix == ".xlsx":
        yield from _cells(path)
        return
    pattern = WORD_PARTS if suffix == ".docx" else OFD_PARTS
    with zipfile.ZipFile(path) as package:
        for name in sorted(filter(pattern.fullmatch, package.namelist())):
            lines = _Reader(package).feed(name).lines
            for number, line in enumerate(lines, start=1):
                if line:
                    yield _place(name, number), line


def _place(name: str, number: int) -> str:
    if page := OFD_PARTS.fullmatch(name):
        return f"第 {int(page[1]) + 1} 页"
    part = re.sub(r"\d", "", name.removeprefix("word/").removesuffix(".xml"))
    return f"{PART_WORDS.get(part, '')}第 {number} 段"


def _cells(path: Path) -> Iterator[tuple[str, str]]:
    try:
        book = parser.parse(str(path), ROWS_MAX)
    except parser.Unreadable:
        return  # opened it can be; its cells are more than are looked through
    for sheet in book["sheets"]:
        for row, cells in sheet["rows"]:
            for cell in cells:
                yield f"工作表“{sheet['name']}” {_letters(cell[0])}{row}", str(cell[2])


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, LETTERS)
        letters = chr(65 + rest) + letters
    return letters


class _Reader:
    """One part of XML: its root, its paragraphs, and the parts that it says hold macros. No DTD."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.root = ""
        self.lines: list[str] = []
        self.with_macros: list[str] = []
        self._pieces: list[str] = []
        self._inside = False

    def feed(self, name: str) -> _Reader:
        xml = expat.ParserCreate(namespace_separator=" ")
        xml.buffer_text = True
        xml.StartElementHandler, xml.EndElementHandler = self._start, self._end
        xml.CharacterDataHandler = self._text
        xml.StartDoctypeDeclHandler = xml.EntityDeclHandler = _refuse_dtd
        size = 0
        with self.package.open(name) as member:
            while chunk := member.read(CHUNK):
                size += len(chunk)
                if size > XML_MAX:
                    raise Refused(BOMB)
                xml.Parse(chunk, False)
        xml.Parse(b"", True)
        return self

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        self.root = self.root or name
        self._inside = name in ("t", "delText", "TextCode")
        if name == "Override" and "macroenabled" in attributes.get("ContentType", "").lower():
            self.with_macros.append(attributes.get("PartName", ""))
        elif name in ("tab", "br"):
            self._pieces.append(" ")

    def _text(self, data: str) -> None:
        if self._inside:
            self._pieces.append(data)

    def _end(self, tag: str) -> None:
        self._inside = False
        if tag.rpartition(" ")[2] in ("p", "TextObject"):
            self.lines.append("".join(self._pieces))
            self._pieces = []


def _refuse_dtd(*args: object) -> None:
    raise Refused("文件含有不允许的文档类型声明（DTD），请另存为新文件后再选")

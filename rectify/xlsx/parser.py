"""The parser itself, run in a child process with limits: an .xlsx file to rows of cells, as JSON.

Only the standard library, so that the child starts at once. What a sheet claims about its own size
is not believed: WPS writes wrong dimensions. Element names are taken without their namespace, so
that strict workbooks read like ordinary ones.
"""

from __future__ import annotations

import json
import posixpath
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from xml.parsers import expat

from rectify.arrivals.limited_child import limit
from rectify.xlsx import beside

MAX_COLUMNS = 200
MAX_CELLS = 400_000
MAX_STRINGS = 400_000  # shared ones: no more than cells that could show them
MAX_ELEMENTS = 1_600_000  # of all parts: what a parse costs is counted before it is spent
MAX_CHARACTERS = 15_000_000  # up to four bytes each: the parent must take it over
MAX_UNPACKED = 256 * 1024 * 1024
MAX_MERGES = 20_000
MAX_SHEETS = 50
MEMORY = 384 * 1024 * 1024
SECONDS = 8
_CHUNK = 256 * 1024
MAX_TAIL = 8 * 1024 * 1024  # without the end of a tag: no sheet has such a text
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_PERCENTS = {9, 10}
_NOT_CODE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_BLANK_CELLS = re.compile(rb'<c r="[A-Z]+[0-9]+"(?: [st]="[0-9a-z]+")* ?(?:/>|></c>)')
_EMPTY_ROWS = re.compile(rb'<row r="[0-9]+"[^<>]*(?:/>|></row>)')
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TRUE = ("1", "true")
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")


class Unreadable(Exception):
    """`args[0]` is one of: broken, dtd, big, sheets, password, other, encoding, flat."""


class _Enough(Exception):
    """The sheet has more rows than are read."""


def parse(path: str, rows: int, scale: int = 1) -> dict[str, Any]:
    """Sheets with their rows of content: [row, [[column, kind, value], ...]], and merged areas."""
    try:
        with zipfile.ZipFile(path) as package:
            return _Workbook(package, rows, scale).read()
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable("big") from None
    except Exception:
        raise Unreadable("broken") from None


class _Workbook:
    def __init__(self, package: zipfile.ZipFile, rows: int, scale: int) -> None:
        self.package = package
        self.scale = scale  # how many times what follows may be there
        self.max_rows = rows  # with content, of each sheet
        self.left = MAX_UNPACKED
        self.elements = 0
        self.cells = 0
        self.characters = 0
        self.strings: list[str] = []
        self.kinds: list[str] = []

    def read(self) -> dict[str, Any]:
        main = self._main()
        book = _Outline()
        self.feed(main, book)
        if len(book.sheets) > MAX_SHEETS:
            raise Unreadable("sheets")
        targets = self._relations(main)
        by_kind = dict(targets.values())
        styles = _Styles()
        if by_kind.get("styles") in self._names():
            self.feed(by_kind["styles"], styles)
        self.kinds = styles.kinds()
        if by_kind.get("sharedStrings") in self._names():
            texts = _Texts(self)
            self.feed(by_kind["sharedStrings"], texts)
            self.strings = texts.all
        sheets, others = [], []
        for name, state, relation in book.sheets:
            kind, target = targets.get(relation, ("", ""))
            if kind != "worksheet":
                others.append(name)
                continue
            sheet = _Sheet(self)
            try:
                self.feed(target, sheet)
            except _Enough:
                sheet.too_many = True
            sheet.beside += beside.read(self, self._relations(target), self._names())
            sheets.append(sheet.outcome(name, state))
        return {"sheets": sheets, "others": others, "date1904": book.date1904}

    def _names(self) -> set[str]:
        return set(self.package.namelist())

    def _main(self) -> str:
        if "_rels/.rels" in self._names():
            for kind, target in self._relations("").values():
                if kind == "officeDocument":
                    return target
        return "xl/workbook.xml"

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        relations = _Relations(folder)
        where = posixpath.join(folder, "_rels", f"{name}.rels")
        if where in self._names():
            self.feed(where, relations)
        return relations.found

    def feed(self, part: str, handler: Any) -> None:
        """One part through a parser that refuses DTDs and more than may be unpacked."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = 64 * 1024
        local: dict[str, str] = {}

        def name_of(tag: str) -> str:
            name = local.get(tag)
            if name is None:
                name = local[tag] = tag.rpartition(" ")[2]
            return name

        start, end = handler.start, handler.end
        parser.StartElementHandler = lambda tag, attributes: start(name_of(tag), attributes)
        parser.EndElementHandler = lambda tag: end(name_of(tag))
        parser.CharacterDataHandler = handler.text
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
        for chunk in self._chunks(part):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _chunks(self, part: str) -> Iterator[bytes]:
        """A part in pieces that end with an element, without blank cells: they cost most of a parse."""
        rest = b""
        with self.package.open(part) as member:
            while chunk := member.read(_CHUNK):
                self.left -= len(chunk)
                if self.left < 0:
                    raise Unreadable("big")
                whole, end, rest = (rest + chunk).rpartition(b">")
                if len(rest) > MAX_TAIL:
                    raise Unreadable("big")
                yield self._counted(_EMPTY_ROWS.sub(b"", _BLANK_CELLS.sub(b"", whole + end)))
        yield rest

    def _counted(self, piece: bytes) -> bytes:
        self.elements += piece.count(b"<") - piece.count(b"</")
        if self.elements > MAX_ELEMENTS * self.scale:
            raise Unreadable("big")
        return piece

    def count(self, text: str) -> str:
        self.characters += len(text)
        if self.characters > MAX_CHARACTERS * self.scale:
            raise Unreadable("big")
        return text

    def plain(self, text: str) -> str:
        """A text as it is kept: counted, without Excel's escapes."""
        return self.count(unescape(text))


def _refuse(*args: Any) -> None:
    raise Unreadable("dtd")


class _Part:
    """What every handler has; most need only one of the three."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...
    def end(self, tag: str) -> None: ...
    def text(self, data: str) -> None: ...


class _Outline(_Part):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        self.date1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(" id")), "")
            self.sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), relation))
        elif tag == "workbookPr":
            self.date1904 = attributes.get("date1904", "0") in ("1", "true")


class _Relations(_Part):
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        joined = target if target.startswith("/") else posixpath.join("/", self.folder, target)
        path = posixpath.normpath(joined).lstrip("/")
        self.found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)


class _Styles(_Part):
    """Which cell formats show a number as a date or as a percentage."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.formats: list[int] = []
        self.inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self.codes[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self.inside = True
        elif tag == "xf" and self.inside:
            self.formats.append(int(attributes.get("numFmtId", 0)))

    def end(self, tag: str) -> None:
        self.inside = self.inside and tag != "cellXfs"

    def kinds(self) -> list[str]:
        return [kind_of_format(number, self.codes.get(number, "")) for number in self.formats]


def kind_of_format(number: int, code: str) -> str:
    """Whether a cell format shows a number as a date (d), a percentage (p) or itself (n)."""
    code = _NOT_CODE.sub("", code).lower().split(";")[0]
    if number in _DATES or ("general" not in code and re.search("[yd年月日]", code)):
        return "d"
    return "p" if number in _PERCENTS or "%" in code else "n"


class _Texts(_Part):
    """The shared strings; what stands in phonetic runs is no text."""

    def __init__(self, book: _Workbook) -> None:
        self.book = book
        self.all: list[str] = []
        self.parts: list[str] = []
        self.inside = self.phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "t":
            self.inside = not self.phonetic
        elif tag == "rPh":
            self.phonetic = True

    def end(self, tag: str) -> None:
        if tag == "t":
            self.inside = False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "si":
            if len(self.all) >= MAX_STRINGS * self.book.scale:
                raise Unreadable("big")
            self.all.append(self.book.count(unescape("".join(self.parts))))
            self.parts = []

    def text(self, data: str) -> None:
        if self.inside:
            self.parts.append(data)


class _Sheet(_Part):
    def __init__(self, book: _Workbook) -> None:
        self.book = book
        self.rows: list[list[Any]] = []
        self.merges: list[list[int]] = []
        self.too_many = self.too_wide = False
        self.row = self.column = 0
        self.is_hidden = False
        self.cells: list[list[Any]] = []
        self.type = self.style = ""
        self.value: list[str] = []
        self.formula: list[str] | None = None
        self.into: list[str] | None = None
        self.phonetic = False
        self.beside: list[beside.Beside] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[list[int]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            reference = attributes.get("r", "")
            self.column = _column(reference) if reference else self.column + 1
            self.type, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.value, self.formula = [], None
        elif tag == "v" or (tag == "t" and not self.phonetic):
            self.into = self.value
        elif tag == "f":
            self.formula = self.into = []
        elif tag == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.column, self.cells = 0, []
            self.is_hidden = attributes.get("hidden") in _TRUE
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "col" and attributes.get("hidden") in _TRUE:
            self.hidden_columns.append([int(attributes["min"]), int(attributes["max"])])
        elif tag in beside.PAGE:
            self.value = self.into = []
        elif tag == "mergeCell" and len(self.merges) < MAX_MERGES:
            self._merge(attributes.get("ref", ""))

    def text(self, data: str) -> None:
        if self.into is not None:
            self.into.append(data)

    def end(self, tag: str) -> None:
        if tag == "c":
            if self.value or self.formula is not None:
                self._cell()
        elif tag in ("v", "t", "f"):
            self.into = None
        elif tag in beside.PAGE:
            self._page(tag)
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "row" and self.cells:
            if len(self.rows) >= self.book.max_rows:
                raise _Enough
            self.rows.append([self.row, self.cells])
            if self.is_hidden:
                self.hidden_rows.append(self.row)

    def _page(self, tag: str) -> None:
        """The words of a page's head or foot, once."""
        thing = [beside.PAGE[tag], 0, 0, beside.words_of_page(self.book.plain("".join(self.value)))]
        self.into = None
        if thing[3] and thing not in self.beside:
            self.beside.append(thing)

    def _cell(self) -> None:
        if self.column > MAX_COLUMNS:
            self.too_wide = True
            return
        kind, value = self._meaning("".join(self.value))
        if self.formula is not None:
            formula = "".join(self.formula)
            if "DISPIMG" in formula.upper() or "DISPIMG" in str(value).upper():
                kind = "i"
            else:
                self.cells.append([self.column, "f", value, formula, kind])
                return
        elif kind == "t" and not value.strip():
            return
        self.book.cells += 1
        if self.book.cells > MAX_CELLS * self.book.scale:
            raise Unreadable("big")
        self.cells.append([self.column, kind, value])

    def _meaning(self, raw: str) -> tuple[str, str]:
        if self.type == "s":
            return "t", self.book.strings[int(raw)] if raw.strip() else ""
        if self.type in ("inlineStr", "str"):
            return "t", self.book.count(unescape(raw))
        if self.type == "b":
            return "b", "是" if raw.strip() in ("1", "true") else "否"
        if self.type == "e":
            return "e", raw
        if self.type == "d":
            return "t", raw
        index = int(self.style)
        return (self.book.kinds[index] if index < len(self.book.kinds) else "n"), raw.strip()

    def _merge(self, reference: str) -> None:
        match = _REF.fullmatch(reference.replace("$", ""))
        if match and match[3]:
            left, right = _number(match[1]), _number(match[3])
            self.merges.append([int(match[2]), left, int(match[4]), min(right, MAX_COLUMNS)])

    def outcome(self, name: str, state: str) -> dict[str, Any]:
        return {
            "name": name,
            "hidden": state != "visible",
            "rows": self.rows,
            "merges": self.merges,
            "too_many": self.too_many,
            "too_wide": self.too_wide,
            "beside": self.beside,
            "hidden_rows": self.hidden_rows,
            "hidden_columns": self.hidden_columns,
        }


def unescape(text: str) -> str:
    """Excel's own `_x000D_` back to the character it stands for."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


_known: dict[str, int] = {}


def _column(reference: str) -> int:
    letters = reference.rstrip("0123456789")
    number = _known.get(letters)
    if number is None:
        known = letters.isascii() and letters.isupper() and len(letters) <= 3
        number = _known[letters] = _number(letters) if known else 10_000
    return number


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def main() -> None:
    """`-c "...main()" FILE ROWS SCALE`."""
    print_parsed(partial(parse, scale=int(sys.argv[3])))


def print_parsed(parse: Callable[[str, int], dict[str, Any]]) -> None:
    """The file that the command line names, parsed within the limits, or {"unreadable": why}, on standard
    output: an outline with the number of rows of each sheet, then each row on a line of its own."""
    scale = int(sys.argv[3])
    limit(memory=MEMORY * scale, seconds=SECONDS * scale)
    try:
        found = parse(sys.argv[1], int(sys.argv[2]))
    except Unreadable as error:
        found = {"unreadable": error.args[0]}
    except MemoryError:
        found = {"unreadable": "big"}
    sheets = found.get("sheets", [])
    _print(found | {"sheets": [sheet | {"rows": len(sheet["rows"])} for sheet in sheets]})
    for sheet in sheets:
        for row in sheet["rows"]:
            _print(row)


def _print(value: Any) -> None:
    sys.stdout.buffer.write(_JSON.encode(value).encode("utf-8", "surrogatepass") + b"\n")

"""A plain list as an Excel sheet, streamed like the ledger: title, notes, headings, rows, links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO
from xml.sax.saxutils import quoteattr

from rectify.clock import SHANGHAI
from rectify.errors import TooLong
from rectify.ledger.columns import A3_FROM_COLUMNS, Column, Paper
from rectify.ledger.print.layout import MAX_LINES, row_points
from rectify.ledger.print.shell import HEADER_ROW, Print, build_shell, workbook_part
from rectify.ledger.print.splitting import INDENT, lines_of
from rectify.ledger.row_types import Fonts, Stamp
from rectify.ledger.zips import CHUNK, PRIVATE, Member, zipped
from rectify.xlsx.cells import CELL_LIMIT, SharedStrings, clean_text, is_too_long, letters_of

_IN_MEMORY = 2 * 1024 * 1024
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
ROWS_MAX = 60_000


@dataclass(frozen=True, slots=True)
class ListingCell:
    """A text or a number; `link` is a path relative to the workbook, `light` fills it with that colour."""

    value: str | int
    link: str = ""
    light: str = ""


Row = Sequence[ListingCell | str | int]


def listed(key: str, heading: str, width: int, prose: bool = False) -> Column:
    """A column of a list: its cells come ready, so it gets nothing itself."""
    return Column(key, heading, width, lambda problem, measure: "", prose=prose)


def write_listing(
    columns: Sequence[Column],
    rows: Iterable[Row],
    stamp: Stamp,
    out: BinaryIO,
    *,
    subtitle: str = "",
    foot: Sequence[str] = (),
    fonts: Fonts | None = None,
) -> str:
    """Write the list to `out`; returns the file's SHA-256."""
    digest = hashlib.sha256()
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
        package = _Listing(columns, rows, stamp, body, subtitle, foot, fonts or Fonts())
        for chunk in zipped(package.members()):
            out.write(chunk)
            digest.update(chunk)
    return digest.hexdigest()


class _Listing:
    """The members of the file; the rows wait in a temporary file while their texts stream out."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Iterable[Row],
        stamp: Stamp,
        body: IO[bytes],
        subtitle: str,
        foot: Sequence[str],
        fonts: Fonts,
    ) -> None:
        self.columns, self.source, self.stamp, self.body = columns, rows, stamp, body
        self.subtitle, self.foot = subtitle, foot
        paper = Paper.A3 if len(columns) >= A3_FROM_COLUMNS else Paper.A4
        self.shell = build_shell([Print(columns, paper, stamp)], fonts)
        self.strings = SharedStrings()
        self.letters = [letters_of(index) for index in range(1, len(columns) + 1)]
        self.row, self.last_data_row = 0, HEADER_ROW
        self.links: list[tuple[str, str]] = []
        self.merged: list[str] = []

    def members(self) -> Iterator[Member]:
        at = self.stamp.exported_at.astimezone(SHANGHAI).replace(tzinfo=None)
        parts = dict(self.shell.parts)
        for later in ("xl/sharedStrings.xml", "xl/workbook.xml"):
            parts.pop(later, None)
        first = "[Content_Types].xml"
        for name in (first, *(name for name in parts if name != first)):
            yield name, at, PRIVATE, (parts[name],)
        yield "xl/sharedStrings.xml", at, PRIVATE, self._shared_strings()
        yield "xl/worksheets/sheet1.xml", at, PRIVATE, self._sheet()
        if self.links:
            yield "xl/worksheets/_rels/sheet1.xml.rels", at, PRIVATE, self._relations()
        yield "xl/workbook.xml", at, PRIVATE, (workbook_part(self.shell, [self.last_data_row]),)

    def _shared_strings(self) -> Iterator[bytes]:
        yield b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        yield b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        for xml in self._rows():
            self.body.write(xml.encode())
            if self.strings.is_full:
                yield self.strings.take()
        yield self.strings.take()
        yield b"</sst>"

    def _sheet(self) -> Iterator[bytes]:
        dimension = f'<dimension ref="A1:{self.letters[-1]}{self.row}"/>'
        yield self.shell.frames[0].head.replace("@dimension@", dimension).encode()
        self.body.seek(0)
        while chunk := self.body.read(CHUNK):
            yield chunk
        last = self.letters[-1]
        yield f'</sheetData><autoFilter ref="A{HEADER_ROW}:{last}{self.last_data_row}"/>'.encode()
        yield f'<mergeCells count="{len(self.merged)}">'.encode()
        yield "".join(f'<mergeCell ref="{area}"/>' for area in self.merged).encode()
        yield b"</mergeCells>"
        if self.links:
            yield f'<hyperlinks xmlns:r="{_LINKS}">'.encode()
            for index, (cell, _) in enumerate(self.links, 1):
                yield f'<hyperlink ref="{cell}" r:id="rId{index}"/>'.encode()
            yield b"</hyperlinks>"
        yield self.shell.frames[0].tail.encode()

    def _relations(self) -> Iterator[bytes]:
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{_RELS}">'.encode()
        for index, (_, target) in enumerate(self.links, 1):
            attributes = f'Id="rId{index}" Type="{_LINKS}/hyperlink" Target={quoteattr(target)}'
            yield f'<Relationship {attributes} TargetMode="External"/>'.encode()
        yield b"</Relationships>"

    # -- rows -----------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[str]:
        yield self._across(self.stamp.title, "title", 42.0)
        yield self._across(self.subtitle, "line_left", 24.0)
        self.row += 1
        headings = [self._text(index, column.heading, "header") for index, column in enumerate(self.columns)]
        yield self._xml(24.0, "".join(headings))
        for row in self.source:
            yield self._data(row)
        if self.row == HEADER_ROW:
            yield self._across("没有内容", "centre", 42.0)
        self.last_data_row = self.row
        for line in self.foot:
            yield self._across(line, "stamp", 14.0)

    def _data(self, row: Row) -> str:
        self.row += 1
        if self.row > ROWS_MAX:
            raise TooLong(f"清单超过 {ROWS_MAX:,} 行，没有导出。请缩小范围，分次导出。")
        cells, lines = [], 1
        for index, (column, given) in enumerate(zip(self.columns, row, strict=True)):
            cell = given if isinstance(given, ListingCell) else ListingCell(given)
            style = "prose" if column.prose else "centre"
            if cell.link:
                self.links.append((f"{self.letters[index]}{self.row}", cell.link))
            if isinstance(cell.value, int):
                shown = f'<c r="{self.letters[index]}{self.row}" s="{self.shell.styles[style]}">'
                cells.append(f"{shown}<v>{cell.value}</v></c>")
                continue
            if is_too_long(cell.value):
                raise TooLong(f"“{column.heading}”一栏有超过 {CELL_LIMIT:,} 个字符的内容，没有导出。")
            cells.append(self._text(index, cell.value, style, self.shell.lights.get(cell.light)))
            lines = max(lines, lines_of(cell.value, column.width - INDENT * column.prose))
        return self._xml(row_points(min(lines, MAX_LINES)), "".join(cells))

    def _across(self, text: str, style: str, points: float) -> str:
        self.row += 1
        if len(self.letters) > 1:
            self.merged.append(f"A{self.row}:{self.letters[-1]}{self.row}")
        width = sum(column.width for column in self.columns)
        lines = lines_of(text, width / 2 if style == "title" else width)
        return self._xml(points * max(1, lines), self._text(0, text, style))

    def _text(self, index: int, text: str, style: str, number: int | None = None) -> str:
        shown = f'<c r="{self.letters[index]}{self.row}" s="{number or self.shell.styles[style]}"'
        if not text:
            return f"{shown}/>"
        return f'{shown} t="s"><v>{self.strings.add(clean_text(text))}</v></c>'

    def _xml(self, points: float, cells: str) -> str:
        return f'<row r="{self.row}" ht="{min(points, 409.0):g}" customHeight="1">{cells}</row>'

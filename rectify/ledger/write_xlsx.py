"""Rows to a ledger in Excel, streamed: memory does not grow with the number of rows."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO

from stream_zip import ZIP_32, stream_zip

from ..clock import SHANGHAI
from .cells import SharedStrings
from .columns import Column
from .row_types import Fonts, ProblemRow, Stamp, Written
from .sheet import Sheet
from .shell import build_shell, workbook_part

try:
    from isal import isal_zlib
except ImportError:  # no wheel for this machine
    isal_zlib = None  # type: ignore[assignment]

_IN_MEMORY = 2 * 1024 * 1024
_CHUNK = 64 * 1024
_FILE_MODE = 0o600


def write_ledger(
    rows: Iterable[ProblemRow],
    columns: Sequence[Column],
    stamp: Stamp,
    out: BinaryIO,
    fonts: Fonts | None = None,
) -> Written:
    """Write the print ledger to `out`; after a `TooLong` refusal `out` holds no ledger."""
    digest = hashlib.sha256()
    size = 0
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
        package = _Package(rows, columns, stamp, fonts or Fonts(), body)
        for chunk in stream_zip(
            package.members(), chunk_size=_CHUNK, get_compressobj=compressor, extended_timestamps=False
        ):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    sheet = package.sheet
    blocks = sheet.blocks
    return Written(blocks.problems, blocks.measures, sheet.row, size, digest.hexdigest())


def compressor() -> Any:
    if isal_zlib is not None:
        return isal_zlib.compressobj(level=2, wbits=-zlib.MAX_WBITS)
    return zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS)


class _Package:
    """The members of the file. The texts stream straight out as shared strings; the rows that refer to
    them (small) wait in a temporary file, so that the sheet can open with its true dimension."""

    def __init__(
        self,
        rows: Iterable[ProblemRow],
        columns: Sequence[Column],
        stamp: Stamp,
        fonts: Fonts,
        body: IO[bytes],
    ) -> None:
        self.rows = rows
        self.stamp = stamp
        self.body = body
        self.shell = build_shell(columns, stamp, fonts)
        self.strings = SharedStrings()
        self.sheet = Sheet(columns, stamp, self.shell, self.strings)

    def members(self) -> Iterator[tuple[str, Any, int, Any, Iterable[bytes]]]:
        at = self.stamp.exported_at.astimezone(SHANGHAI).replace(tzinfo=None)
        later = ("xl/sharedStrings.xml", "xl/workbook.xml")
        fixed = {name: part for name, part in self.shell.parts.items() if name not in later}
        first = "[Content_Types].xml"
        for name in (first, *(name for name in fixed if name != first)):
            yield name, at, _FILE_MODE, ZIP_32, (fixed[name],)
        yield later[0], at, _FILE_MODE, ZIP_32, self._shared_strings()
        yield "xl/worksheets/sheet1.xml", at, _FILE_MODE, ZIP_32, self._sheet()
        yield later[1], at, _FILE_MODE, ZIP_32, (workbook_part(self.shell, self.sheet.last_data_row),)

    def _shared_strings(self) -> Iterator[bytes]:
        yield b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        yield b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        for xml in self.sheet.rows(self.rows):
            self.body.write(xml.encode())
            if self.strings.is_full:
                yield self.strings.take()
        yield self.strings.take()
        yield b"</sst>"

    def _sheet(self) -> Iterator[bytes]:
        yield self.sheet.before_rows().encode()
        self.body.seek(0)
        while chunk := self.body.read(_CHUNK):
            yield chunk
        for part in self.sheet.after_rows():
            yield part.encode()

"""Rows to a ledger in Excel, streamed: memory does not grow with the number of rows."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO

from rectify.clock import SHANGHAI
from rectify.ledger.print.sheet import Form, Sheet
from rectify.ledger.print.shell import Print, build_shell, sheet_part, workbook_part
from rectify.ledger.row_types import Fonts, Written
from rectify.ledger.zips import CHUNK, PRIVATE, Member, zipped
from rectify.xlsx.cells import SharedStrings

_IN_MEMORY = 2 * 1024 * 1024


def write_book(forms: Sequence[Form], out: BinaryIO, fonts: Fonts | None = None) -> Written:
    """Write several forms of one ledger as the sheets of one workbook; counts are of the first.

    After a `TooLong` refusal `out` holds no ledger.
    """
    digest = hashlib.sha256()
    size = 0
    with contextlib.ExitStack() as stack:
        bodies = [stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY)) for _ in forms]
        package = _Package(forms, fonts or Fonts(), bodies)
        for chunk in zipped(package.members()):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    sheets = package.sheets
    blocks = sheets[0].blocks
    rows = sum(sheet.row for sheet in sheets)
    return Written(blocks.problems, blocks.measures, rows, size, digest.hexdigest())


class _Package:
    """The members of the file. The texts stream straight out as shared strings; the rows that refer to
    them (small) wait in temporary files, so that each sheet can open with its true dimension."""

    def __init__(self, forms: Sequence[Form], fonts: Fonts, bodies: Sequence[IO[bytes]]) -> None:
        self.forms = forms
        self.bodies = bodies
        self.shell = build_shell([Print(form.columns, form.paper, form.stamp) for form in forms], fonts)
        self.strings = SharedStrings()
        self.sheets = [
            Sheet(form, self.shell, frame, self.strings)
            for form, frame in zip(forms, self.shell.frames, strict=True)
        ]

    def members(self) -> Iterator[Member]:
        at = self.forms[0].stamp.exported_at.astimezone(SHANGHAI).replace(tzinfo=None)
        later = ("xl/sharedStrings.xml", "xl/workbook.xml")
        fixed = {name: part for name, part in self.shell.parts.items() if name not in later}
        first = "[Content_Types].xml"
        for name in (first, *(name for name in fixed if name != first)):
            yield name, at, PRIVATE, (fixed[name],)
        yield later[0], at, PRIVATE, self._shared_strings()
        for number in range(len(self.sheets)):
            yield sheet_part(number), at, PRIVATE, self._sheet(number)
        last_rows = [sheet.last_data_row for sheet in self.sheets]
        yield later[1], at, PRIVATE, (workbook_part(self.shell, last_rows),)

    def _shared_strings(self) -> Iterator[bytes]:
        yield b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        yield b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        for form, sheet, body in zip(self.forms, self.sheets, self.bodies, strict=True):
            for xml in sheet.rows(form.rows):
                body.write(xml.encode())
                if self.strings.is_full:
                    yield self.strings.take()
        yield self.strings.take()
        yield b"</sst>"

    def _sheet(self, number: int) -> Iterator[bytes]:
        sheet, body = self.sheets[number], self.bodies[number]
        yield sheet.before_rows().encode()
        body.seek(0)
        while chunk := body.read(CHUNK):
            yield chunk
        for part in sheet.after_rows():
            yield part.encode()

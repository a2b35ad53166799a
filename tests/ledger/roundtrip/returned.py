"""A working copy taken out, changed as people and programs change it, and brought back."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
from django.test import Client

from rectify.ledger.roundtrip import load, merge
from rectify.ledger.roundtrip.plan import MergePlan
from rectify.ledger.roundtrip.reader import Returned, read_returned
from rectify.models import Problem, User
from rectify.policies import may
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import RETURNED
from tests.builders import Cast

HEADER = 3
SHEET_PART = "xl/worksheets/sheet1.xml"


def take(made: Cast, role: str = "office", query: str = "") -> bytes:
    """The working copy as the page gives it out."""
    client = Client()
    client.force_login(made[role])
    response = client.get(f"/ledger/working/{query}")
    assert response.status_code == 200, response.content.decode()
    return b"".join(response)


class Opened:
    """A workbook with its cells by item code and heading."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))
        self.sheet = self.book["填报"]
        self.columns = {cell.value: cell.column for cell in self.sheet[HEADER] if cell.value}
        self.rows = {
            self.sheet.cell(row, self.columns["校验编号"]).value: row
            for row in range(HEADER + 1, self.sheet.max_row + 1)
        }

    def cell(self, code: str, heading: str) -> Any:
        return self.sheet.cell(self.rows[code], self.columns[heading])

    def put(self, code: str, heading: str, value: Any) -> None:
        """The value as typed into the cell: text stays text."""
        cell = self.cell(code, heading)
        if isinstance(value, str):  # as Excel stores what looks like its own escape
            value = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", value)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"

    def saved(self) -> bytes:
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def edited(data: bytes, edits: dict[tuple[str, str], Any]) -> bytes:
    """The copy with these cells typed in, by (code, heading)."""
    opened = Opened(data)
    for (code, heading), value in edits.items():
        opened.put(code, heading, value)
    return opened.saved()


@contextmanager
def on_disk(data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "填报表.xlsx"
        path.write_bytes(data)
        yield path


def read(data: bytes) -> Returned:
    with on_disk(data) as path:
        return read_returned(read_book(path, RETURNED))


def plan_of(data: bytes, user: User) -> MergePlan:
    return merge.plan(read(data), user, may=may)


def loaded(data: bytes, user: User, **more: Any) -> load.Loaded:
    return load.apply(read(data), by=user, may=may, name="填报表.xlsx", sha256="0" * 64, **more)


def reworked(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one part changed, as another program would have written it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def in_cell(data: bytes, code: str, heading: str, xml: str, attributes: str = "") -> bytes:
    """The copy with the cell's inner XML as given."""
    opened = Opened(data)
    reference = opened.cell(code, heading).coordinate

    def change(content: bytes) -> bytes:
        text = content.decode()
        pattern = rf'<c r="{reference}"( s="\d+")?[^>]*?(/>|>.*?</c>)'
        found, count = re.subn(pattern, rf'<c r="{reference}"\1 {attributes}>{xml}</c>', text, count=1)
        assert count == 1, reference
        return found.encode()

    return reworked(data, SHEET_PART, change)


def code_of(made: Cast, number: int = 1) -> str:
    return Problem.objects.get(report=made.report, number=number).code

"""Text that begins as a formula stays text in every workbook we write, also when somebody edits its cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from rectify.ledger.archive.compare import differences
from rectify.ledger.archive.compare_sheet import COLUMNS, _rows
from rectify.ledger.columns import LEDGER
from rectify.ledger.pack.archive import INDEX, plan_pack, stream_pack
from rectify.ledger.pack.evidence import Proof
from rectify.ledger.print.listing import write_listing
from rectify.ledger.print.writer import write_book
from rectify.ledger.roundtrip.columns import VISIBLE
from rectify.ledger.roundtrip.rows import WorkingRow
from rectify.ledger.roundtrip.writer import Lists, write_working
from rectify.ledger.row_types import MeasureRow
from rectify.roster.columns import TABLES
from rectify.roster.writer import write_roster
from tests.ledger.conftest import STAMP, form_of

FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "=HYPERLINK(\"http://a\",\"点\")")  # fmt: skip
ROOT = Path(__file__).resolve().parents[2] / "rectify"


def official(problem, out) -> None:
    rows = [problem(n, title=text, progress=text, goal=text, measures=(MeasureRow(text, "", text),))
            for n, text in enumerate(FORMULAS, start=1)]  # fmt: skip
    write_book([form_of(rows, LEDGER)], out)


def working(problem, out, with_reasons: bool = False) -> None:
    keys = [column.key for column in VISIBLE if column.key != "deadline"]
    rows = [
        WorkingRow(None, f"2022-0{n}", 1, dict.fromkeys(keys, text), frozenset(keys), reason=text)
        for n, text in enumerate(FORMULAS, start=1)
    ]
    write_working(rows, Lists(list(FORMULAS), list(FORMULAS)), STAMP, 1, out, with_reasons=with_reasons)


def refused(problem, out) -> None:
    working(problem, out, with_reasons=True)


def compared(problem, out) -> None:
    new = [problem(n, title=text, goal=text) for n, text in enumerate(FORMULAS, start=1)]
    lines = differences([problem(n) for n in range(1, 6)], new).lines
    write_listing(COLUMNS, _rows(lines), STAMP, out, subtitle="=1", foot=["=1"])


def pack_index(problem, out) -> None:
    def proof(name: str) -> Proof:
        return Proof(name=name, path=Path("/nowhere"), size=1, proves=name, at=name, sha256="0" * 64)

    proofs = {f"2022-0{n}": [proof(text)] for n, text in enumerate(FORMULAS, start=1)}
    plan = plan_pack([problem(n, title=text) for n, text in enumerate(FORMULAS, start=1)], proofs)
    data = b"".join(stream_pack(plan, io.BytesIO(b"ledger"), "台账.xlsx", 6, STAMP))
    out.write(zipfile.ZipFile(io.BytesIO(data)).read(INDEX))


def roster(problem, out) -> None:
    rows = [[text] * len(TABLES[0].columns) for text in FORMULAS]
    write_roster(out, {TABLES[0].name: rows})


WRITERS: list[Callable] = [official, working, refused, compared, pack_index, roster]


@pytest.mark.parametrize("write", WRITERS)
def test_what_begins_as_a_formula_is_text_and_stays_it(write, problem) -> None:
    out = io.BytesIO()
    write(problem, out)
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    risky = [cell for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]
    assert len(risky) >= len(FORMULAS)
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert [cell.coordinate for cell in risky if not cell.quotePrefix] == []


def test_no_other_place_writes_a_workbook() -> None:
    """A new writer must be shown above; the demonstration's samples hold no text of a person."""
    signs = ("Workbook(", "zipped(")
    places = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if any(sign in path.read_text() for sign in signs)
    }
    assert places == {
        "demo/samples.py",
        "ledger/archive/by_unit.py",  # packs the books that the writers made
        "ledger/pack/archive.py",
        "ledger/print/listing.py",
        "ledger/print/shell.py",
        "ledger/print/writer.py",
        "ledger/roundtrip/writer.py",
        "ledger/zips.py",  # packs what it is given
        "roster/writer.py",
        "xlsx/parser.py",  # its own class of that name; it only reads
    }

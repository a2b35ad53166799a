"""A small file that unpacks to millions of elements costs little; what was parsed is not parsed again."""

from __future__ import annotations

import io
import resource
import zipfile

import pytest

from rectify.arrivals import limited_child
from rectify.errors import Incomplete
from rectify.xlsx import reader
from rectify.xlsx.reader import read_book

RELATIONS = (
    '<Relationships><Relationship Id="1" Type="x/worksheet" Target="sheet.xml"/>'
    '<Relationship Id="2" Type="x/sharedStrings" Target="strings.xml"/></Relationships>'
)
BOOK = '<workbook xmlns:r="r"><sheets><sheet name="表" r:id="1"/></sheets></workbook>'


def workbook(strings: bytes, rows: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", BOOK)
        package.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        package.writestr("xl/strings.xml", b"<sst>" + strings + b"</sst>")
        package.writestr("xl/sheet.xml", b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>")
    return out.getvalue()


def cost(path) -> float:
    """Seconds of processor time that children take for one reading."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        read_book(path)
    except Incomplete as refusal:
        assert "展开后超过" in refusal.message or "过于复杂" in refusal.message
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.ci
@pytest.mark.parametrize(
    "many",
    [
        lambda: workbook(b"<si><t/></si>" * 3_000_000, b""),
        lambda: workbook(b"", b"<row>" + b"<c  r='A1'/>" * 3_000_000 + b"</row>"),
    ],
)
def test_three_million_cost_no_more_than_a_large_honest_sheet(
    tmp_path, many, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a ratio in one run: a sheet at the limits of rows and columns stands beside it. Children that are
    our own, as where processes cannot fork, can be measured."""
    monkeypatch.setattr(limited_child, "CAN_FORK", False)
    honest, hostile = tmp_path / "honest.xlsx", tmp_path / "hostile.xlsx"
    row = b"<row>" + b"<c t='s'><v>7</v></c>" * 60 + b"</row>"
    honest.write_bytes(workbook(b"<si><t>x</t></si>" * 3_300 * 60, row * 3_300))
    hostile.write_bytes(many())
    assert hostile.stat().st_size < 100_000
    assert cost(hostile) < 3 * cost(honest)


def test_more_shared_strings_than_cells_are_refused(tmp_path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(b"<si/>" * 400_001, b""))
    with pytest.raises(Incomplete, match="没有导入任何内容"):
        read_book(path)


def test_what_was_parsed_is_kept_and_not_parsed_again(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    parses = []

    def counted(module: str, *args, **kwargs):
        parses.append(module)
        return run(module, *args, **kwargs)

    run = limited_child.run
    monkeypatch.setattr(limited_child, "run", counted)
    path, kept = tmp_path / "a.xlsx", tmp_path / "a.json"
    path.write_bytes(workbook(b"", b"<row r='2'><c t='str'><v>x</v></c></row>"))
    first, second = read_book(path, kept=kept), read_book(path, kept=kept)
    assert first.sheets[0].rows == second.sheets[0].rows and first.sheets[0].rows[2][1].value == "x"
    assert parses == [reader.PARSERS[reader.XLSX]]
    assert kept.stat().st_mode & 0o077 == 0, "as private as the file itself"


def test_a_file_that_cannot_be_read_is_not_kept_as_read(tmp_path) -> None:
    path, kept = tmp_path / "a.xlsx", tmp_path / "a.json"
    path.write_bytes(workbook(b"", b"<row"))
    for _ in range(2):
        with pytest.raises(Incomplete, match="读不出内容"):
            read_book(path, kept=kept)
    assert not kept.exists()

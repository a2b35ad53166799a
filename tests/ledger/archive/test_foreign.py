"""A file from outside: what it must be before it is parsed, and that parsing it harms nobody."""

from __future__ import annotations

import io
import time
import zipfile

import openpyxl
import pytest

from rectify.ledger.archive.alteration import alterations, find_code
from rectify.ledger.archive.code import new_code
from rectify.xlsx.foreign import FILE_MAX, SheetCells, Unreadable, read_cells
from rectify.xlsx.reader import SECONDS
from rectify.xlsx.structure import COMPARE


def workbook(*sheets: tuple[str, dict[str, object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in sheets:
        sheet = book.create_sheet(name)
        for reference, value in cells.items():
            sheet[reference] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(**members: bytes) -> bytes:
    """A zip with what a workbook needs, and these members instead or besides (dots as two underscores)."""
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
    parts |= {name.replace("__", ".").replace("_of_", "/"): body for name, body in members.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)
    return out.getvalue()


def with_rows(rows: bytes) -> bytes:
    """A workbook whose sheet holds these rows as they are."""
    source, out = zipfile.ZipFile(io.BytesIO(workbook(("甲", {"A1": 1})))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in source.namelist():
            body = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                start, end = body.index(b"<sheetData>") + 11, body.index(b"</sheetData>")
                body = body[:start] + rows + body[end:]
            package.writestr(name, body)
    return out.getvalue()


def test_cells_are_read_as_text_whatever_program_wrote_them():
    data = workbook(("台账", {"A1": "标题", "B2": 3, "C2": 3.0, "D2": 2.5, "E4": "=1+1", "F4": True}))
    assert read_cells(data) == [
        SheetCells("台账", [(1, {1: "标题"}), (2, {2: "3", 3: "3", 4: "2.5"}), (4, {5: "=1+1", 6: "是"})])
    ]


@pytest.mark.ci
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "是空的"),
        (b"a,b\n1,2\n", "文本文件"),
        (b"%PDF-1.4", "PDF 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧格式"),
        (b"PK\x03\x04" + b"\0" * 40, "已损坏"),
        (workbook(("甲", {"A1": 1}))[:-60], "已损坏"),
        (packed(), "没有工作表"),
        (packed(xl_of_vbaProject__bin=b"x"), "含有宏"),
        (packed(xl_of_workbook__xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "DTD"),
        (packed(xl_of_workbook__xml="<!DOCTYPE a><a/>".encode("utf-16")), "DTD"),
        (packed(xl_of_workbook__xml=b" " * (1024 * 1024 - 4) + b"<!DOCTYPE a><a/>"), "DTD"),
        (packed(**{f"n{n}": b"" for n in range(2_001)}), "部件过多"),
        (b"PK\x03\x04" + b"\0" * FILE_MAX, "超过 20 MB"),
        (workbook(("甲", {"A1": 1, "ZZ9": "藏在右边"})), "很靠右的列"),
        (
            with_rows(b'<row r="4"><c r="A4"><v>1</v></c></row><row r="4"><c r="A4"><v>2</v></c></row>'),
            "行号有重复",
        ),
        (with_rows(b"<row><c><v>1</v></c></row>" * (COMPARE.rows + 1)), "超过 60,000 行"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_harmless_workbook_is_refused_in_words_and_within_the_limit(data, words):
    with pytest.raises(Unreadable) as refusal:
        read_cells(data)
    assert words in refusal.value.message and "没有逐格比对" in refusal.value.message
    assert "导入" not in refusal.value.message, "nothing was to be imported"
    assert "限时" not in refusal.value.message


def test_rows_and_cells_out_of_their_order_are_read_all_the_same():
    """Whoever hides something that way would otherwise be told that nothing was altered."""
    nine = b'<row r="9"><c r="C9"><v>3</v></c><c r="A9"><v>1</v></c></row>'
    data = with_rows(nine + b'<row r="2"><c r="A2"><v>2</v></c></row>')
    assert read_cells(data)[0].rows == [(2, {1: "2"}), (9, {1: "1", 3: "3"})]


def test_flipped_bits_never_raise_anything_else():
    data = bytearray(workbook(("甲", {f"A{n}": f"第{n}行" for n in range(1, 40)})))
    for place in range(30, len(data), max(1, len(data) // 12)):
        broken = bytearray(data)
        broken[place] ^= 0x10
        try:
            read_cells(bytes(broken))
        except Unreadable as refusal:
            assert refusal.message


# -- what was altered -----------------------------------------------------------------------------------

ROWS = [(1, {1: "标题"}), (3, {1: "序号", 2: "问题", 3: "责任领导"})] + [
    (number, {1: str(number - 3), 2: f"问题{number - 3}", 3: "县长"}) for number in range(4, 14)
]


def differing(found: list, name: str = "台账") -> list[tuple[str, str, str, str]]:
    result = alterations([SheetCells("台账", ROWS)], [SheetCells(name, found)])
    assert result.count == len(result.first)
    return [(one.where, one.heading, one.issued, one.found) for one in result.first]


def copy_of(rows: list) -> list:
    return [(number, dict(cells)) for number, cells in rows]


def test_the_same_cells_are_no_alteration():
    assert differing(copy_of(ROWS)) == []


def test_a_changed_an_emptied_and_an_added_cell_are_named_with_their_heading():
    found = copy_of(ROWS)
    found[4][1][3] = "书记"
    del found[5][1][2]
    found[6][1][9] = "多写的"
    assert differing(found) == [
        ("C6", "责任领导", "县长", "书记"),
        ("B7", "问题", "问题4", ""),
        ("I8", "", "", "多写的"),
    ]


def test_a_row_put_in_or_taken_out_is_one_alteration():
    shorter = [row for row in copy_of(ROWS) if row[0] != 7]
    shorter = [(number - (number > 7), cells) for number, cells in shorter]
    assert [one[0] for one in differing(shorter)] == ["原第 7 行"]
    longer = copy_of(ROWS[:6]) + [(8, {2: "加塞"})] + [(n + 1, c) for n, c in copy_of(ROWS[6:])]
    assert differing(longer) == [("第 8 行", "整行", "签发时没有", "加塞")]


def test_a_sheet_missing_or_added_is_named():
    assert {one[0] for one in differing(copy_of(ROWS), name="Sheet1")} == {"工作表“台账”", "工作表“Sheet1”"}


def test_many_alterations_are_counted_and_the_first_are_shown():
    ours = [SheetCells("台账", [(number, {1: "甲"}) for number in range(1, 400)])]
    theirs = [SheetCells("台账", [(number, {1: "乙"}) for number in range(1, 400)])]
    result = alterations(ours, theirs)
    assert (result.count, len(result.first), result.more) == (399, 200, 199)


def test_the_code_is_found_wherever_the_sheet_ends():
    code = new_code()
    rows = [(1, {1: "标题"}), (9, {1: f"台账编码：{code}（核对）"}), (40, {2: "后加的"})]
    assert find_code([SheetCells("甲", []), SheetCells("乙", rows)]) == code
    assert find_code([SheetCells("甲", ROWS)]) is None


def test_a_file_that_takes_too_long_is_given_up():
    began = time.monotonic()
    with pytest.raises(Unreadable, match="限时内没有读完"):
        read_cells(workbook(("甲", {"A1": 1})), seconds=0)
    assert time.monotonic() - began < SECONDS

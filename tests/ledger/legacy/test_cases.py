"""Sheets of real shapes with invented content: each row and column is understood as it should be."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from rectify.errors import Incomplete
from rectify.ledger.legacy.as_json import as_json
from rectify.ledger.legacy.reading import read_workbook
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import OLD

WRITTEN_BY = b"\x5c\x00\x70\x00"  # the record that names who wrote the file: room for one that locks it
CASES = Path(__file__).with_name("cases")


def understood(name: str) -> dict[str, Any]:
    path = CASES / f"{name}.xlsx"
    reading = read_workbook(read_book(path), path.name, {})
    return as_json(reading, reading.read())


def days(outline: dict[str, Any]) -> dict[int, str | None]:
    return {problem["row"]: problem["deadline"] for problem in outline["problems"]}


def test_words_of_deadlines():
    outline = understood("deadline-words")
    assert (outline["title"], outline["year"]) == ("2024年度问题整改台账", 2024)
    assert list(days(outline).values()) == [
        *("2024-06-30", "2024-06-30", "2024-10-31", "2024-12-31", "2024-08-31", "2025-03-31", None),
        *("2024-09-30", "2024-11-30", "2024-08-31"),
    ]
    assert [(notice["row"], notice["column"]) for notice in outline["notices"]] == [(9, "整改时限")]


def test_each_measure_keeps_its_own_day_and_words():
    first, second = understood("deadline-per-measure")["problems"]
    assert [(row["text"], row["deadline"], row["deadline_text"]) for row in first["measures"]] == [
        ("定计划", "2024-03-31", "2024年3月"),
        ("每月读一次", None, "长期坚持"),
        ("全员轮训", "2024-06-30", "2024年6月底前"),
    ]
    assert (first["deadline"], first["kind"]) == ("2024-06-30", "限期整改，并长期坚持")
    assert [row["deadline"] for row in second["measures"]] == ["2024-09-30", "2024-12-31"]
    assert second["deadline"] == "2024-12-31"


def test_a_row_of_its_own_names_the_aspect_of_those_below():
    outline = understood("aspect-rows")
    assert [
        (problem["title"], problem["aspect"], problem["finished"]) for problem in outline["problems"]
    ] == [
        ("复耕不到位", "落实上级决策部署方面", True),
        ("巡河走过场", "落实上级决策部署方面", True),
        ("低保评议粗放", "群众身边不正之风方面", False),
    ]
    assert [notice["value"] for notice in outline["notices"]] == ["合计；共3项"], "none of 立行立改"
    assert outline["problems"][1]["kind"] == "立行立改"


def test_other_words_for_the_headings():
    outline = understood("other-headings")
    assert outline["columns"] == {
        "编号": "number", "检查时间": None, "隐患所在单位": None, "隐患描述": "title",
        "整改措施": "measure", "负责人": "responsible", "截止日期": "deadline", "办理情况": "progress",
        "督办单位": None,
    }  # fmt: skip
    first, second = outline["problems"]
    assert (first["title"], first["responsible"], first["progress"]) == ("皮带无护罩", "甲某", "已加装")
    assert list(days(outline).values()) == ["2024-06-30", "2024-07-15"] and second["units"] == []
    assert {notice["column"] for notice in outline["notices"]} == {"检查时间", "隐患所在单位", "督办单位"}


def test_what_another_writer_made_is_an_ordinary_workbook():
    assert days(understood("written-by-sheetjs")) == {2: "2024-09-30", 3: "2024-10-01"}


def test_the_old_kind_of_workbook_is_read_like_the_new():
    path = CASES / "written-as-xls.xls"
    reading = read_workbook(read_book(path, OLD), path.name, {})
    outline = as_json(reading, reading.read())
    first, second = outline["problems"]
    assert [measure["deadline"] for measure in first["measures"]] == ["2024-06-30", "2024-09-30"]
    assert "65%" in first["progress"] and not first["finished"]
    assert (second["deadline"], second["finished"]) == ("2024-07-15", True)
    with pytest.raises(Incomplete, match="旧格式的表格"):
        read_book(path)


def test_an_old_workbook_with_a_password_says_how_to_save_it(tmp_path):
    data = (CASES / "written-as-xls.xls").read_bytes()
    at = data.index(WRITTEN_BY)
    size = len(data[at + 4 :][:112])
    filepass = struct.pack("<HHHHHH", 0x2F, 54, 1, 1, 1, 0).ljust(58, b"\x5a")
    rest = struct.pack("<HH", 0x5C, size - 58).ljust(size - 54, b" ")
    path = tmp_path / "旧台账.xls"
    path.write_bytes(data[:at] + filepass + rest + data[at + 4 + size :])
    with pytest.raises(Incomplete, match="密码"):
        read_book(path, OLD)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", "\t"])
def test_cells_as_text(tmp_path, encoding, sign):
    rows = [["序号", "存在问题", "整改措施", "整改时限"], ["1", "路灯不亮", '"1.换灯\n2.巡查"', "2024年8月"]]
    path = tmp_path / "旧台账.csv"
    path.write_bytes("\r\n".join(sign.join(row) for row in rows).encode(encoding))
    reading = read_workbook(read_book(path, OLD), path.name, {})
    (problem,) = as_json(reading, reading.read())["problems"]
    assert (problem["deadline"], len(problem["measures"])) == ("2024-08-31", 2)


def test_a_quotation_mark_that_only_opens_swallows_nothing(tmp_path):
    path = tmp_path / "旧台账.csv"
    path.write_text('序号\t问题\t时限\n1\t"三会一课少\t6月\n2\t会议多\t7月\n', encoding="utf-8")
    reading = read_workbook(read_book(path, OLD), path.name, {})
    assert [problem.title for problem in reading.read().problems] == ['"三会一课少', "会议多"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "另存为“Excel 工作簿（.xlsx）”"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "请先取消密码"),
        (b"%PDF-1.4", "PDF 文件"),
    ],
)
def test_what_cannot_be_read_says_how_to_save_it(tmp_path, content, words):
    path = tmp_path / "旧台账.et"
    path.write_bytes(content)
    with pytest.raises(Incomplete, match=words):
        read_book(path, OLD)


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.xlsx")))
def test_keys_are_the_contract(name):
    outline = understood(name)
    assert list(outline) == ["title", "year", "columns", "problems", "notices"]
    problem = outline["problems"][0]
    assert list(problem) == [
        *("row", "aspect", "title", "measures", "leaders", "units", "responsible"),
        *("kind", "deadline", "deadline_text", "progress", "finished"),
    ]
    assert list(problem["measures"][0]) == ["text", "deadline", "deadline_text"]

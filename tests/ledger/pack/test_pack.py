"""Names in the evidence pack, and the zip itself: every file once, and an index whose links work."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest

from rectify.ledger.pack.archive import INDEX, faults, plan_pack, stream_pack
from rectify.ledger.pack.evidence import Proof
from rectify.ledger.pack.names import Names, folder_name, link_to
from rectify.ledger.row_types import Stamp
from rectify.models.progress import PURGED

STAMP = Stamp(
    title="某县整改台账",
    unit="某县",
    as_of=dt.date(2025, 3, 20),
    exporter="某县整改办",
    exported_at=dt.datetime(2025, 3, 20, 2, tzinfo=dt.UTC),
    audit_head="0" * 64,
)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("学用结合不紧", "01 学用结合不紧"),
        ('a/b\\c:d*e?f"g<h>i|j#k%l', "01 abcdefghijkl"),
        ("很" * 200, "01 " + "很" * 30),
        (" 末尾有点. . ", "01 末尾有点"),
        ("", "01 问题"),
        ("///", "01 问题"),
        ("con", "01 问题con"),
        ("甲\u202e乙\u200b丙\ud800", "01 甲乙丙"),
        ("甲\n乙\t丙  丁", "01 甲乙丙 丁"),
        ("..", "01 问题"),
    ],
)
def test_folder_names_are_taken_by_every_system(title, name):
    assert folder_name(1, title) == name


def test_files_of_one_folder_have_each_a_name_of_its_own():
    names = Names()
    taken = [
        names.take(name) for name in ("单.pdf", "单.pdf", "单.PDF", "单（2）.pdf", "../../x.pdf", "nul.docx")
    ]
    assert taken == [
        "单.pdf",
        "单（2）.pdf",
        "单（3）.PDF",
        "单（2）（2）.pdf",
        "x.pdf",
        "文件nul.docx",
    ]
    long = Names().take("长" * 255 + ".pdf")
    assert long == "长" * 50 + ".pdf"
    assert Names().take("没有扩展名") == "没有扩展名"
    assert len({name.casefold() for name in taken}) == len(taken)


# -- the zip ------------------------------------------------------------------------------------------


def proof(folder: Path, name: str, content: bytes | None = b"content", **changes) -> Proof:
    path = folder / hashlib.sha256(name.encode()).hexdigest()
    if content is not None:
        path.write_bytes(content)
    values = {
        "name": name, "path": path, "size": len(content or b"x"), "proves": "措施 1",
        "at": "2025年3月1日 10:00",
        "sha256": hashlib.sha256(content or b"x").hexdigest(),
    }  # fmt: skip
    return Proof(**values | changes)


def packed(plan) -> zipfile.ZipFile:
    ledger = tempfile.TemporaryFile()  # noqa: SIM115 (the stream closes it)
    ledger.write(b"ledger")
    ledger.seek(0)
    data = b"".join(stream_pack(plan, ledger, "台账.xlsx", 6, STAMP))
    assert ledger.closed
    return zipfile.ZipFile(io.BytesIO(data))


@pytest.fixture
def plan(problem, tmp_path):
    proofs = {
        "2022-01": [
            proof(tmp_path, "验收 单.pdf", b"one"),
            proof(tmp_path, "照片&说明.jpg", b"two"),
            proof(tmp_path, PURGED),
        ],
        "2022-03": [
            proof(tmp_path, "丢了.pdf", None),
            proof(tmp_path, "改了.pdf", b"new", sha256="0" * 64),
            proof(tmp_path, "短了.pdf", b"new", size=99),
        ],
    }
    return plan_pack([problem(1, title="甲/问题"), problem(2), problem(3, title="丙问题")], proofs)


def test_ledger_folders_and_index_are_in_the_zip_with_names_windows_reads(plan):
    package = packed(plan)
    assert package.namelist() == [
        "台账.xlsx",
        "01 甲问题/验收 单.pdf",
        "01 甲问题/照片&说明.jpg",
        "03 丙问题/改了.pdf",
        "03 丙问题/短了.pdf",
        INDEX,
    ]
    assert all(member.flag_bits & 0x800 for member in package.infolist())
    assert package.testzip() is None
    assert package.read("01 甲问题/验收 单.pdf") == b"one"


def test_every_link_of_the_index_leads_to_a_file_with_the_digest_it_states(plan):
    package = packed(plan)
    sheet = openpyxl.load_workbook(io.BytesIO(package.read(INDEX))).worksheets[0]
    links = {}
    for row in sheet.iter_rows(min_row=4):
        if row[3].hyperlink:
            path = unquote(row[3].hyperlink.target)
            links[path] = (row[7].value, row[8].value)
            assert path.endswith(row[3].value)
    assert set(links) == set(package.namelist()) - {"台账.xlsx", INDEX}
    for path, (found, digest) in links.items():
        if found == "一致":
            assert hashlib.sha256(package.read(path)).hexdigest() == digest


def test_missing_altered_and_purged_files_are_said_not_stumbled_over(plan):
    sheet = openpyxl.load_workbook(io.BytesIO(packed(plan).read(INDEX))).worksheets[0]
    said = [(row[3].value, row[7].value) for row in sheet.iter_rows(min_row=4, max_row=10)]
    assert said == [
        ("验收 单.pdf", "一致"),
        ("照片&说明.jpg", "一致"),
        ("（内容已按程序清除）", "已按程序清除"),
        ("（没有佐证材料）", None),
        ("丢了.pdf", "文件缺失"),
        ("改了.pdf", "与记录不符"),
        ("短了.pdf", "一致"),
    ]
    assert "共 5 份材料，3 份与记录一致，2 份缺失或不符，1 份已按程序清除" in sheet["A2"].value
    assert PURGED not in "".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert [(one.proof.name, str(what)) for _, one, what in faults(plan)] == [
        ("丢了.pdf", "文件缺失"),
        ("改了.pdf", "与记录不符"),
        ("短了.pdf", "与记录不符"),
    ]


def test_a_pack_without_evidence_still_holds_ledger_and_index(problem):
    package = packed(plan_pack([problem(1)], {}))
    assert package.namelist() == ["台账.xlsx", INDEX]
    assert packed(plan_pack([], {})).namelist() == ["台账.xlsx", INDEX]


def test_a_link_needs_nothing_encoded_but_spaces():
    assert link_to("01 甲/乙 丙.pdf") == "01%20甲/乙%20丙.pdf"

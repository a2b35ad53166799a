"""报送包: everything in one press, of one day, under one code that verify accepts; refused or made whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document

from rectify import clock
from rectify.models import IssuedLedger, LedgerExport, Problem
from rectify.operations import supervision
from rectify.operations.closing import decisions
from tests.builders import Cast, applied, cast

PACK, VERIFY = "/documents/submission/", "/ledger/verify/"


@pytest.fixture
def made(db, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")
    return cast()


def open_as(made: Cast, role: str = "office") -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def press(made: Cast, **data: object):
    return open_as(made).post(PACK, {"report": made.report.pk, "columns": ["A", "E"]} | data)


def sheet_of(data: bytes, name: str = "") -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[name] if name else book.active
    return [[str(value or "") for value in row] for row in sheet.iter_rows(min_row=4, values_only=True)]


def test_one_press_packs_what_is_handed_in_under_one_code(made: Cast) -> None:
    application = applied(made)
    decisions.decide(application, step="confirm", by=made["unit_head"])
    given = {"level": "normal", "reason": "请说明", "reply_by": clock.today() + dt.timedelta(days=5)}
    order = supervision.issue([made.problem], by=made["office"], units=[made.bureau], **given)
    response = press(made, reporter="张三")
    package = zipfile.ZipFile(io.BytesIO(b"".join(response)))
    issued = IssuedLedger.objects.get()
    papers = [
        "01 整改台账.xlsx",
        "02 整改情况报告.docx",
        "03 销号单.docx",
        "04 督办单.docx",
        "05 尚缺签字清单.xlsx",
    ]
    assert package.namelist()[:5] == papers and package.namelist()[-1] == "00 报送目录.xlsx"
    evidence = package.namelist()[5:-1]
    assert evidence and all(name.startswith("佐证材料/01 学用结合不紧/") for name in evidence)

    index = sheet_of(package.read("00 报送目录.xlsx"))
    digests = {row[3]: row[8] for row in index if row[8]}
    for name in (*papers, *evidence):
        digest = hashlib.sha256(package.read(name)).hexdigest()
        assert digests[name.rpartition("/")[2]] == digest, name
    assert [row[2] for row in index if row[2]] == [f"1-{n}" for n in range(1, len(evidence) + 1)]
    assert any(issued.code in row[0] for row in index)
    ledger = openpyxl.load_workbook(io.BytesIO(package.read(papers[0])))
    assert ledger.sheetnames == ["整改台账", "全部内容", "销号清单"]
    texts = "\n".join(str(cell.value) for row in ledger.active.iter_rows() for cell in row)
    assert f"台账编码：{issued.code}" in texts and f"{len(evidence)} 份" in texts
    report = "\n".join(
        paragraph.text for paragraph in Document(io.BytesIO(package.read(papers[1]))).paragraphs
    )
    assert "一、总体情况" in report

    missing = sheet_of(package.read(papers[4]))
    said = {(row[1], row[2], row[4]): row[5] for row in missing}
    code = made.problem.code
    assert said["整改台账", "", "填报人：张三"] == "表尾签字"
    assert "纸面未签字" in said["销号单", code, f"责任单位负责人意见：{made['unit_head'].label}"]
    assert said["销号单", code, "整改办审核意见"] == said["销号单", code, "责任领导验收意见"] == "尚未办理"
    assert said["督办单", order.code, "签收：乙县丙局"] == "尚未签收"
    assert not any(row[1] == "销号单" and row[2] != code for row in missing), "nobody has applied for them"

    client = open_as(made, "inspector")
    assert client.post(VERIFY, {"code": issued.code}).context["verdict"].outcome == "found"
    for name, outcome in zip(papers, ("identical", *["plain"] * 4), strict=True):
        sent = SimpleUploadedFile("收到的", package.read(name))
        verdict = open_as(made).post(VERIFY, {"code": "", "file": sent}).context["verdict"]
        assert verdict.outcome == outcome, name
    words = LedgerExport.objects.exclude(pk=issued.export_id).values_list("selection", flat=True)
    assert set(words) == {f"报送包 {issued.code}"}


def test_a_second_click_gives_no_second_code(made: Cast) -> None:
    key = "5f0c8f3e-0000-4000-8000-000000000001"
    b"".join(press(made, idempotency_key=key))
    again = open_as(made).post(
        PACK, {"report": made.report.pk, "columns": ["A", "E"], "idempotency_key": key}, follow=True
    )
    assert "刚才已经生成" in again.content.decode() and IssuedLedger.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"as_of": "2001-01-01"}, "建立于"),
        ({"as_of": "昨天"}, "无法识别"),
        ({"as_of": "2999-01-01"}, "还没有到"),
        ({"columns": "Z"}, "没有表式"),
        ({"report": "甲"}, "无法识别"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_filed(made: Cast, data: dict[str, str], words: str) -> None:
    response = press(made, **data)
    assert response.status_code == 400 and words in response.content.decode()
    assert not LedgerExport.objects.exists() and not IssuedLedger.objects.exists()


def test_a_ledger_with_nothing_in_it_hands_nothing_in(made: Cast) -> None:
    Problem.objects.all().update(withdrawn=True, rank=9)
    response = press(made)
    assert response.status_code == 400 and "还没有整改事项" in response.content.decode()
    assert not IssuedLedger.objects.exists()
    assert open_as(made, "clerk").post(PACK, {"report": made.report.pk}).status_code == 403

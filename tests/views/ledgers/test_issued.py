"""Filed ledgers on the pages: file one, list it, download it, verify it by code and by file."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.audit.verify import read_chains
from rectify.ledger.archive.code import new_code, read_code
from rectify.models import AuditEntry, IssuedLedger, LedgerExport, Problem
from rectify.operations import problems, purging
from tests.builders import Cast, account, another_ledger, assign, cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

FILE, LIST, VERIFY = "/ledger/issued/file/", "/ledger/issued/", "/ledger/verify/"
START = dt.datetime(2025, 3, 1, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2025, 3, 20, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's own transaction is not seen from the connection that reads snapshots."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


def history() -> Cast:
    with clock.pretend(START):
        return cast()


WORLD = history


def open_as(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def issue(made: Cast, role: str = "office", **data: str) -> IssuedLedger:
    with clock.pretend(LATER):
        response = open_as(made, role).post(FILE, {"report": str(made.report.pk)} | data)
    assert response.status_code == 302, response.content.decode()
    return IssuedLedger.objects.latest("id")


def check(made: Cast, role: str = "office", code: str = "", data: bytes | None = None):
    sent: dict[str, object] = {"code": code}
    if data is not None:
        sent["file"] = SimpleUploadedFile("收到的台账.xlsx", data)
    with clock.pretend(LATER):
        return open_as(made, role).post(VERIFY, sent)


def only_first(data: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in book.worksheets[1:]:
        book.remove(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def edited(data: bytes, **cells: object) -> bytes:
    """Saved again by another program, with these cells changed."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for reference, value in cells.items():
        book.worksheets[0][reference] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# -- filing -------------------------------------------------------------------------------------------


def test_filing_keeps_rows_and_file_and_prints_the_code(made):
    issued = issue(made)
    data = issued.path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == issued.export.sha256
    assert [row["title"] for row in issued.items] == ["学用结合不紧", "督办不够经常", "调研不深"]
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    foot = [str(cell.value) for cell in sheet["A"] if cell.value][-1]
    assert f"台账编码：{issued.code}" in foot and f"审计链头：{issued.export.head}" in foot
    assert issued.code in sheet.oddFooter.right.text
    assert read_code(issued.code) == issued.code
    assert not [fault for chain in read_chains("default") for fault in chain.breaks]


def test_filter_and_day_are_those_of_the_export(made):
    issued = issue(made, kind="standing", as_of="2025-03-10")
    assert [row["title"] for row in issued.items] == ["调研不深"]
    assert (issued.export.as_of, issued.export.selection) == (
        dt.date(2025, 3, 10),
        "仅含筛选所得的 1/3 项；整改类型：长期坚持（按导出当天的情况筛选）",
    )


def test_the_page_offers_it_and_a_double_click_files_once(made):
    with clock.pretend(LATER):
        page = open_as(made, "office").get("/ledger/").content.decode()
    token = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
    assert issue(made, idempotency_key=token) == issue(made, idempotency_key=token)
    assert LedgerExport.objects.count() == 1


def test_forms_columns_title_and_foot_are_those_the_page_shows(made):
    asked = {"columns": ["A", "D"], "column": ["A.leader"], "title": "乙县报送台账", "reporter": "张三"}
    with clock.pretend(LATER):
        page = open_as(made, "office").get("/ledger/", asked)
    sent: dict[str, list[str]] = {}
    for name, value in page.context["to_file"]:
        sent.setdefault(name, []).append(value)
    with clock.pretend(LATER):
        open_as(made, "office").post(FILE, {"report": made.report.pk} | sent)
    issued = IssuedLedger.objects.get()
    book = openpyxl.load_workbook(io.BytesIO(issued.path.read_bytes()))
    assert book.sheetnames == ["整改台账", "责任清单"]
    headings = [cell.value for cell in book["整改台账"][3]]
    assert headings == ["序号", "存在问题", "责任领导\n责任人"]
    assert book["整改台账"]["A1"].value == "乙县报送台账" and issued.export.columns == "A+D"
    for sheet in book.worksheets:
        text = "".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
        assert f"台账编码：{issued.code}" in text and "填报人：张三" in text
    book["责任清单"]["C4"] = "另一位领导"
    out = io.BytesIO()
    book.save(out)
    (one,) = check(made, data=out.getvalue()).context["verdict"].altered.first
    assert (one.where, one.heading, one.found) == ("“责任清单”C4", "责任领导", "另一位领导")


@pytest.mark.parametrize(
    "data", [{"as_of": "2025-03-21"}, {"as_of": "昨天"}, {"columns": "Z"}, {"light": "red"}, {"report": "x"}]
)
def test_wrong_input_files_nothing(made, data):
    with clock.pretend(LATER):
        response = open_as(made, "office").post(FILE, data)
    assert response.status_code == 400
    assert not IssuedLedger.objects.exists() and not LedgerExport.objects.exists()


def test_a_foreign_ledger_cannot_be_filed_and_a_get_files_nothing(made):
    foreign = another_ledger(made)
    client = open_as(made, "office")
    assert client.post(FILE, {"report": foreign.pk}).status_code == 404
    assert client.get(FILE).status_code == 405
    assert Client(enforce_csrf_checks=True).post(FILE).status_code == 403
    assert not IssuedLedger.objects.exists()


# -- list and download --------------------------------------------------------------------------------


def test_the_list_and_the_file_go_to_whom_they_concern(made):
    issued = issue(made)
    url = f"/ledger/issued/{issued.pk}/file/"
    for role, may in {"office": 200, "inspector": 200, "clerk": 403, "leader": 403, "auditor": 403}.items():
        client = open_as(made, role)
        assert issued.code in client.get(LIST).content.decode(), role
        assert client.get(url).status_code == may, role
    for role, code in {"stranger": 404, "sysadmin": 403}.items():
        assert open_as(made, role).get(url).status_code == code, role
    assert issued.code not in open_as(made, "stranger").get(LIST).content.decode()
    assert open_as(made, "sysadmin").get(LIST).status_code == 403


def test_the_download_is_the_very_file_and_recorded(made):
    issued = issue(made)
    response = open_as(made, "inspector").get(f"/ledger/issued/{issued.pk}/file/")
    assert hashlib.sha256(b"".join(response)).hexdigest() == issued.export.sha256
    assert "no-store" in response["Cache-Control"]
    assert AuditEntry.objects.latest("id").details["handed_out"]["code"] == issued.code


def test_a_code_finds_one_in_the_list(made):
    one, two = issue(made), issue(made)
    text = open_as(made, "office").get(LIST, {"code": one.code.lower().replace("-", "")}).content.decode()
    assert one.code in text and two.code not in text
    assert "没有这个编码" in open_as(made, "office").get(LIST, {"code": "<script>"}).content.decode()


def test_a_lost_file_is_said(made):
    issued = issue(made)
    issued.path.unlink()
    response = open_as(made, "office").get(f"/ledger/issued/{issued.pk}/file/")
    assert response.status_code == 404 and "找不到这份存档" in response.content.decode()
    text = check(made, data=b"PK\x03\x04").content.decode()
    assert "没有比对" in text


# -- verifying ----------------------------------------------------------------------------------------


def test_the_very_file_is_recognised_for_everybody_who_may_know(made):
    issued = issue(made)
    data = issued.path.read_bytes()
    for role in ("office", "inspector", "leader", "clerk", "auditor"):
        text = check(made, role, data=data).content.decode()
        assert "是签发的原件" in text and issued.code in text and "2025年3月20日" in text, role
        assert made["office"].label in text
    assert "无法判断" not in check(made, "office", data=data).content.decode()
    outside = check(made, "stranger", data=data).content.decode()
    assert "没有查到" in outside and "签发情况" not in outside


def test_the_code_alone_says_when_by_whom_and_as_of_which_day(made):
    issued = issue(made)
    with clock.pretend(LATER):
        text = open_as(made, "inspector").get(VERIFY, {"code": issued.code.lower()}).content.decode()
    assert "编码属实" in text and issued.export.sha256 in text and issued.export.head in text


@pytest.mark.parametrize(
    ("code", "words"), [("2222-2223", "编码有误"), ("<b>", "编码有误"), ("\x00", "编码有误")]
)
def test_a_forged_code_is_malformed(made, code, words):
    issue(made)
    text = check(made, code=code).content.decode()
    assert (words in text or "请输入台账编码" in text) and "<b>" not in text


def test_a_well_formed_code_of_nothing_or_of_a_foreign_ledger_is_not_found(made):
    issued = issue(made)
    assert "没有查到" in check(made, code=new_code()).content.decode()
    assert "没有查到" in check(made, "stranger", code=issued.code).content.decode()


def test_the_same_rows_saved_by_another_program_are_the_same(made):
    issued = issue(made)
    text = check(made, data=edited(issued.path.read_bytes())).content.decode()
    assert "内容一致" in text and "被改动的地方" not in text


def test_altered_cells_are_listed_with_what_was_issued(made):
    issued = issue(made)
    data = edited(issued.path.read_bytes(), B5="改过的问题", E5="另一位领导")
    response = check(made, data=data)
    verdict = response.context["verdict"]
    assert verdict.outcome == "altered"
    assert [(one.where, one.heading, one.issued, one.found) for one in verdict.altered.first] == [
        ("“整改台账”B5", "存在问题", "学用结合不紧", "改过的问题"),
        ("“整改台账”E5", "责任领导\n责任人", "常务副县长\n乙县丙局经办人", "另一位领导"),
    ]
    assert "学用结合不紧" in response.content.decode()


@pytest.mark.parametrize("role", ["auditor", "clerk"])
def test_who_may_not_see_every_problem_learns_that_it_was_altered_and_no_more(made, role):
    issued = issue(made)
    data = edited(issued.path.read_bytes(), B6="改过的问题")
    text = re.sub(r"\w{32,}", "", check(made, role, data=data).content.decode())  # no letters of a token
    assert "内容被改动" in text and "B6" not in text and "处不同" not in text
    assert "督办不够经常" not in text and "签发以来的变化" not in text


def test_what_has_changed_since_is_told(made):
    issued = issue(made)
    with clock.pretend(LATER + dt.timedelta(hours=1)):
        assign(made, made.problem, responsible="新的责任人")
        two = Problem.objects.get(report=made.report, number=2)
        problems.withdraw(two, by=made["office"], seen=two.version, reason="重复")
        problems.add(made.report, by=made["office"], title="新增的问题")
    since = check(made, code=issued.code).context["verdict"].since
    assert [(line.kind, line.title) for line in since.lines] == [
        ("changed", "学用结合不紧"),
        ("added", "新增的问题"),
        ("removed", "督办不够经常"),
    ]
    assert since.unchanged == 1
    with clock.pretend(LATER):
        page = open_as(made, "office").get("/ledger/compare/", {"issued": issued.pk})
    assert page.context["found"].lines == since.lines
    assert open_as(made, "clerk").get("/ledger/compare/", {"issued": issued.pk}).status_code == 403


def test_a_filtered_ledger_is_compared_with_its_own_problems_only(made):
    issued = issue(made, kind="standing")
    problems.add(made.report, by=made["office"], title="新增的问题")
    assert check(made, code=issued.code).context["verdict"].since.lines == []


def test_an_export_that_was_not_filed_is_still_recognised(made):
    with clock.pretend(LATER):
        data = b"".join(open_as(made, "office").get("/ledger/export/"))
    assert "是系统导出的原件" in check(made, data=data).content.decode()
    assert "无法判断" in check(made, data=edited(data)).content.decode()


def test_the_typed_code_stands_in_for_one_that_was_cut_off(made):
    issued = issue(made)
    last = openpyxl.load_workbook(io.BytesIO(issued.path.read_bytes())).worksheets[0].max_row
    data = edited(issued.path.read_bytes(), **{f"A{last}": "没有编码"})
    assert check(made, data=data).context["verdict"].outcome == "altered", "it stands on both sheets"
    data = only_first(data)
    assert "无法判断" in check(made, data=data).content.decode()
    verdict = check(made, code=issued.code, data=data).context["verdict"]
    assert (verdict.outcome, verdict.altered.count) == ("altered", 2)


def test_a_purged_ledger_tells_nothing_but_its_facts(made):
    with clock.pretend(LATER):
        issued = issue(made)
        data = issued.path.read_bytes()
        purge = purging.request(made.problem, by=made["office"], reason="误传")
        purging.confirm(purge, by=account("second", made.county, "office"))
    assert "是签发的原件" in check(made, data=data).content.decode()
    text = check(made, data=edited(data)).content.decode()
    assert "存档内容已清除" in text and "督办不够经常" not in text
    client = open_as(made, "office")
    assert client.get(f"/ledger/issued/{issued.pk}/file/").status_code == 403
    assert client.get("/ledger/compare/", {"issued": issued.pk}).status_code == 400


@pytest.mark.parametrize("data", [b"a,b", b"PK\x03\x04" + b"\0" * 99, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_file_that_is_no_workbook_is_said_in_words(made, data):
    issue(made)
    response = check(made, data=data)
    assert response.status_code == 200 and "没有比对" in response.content.decode()


def test_nothing_given_is_asked_for(made):
    assert check(made).status_code == 422
    assert check(made, data=b"").status_code == 422
    assert check(made, code="长" * 41).status_code == 422
    assert open_as(made, "sysadmin").get(VERIFY).status_code == 403


def queries(made: Cast, url: str) -> int:
    client = open_as(made, "office")
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_queries_of_the_list_do_not_grow(made):
    issue(made)
    queries(made, LIST)
    before = queries(made, LIST)
    for _ in range(3):
        issue(made)
    assert queries(made, LIST) == before

"""Official ledgers come from the office; the rest says how much it holds; who once held it keeps nothing."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rectify.models import AuditEntry, IssuedLedger, LedgerExport, Problem
from rectify.operations import problems
from tests import builders
from tests.scope.counties import Counties, counties

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = counties

FILE, VERIFY, EXPORT = "/ledger/issued/file/", "/ledger/verify/", "/ledger/export/"


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


def client_of(made: Counties, who: str) -> Client:
    client = Client()
    client.force_login(made[who])
    return client


def issued(made: Counties, **asked: str) -> IssuedLedger:
    sent = client_of(made, "office").post(FILE, {"report": made.report.pk} | asked)
    assert sent.status_code == 302
    return IssuedLedger.objects.latest("id")


def checked(made: Counties, who: str, data: bytes, code: str = ""):
    file = SimpleUploadedFile("台账.xlsx", data)
    return client_of(made, who).post(VERIFY, {"code": code, "file": file})


def altered(issued: IssuedLedger, cell: str = "B6", value: str = "改过的") -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(issued.path.read_bytes()))
    book.worksheets[0][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def texts(data: bytes) -> str:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return "\n".join(str(cell.value) for row in sheet for cell in row if cell.value)


@pytest.mark.parametrize("who", ["clerk", "unit_head", "leader", "inspector"])
def test_only_the_office_issues(made: Counties, who: str) -> None:
    client = client_of(made, who)
    assert client.post(FILE, {"report": made.report.pk}).status_code == 403
    assert "存档并签发" not in client.get("/ledger/").content.decode()
    assert not IssuedLedger.objects.exists()
    assert "存档并签发" in client_of(made, "office").get("/ledger/").content.decode()


def test_an_inspector_takes_the_issued_file_unchanged(made: Counties) -> None:
    one = issued(made)
    taken = client_of(made, "inspector").get(f"/ledger/issued/{one.pk}/file/")
    assert b"".join(taken.streaming_content) == one.path.read_bytes()


def test_an_export_of_a_part_says_so_in_title_foot_and_verdict(made: Counties) -> None:
    sent = client_of(made, "clerk").get(EXPORT, {"report": made.report.pk})
    data = b"".join(sent.streaming_content)
    words = "仅含乙县丙局负责的 1/3 项"
    title, rest = texts(data).split("\n", 1)
    assert title.endswith(f"（{words}）") and f"筛选：{words}" in rest
    assert LedgerExport.objects.get().selection == words
    assert words in checked(made, "clerk", data).content.decode()


def test_a_whole_ledger_says_nothing_of_a_scope_and_a_part_issued_is_compared_within_it(
    made: Counties,
) -> None:
    whole = issued(made)
    assert "仅含" not in texts(whole.path.read_bytes())
    part = issued(made, kind="standing")
    assert "仅含筛选所得的 1/3 项" in part.title and "仅含筛选所得的 1/3 项" in part.export.selection
    page = checked(made, "office", part.path.read_bytes())
    assert "仅含筛选所得的 1/3 项" in page.content.decode()
    assert page.context["verdict"].since.count("added") == 0


@pytest.mark.ci
def test_who_does_not_see_all_learns_only_whether_it_was_altered_and_not_too_often(made: Counties) -> None:
    one = issued(made)
    page = checked(made, "clerk", altered(one))
    verdict = page.context["verdict"]
    assert verdict.outcome == "altered" and not verdict.altered.count and not verdict.altered.first
    shown = re.sub(r"<[^>]+>", " ", page.content.decode())  # a token in an attribute may read B6
    assert "B6" not in shown and "1 处不同" not in shown
    assert AuditEntry.objects.filter(act="verify_ledger", actor=made["clerk"]).count() == 1
    for _ in range(9):
        assert checked(made, "clerk", altered(one)).status_code == 200
    assert checked(made, "clerk", altered(one)).status_code == 403
    office = checked(made, "office", altered(one)).context["verdict"]
    assert office.altered.count == 1 and office.altered.first[0].where == "“整改台账”B6"


def test_a_former_holder_keeps_nothing_of_what_was_issued(made: Counties) -> None:
    one = issued(made)
    for number in (2, 3):
        builders.assign(made.home, Problem.objects.get(report=made.report, number=number), deadline=None)
    clerk = client_of(made, "clerk")
    assert clerk.get("/ledger/compare/", {"issued": one.pk}).status_code == 200
    for item in Problem.objects.filter(report=made.report):
        problems.assign(
            item, by=made["office"], seen=item.version, lead_unit=made.other_bureau, reason="职责调整"
        )
    assert "学用结合不紧" not in clerk.get("/ledger/compare/", {"issued": one.pk}).content.decode()
    assert clerk.get(f"/ledger/issued/{one.pk}/file/").status_code == 404
    assert checked(made, "clerk", altered(one), one.code).context["verdict"].outcome == "unknown"
    IssuedLedger.objects.get()
    LedgerExport.objects.update(by=made["clerk"])
    assert "学用结合不紧" not in clerk.get("/ledger/compare/", {"issued": one.pk}).content.decode()
    assert clerk.get(f"/ledger/issued/{one.pk}/file/").status_code == 404


@pytest.mark.parametrize("page", ["/reports/{}/", "/reports/{}/matrix/"])
def test_who_holds_one_item_reads_the_analysis_of_that_item(made: Counties, page: str) -> None:
    address = page.format(made.report.pk)
    whole = client_of(made, "inspector").get(address).content.decode()
    assert "理论学习不系统" in whole and "完善学习制度" in whole
    own = client_of(made, "clerk").get(address).content.decode()
    assert "理论学习不系统" in own and "完善学习制度" in own and "抓好整改" in own
    assert "督办不够经常" not in own
    builders.assign(made.home, Problem.objects.get(number=2, report=made.report), lead_unit=made.other_bureau)
    other = client_of(made, "stranger").get(address).content.decode()
    assert "理论学习不系统" not in other and "完善学习制度" not in other and "抓好整改" in other


def test_the_page_of_pending_ties_counts_every_aspect(made: Counties) -> None:
    words = "1 个查摆方面"
    made.report.problems.get(number=1).direction_links.update(
        status="rejected", decided_by=made["office"].pk, decided_at="2026-01-01T00:00:00Z"
    )
    client = client_of(made, "office")
    for address in (f"/reports/{made.report.pk}/", f"/reports/{made.report.pk}/?pending=1"):
        assert words in client.get(address).content.decode().replace("2 个", "1 个")


def test_what_moved_away_is_never_called_withdrawn(made: Counties) -> None:
    """One of the clerk's two items goes to another unit: verify and compare say 不由您负责."""
    builders.assign(made.home, Problem.objects.get(report=made.report, number=2), deadline=None)
    one = issued(made)
    item = Problem.objects.get(report=made.report, number=1)
    problems.assign(
        item, by=made["office"], seen=item.version, lead_unit=made.other_bureau, reason="职责调整"
    )
    clerk = client_of(made, "clerk")
    pages = [
        checked(made, "clerk", one.path.read_bytes()),
        checked(made, "clerk", altered(one), one.code),
        clerk.get("/ledger/verify/", {"code": one.code}),
        clerk.get("/ledger/compare/", {"issued": one.pk}),
        clerk.get("/ledger/compare/", {"report": made.report.pk}),
    ]
    for page in pages:
        assert "撤回" not in page.content.decode()
    for page in (pages[1], pages[3]):
        assert "不由您负责" in page.content.decode()

"""The ledger's page and download: who gets what, what is stamped and recorded, wrong input."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from urllib.parse import quote

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.audit.chain import head_of
from rectify.models import AuditEntry, LedgerExport, LedgerSettings, Problem
from rectify.operations import measures, problems
from rectify.xlsx.cells import CELL_LIMIT
from tests.builders import Cast, another_ledger, assign, cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]

EXPORT = "/ledger/export/"
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


def get(made: Cast, role: str, url: str = EXPORT):
    """The response, its file read."""
    with clock.pretend(LATER):
        response = open_as(made, role).get(url)
        response.data = b"".join(response) if response.streaming else response.content
        return response


def sheet_of(response):
    assert response.status_code == 200, response.data.decode()
    return openpyxl.load_workbook(io.BytesIO(response.data)).worksheets[0]


def titles(response) -> list[str]:
    sheet = sheet_of(response)
    rows = sheet.iter_rows(min_row=4, max_col=3, values_only=True)
    return [title for number, title, _ in rows if isinstance(number, int)]


def texts(response) -> str:
    return "\n".join(str(v) for row in sheet_of(response).iter_rows(values_only=True) for v in row if v)


# -- who gets what ------------------------------------------------------------------------------------


def test_everybody_gets_what_they_may_see(made):
    assert titles(get(made, "office")) == ["学用结合不紧", "督办不够经常", "调研不深"]
    assert len(titles(get(made, "inspector"))) == 3
    for role in ("leader", "unit_head", "clerk"):
        assert titles(get(made, role)) == ["学用结合不紧"]


@pytest.mark.parametrize("url", ["/ledger/", EXPORT])
@pytest.mark.parametrize("role", ["sysadmin", "auditor"])
def test_roles_without_business_get_no_ledger(made, role, url):
    assert get(made, role, url).status_code == 403
    assert not LedgerExport.objects.exists()


def test_who_holds_nothing_has_nothing_to_export(made):
    assert get(made, "stranger").status_code == 404
    page = get(made, "stranger", "/ledger/")
    assert page.status_code == 200
    assert "还没有可以导出的台账" in page.content.decode()


@pytest.mark.parametrize("url", ["/ledger/", EXPORT])
def test_a_foreign_ledger_is_not_there(made, url):
    foreign = another_ledger(made)
    for report in (foreign.pk, 999_999):
        assert get(made, "office", f"{url}?report={report}").status_code == 404
    assert not LedgerExport.objects.exists()


def test_who_is_signed_out_is_asked_to_sign_in(made):
    for url in ("/ledger/", EXPORT):
        response = Client().get(url)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("method", ["head", "post", "put", "delete"])
def test_only_a_get_exports(made, method):
    assert getattr(open_as(made, "office"), method)(EXPORT).status_code == 405
    assert not LedgerExport.objects.exists()


def test_the_page_knows_of_the_file_that_has_left(made):
    client = open_as(made, "office")
    client.get(EXPORT)
    assert client.cookies["file-left"].value == "1"
    assert "已导出“" in client.get("/problems/").content.decode()
    assert "已导出“" not in client.get("/problems/").content.decode()


# -- what is in the file ------------------------------------------------------------------------------


def test_the_screens_filter_is_the_files(made):
    assert titles(get(made, "office", f"{EXPORT}?unit={made.bureau.pk}&light=normal")) == ["学用结合不紧"]
    response = get(made, "office", f"{EXPORT}?kind=standing&q=调研")
    assert titles(response) == ["调研不深"]
    assert "筛选：仅含筛选所得的 1/3 项；整改类型：长期坚持；搜索：“调研”" in texts(response)
    assert "筛选：全部" in texts(get(made, "office"))


def test_the_newest_ledger_is_the_default_and_one_file_holds_one(made):
    with clock.pretend(START):
        other = another_ledger(made)
    text = texts(get(made, "inspector"))
    assert "填报单位（盖章）：戊县" in text
    assert titles(get(made, "inspector", f"{EXPORT}?unit={made.bureau.pk}")) == ["学用结合不紧"]
    assert len(titles(get(made, "inspector", f"{EXPORT}?report={other.pk}"))) == 3


def test_stamp_name_and_record(made):
    head = head_of(made.report)
    response = get(made, "office")
    content, text = response.data, texts(response)
    name = "乙县2025年度整改台账（截至2025年3月20日）.xlsx"
    assert response["Content-Disposition"] == f"attachment; filename*=utf-8''{quote(name)}"
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    assert response["Content-Length"] == str(len(content))
    assert "no-store" in response["Cache-Control"]
    for part in (
        "填报单位（盖章）：乙县",
        "截至日期：2025年3月20日",
        f"审计链头：{head}",
        made["office"].label,
    ):
        assert part in text
    export = LedgerExport.objects.get()
    assert (export.report, export.by, export.columns, export.problems) == (
        made.report,
        made["office"],
        "A",
        3,
    )
    assert (export.as_of, export.selection, export.head) == (dt.date(2025, 3, 20), "", head)
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert AuditEntry.objects.filter(act="export", target_id=export.pk).count() == 1


def test_settings_choose_title_phone_and_fonts(made):
    LedgerSettings.objects.filter(report=made.report).update(
        ledger_title="乙县“回头看”/整改台账",
        contact_phone="0571-0000000",
        body_font="宋体",
        header_font="楷体",
    )
    response = get(made, "office")
    assert quote("乙县“回头看”整改台账（截至") in response["Content-Disposition"]
    sheet = sheet_of(response)
    assert sheet["A1"].value == "乙县“回头看”/整改台账"
    assert (sheet["A1"].font.name, sheet["B5"].font.name) == ("楷体", "宋体")
    assert "联系电话：0571-0000000" in texts(response)


def test_a_past_day_is_exported_as_it_was(made):
    with clock.pretend(dt.datetime(2025, 3, 10, 2, tzinfo=dt.UTC)):
        problem = made.problem
        problems.edit(problem, by=made["office"], seen=problem.version, reason="改", title="后来的标题")
        other = Problem.objects.get(report=made.report, number=2)
        problems.withdraw(other, by=made["office"], seen=other.version, reason="重复")
    before = get(made, "office", f"{EXPORT}?as_of=2025-03-09")
    assert titles(before) == ["学用结合不紧", "督办不够经常", "调研不深"]
    assert "截至日期：2025年3月9日" in texts(before)
    assert titles(get(made, "office", f"{EXPORT}?as_of=2025-03-20")) == ["后来的标题", "调研不深"]
    filtered = get(made, "office", f"{EXPORT}?as_of=2025-03-09&status=not_started")
    assert "（按导出当天的情况筛选）" in texts(filtered)
    assert LedgerExport.objects.filter(as_of=dt.date(2025, 3, 9)).count() == 2


def test_what_looks_like_a_formula_stays_text(made):
    evil = '=HYPERLINK("http://x","点")'
    with clock.pretend(START):
        problems.edit(
            made.problem,
            by=made["office"],
            seen=made.problem.version,
            reason="改",
            title=evil,
            goal="@SUM(A1)",
        )
    sheet = sheet_of(get(made, "office"))
    cells = {cell.value: cell.data_type for cell in sheet[5]}
    assert cells[evil] == cells["@SUM(A1)"] == "s"


def test_an_empty_selection_is_still_a_ledger(made):
    response = get(made, "office", f"{EXPORT}?q=没有这样的问题")
    assert titles(response) == []
    assert "没有符合条件的整改事项" in texts(response)
    assert LedgerExport.objects.get().problems == 0


# -- wrong input --------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/ledger/", EXPORT])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("as_of=2025-02-30", "无法识别"),
        ("as_of=昨天", "无法识别"),
        ("as_of=20250310", "无法识别"),
        ("as_of=２０２５-03-10", "无法识别"),
        ("as_of=%00", "无法识别"),
        ("as_of=2025-03-21", "还没有到"),
        ("as_of=9999-12-31", "还没有到"),
        ("as_of=2025-02-28", "建立于2025年3月1日"),
        ("as_of=0001-01-01", "建立于"),
        ("report=abc", "无法识别"),
        ("report=-1", "无法识别"),
        ("report=９", "无法识别"),
        ("report=" + "9" * 30, "无法识别"),
        ("columns=Z", "没有表式"),
        ("light=red", "时限"),
        ("leader=1' OR 1=1", "责任领导"),
        ("status=gone&kind=x", "状态"),
        ("q=%00", "搜索"),
    ],
)
def test_wrong_input_is_refused_in_chinese_and_exports_nothing(made, url, query, words):
    response = get(made, "office", f"{url}?{query}")
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not LedgerExport.objects.exists()


def test_a_text_too_long_for_a_cell_is_refused_and_not_recorded(made, monkeypatch):
    with clock.pretend(START):
        problems.edit(
            made.problem,
            by=made["office"],
            seen=made.problem.version,
            reason="改",
            goal="责" * (CELL_LIMIT + 1),
        )
    response = get(made, "office")
    assert response.status_code == 422
    assert "整改目标" in response.content.decode()
    assert not LedgerExport.objects.exists()


# -- the page -----------------------------------------------------------------------------------------


def test_the_page_says_what_the_file_will_hold(made):
    with clock.pretend(START):
        measures.add(made.problem, by=made["office"], text="甲")
        dropped = measures.add(made.problem, by=made["office"], text="乙")
        measures.drop(dropped, by=made["office"], seen=dropped.version, reason="合并")
    text = get(made, "office", "/ledger/").content.decode()
    assert "将导出 3 项问题、1 条措施" in text
    assert "乙县2025年度整改台账（截至2025年3月20日）.xlsx" in text
    assert head_of(made.report) in text
    assert "整改进展 · 完成情况" in text
    filtered = get(made, "office", "/ledger/?kind=standing").content.decode()
    assert "将导出 1 项问题、0 条措施" in filtered
    assert "筛选：仅含筛选所得的 1/3 项；整改类型：长期坚持" in filtered
    assert '<input type="hidden" name="kind" value="standing">' in filtered


def test_the_pages_form_downloads_what_it_announced(made):
    get(made, "office", "/ledger/?kind=standing&light=undated&light=standing")
    page = get(made, "office", "/ledger/?kind=standing&light=undated&light=standing")
    query = "&".join(f"{name}={value}" for name, value in page.context["kept"])
    assert len(titles(get(made, "office", f"{EXPORT}?{query}"))) == page.context["problem_count"] == 1


def test_exports_are_listed_for_their_maker_and_the_office(made):
    get(made, "clerk")
    export = LedgerExport.objects.get()
    for role in ("clerk", "office", "inspector"):
        text = get(made, role, "/ledger/").content.decode()
        assert export.sha256 in text and export.head in text
    for role in ("leader", "unit_head"):
        assert export.sha256 not in get(made, role, "/ledger/").content.decode()


def test_several_ledgers_can_be_chosen_from(made):
    with clock.pretend(START):
        other = another_ledger(made)
    text = get(made, "inspector", f"/ledger/?report={made.report.pk}").content.decode()
    assert f'<option value="{other.pk}">' in text
    assert f'<option value="{made.report.pk}" selected>' in text


def queries(made: Cast, url: str) -> int:
    client = open_as(made, "office")
    with CaptureQueriesContext(connection) as caught:
        response = client.get(url)
        assert response.status_code == 200
        response.getvalue() if response.streaming else response.content
    return len(caught)


@pytest.mark.parametrize("url", ["/ledger/", EXPORT])
def test_queries_do_not_grow(made, url):
    queries(made, EXPORT)
    before = queries(made, url)
    for n in range(12):
        one = problems.add(
            made.report, by=made["office"], title=f"新增问题{n}", source="other", kind="by_date"
        )
        assign(made, one, supporting_units=[made.other_bureau])
        measures.add(one, by=made["office"], text="措施")
    for _ in range(3):
        queries(made, EXPORT)
    assert queries(made, url) == before


@pytest.mark.parametrize(
    ("role", "button"), [("office", "按这些选择存档…"), ("inspector", "按这些选择打包…")]
)
def test_the_button_says_what_the_person_may_do_with_the_choices(made: Cast, role: str, button: str) -> None:
    page = get(made, role, "/ledger/").content.decode()
    assert f">{button}</button>" in page and page.count("按这些选择存档") == (2 if role == "office" else 0)

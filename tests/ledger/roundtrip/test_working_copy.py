"""The working copy out: what may be filled in, what is locked, what is hidden, what is kept of it."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify.models import AuditEntry, LedgerExport, Problem, WorkingCopy
from rectify.operations import measures, problems
from tests import builders
from tests.builders import assign, cast
from tests.ledger.roundtrip.returned import Opened, code_of, edited, plan_of, take

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
UNIT_CELLS = ("本次进展", "完成比例（%）", "新增措施")
OFFICE_CELLS = ("整改目标", "责任领导", "责任单位", "配合单位", "责任人", "整改类型", "整改时限", "备注")


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


WORLD = cast


def test_the_office_may_fill_in_everything_that_can_be_filled_in(made):
    opened = Opened(take(made))
    for heading in (*UNIT_CELLS, *OFFICE_CELLS):
        cell = opened.cell(code_of(made, 2), heading)
        assert not cell.protection.locked and cell.fill.fgColor.rgb[2:] in ("FFF9DC", "EAF4E6"), heading
    for heading in ("序号", "编号", "存在问题", "完成情况", "最近进展", "现有措施"):
        assert opened.cell(code_of(made), heading).protection.locked, heading


def test_a_date_once_set_is_locked(made):
    opened = Opened(take(made))
    assert opened.cell(code_of(made), "整改时限").protection.locked
    assert not opened.cell(code_of(made, 2), "整改时限").protection.locked


def test_a_date_set_meanwhile_is_not_moved_by_the_file(made):
    data = edited(take(made), {(code_of(made, 2), "整改时限"): "2098-06-30"})
    assign(made, Problem.objects.get(number=2))
    found = plan_of(data, made["office"])
    assert found.counts["errors"] == 1 and "整改时限已经定下" in str(found.all_faults)


def test_a_clerk_reports_and_adds_measures_only(made):
    opened = Opened(take(made, "clerk"))
    assert list(opened.rows) == [code_of(made)], "only what the clerk may see"
    assert not any(opened.cell(code_of(made), heading).protection.locked for heading in UNIT_CELLS)
    assert all(opened.cell(code_of(made), heading).protection.locked for heading in OFFICE_CELLS)


def test_a_closed_item_is_shown_and_locked(made):
    problem = builders.closed(made)
    opened = Opened(take(made))
    assert all(opened.cell(problem.code, h).protection.locked for h in (*UNIT_CELLS, *OFFICE_CELLS))
    assert not opened.cell(code_of(made, 2), "本次进展").protection.locked


def test_the_sheet_is_protected_without_a_password_and_merges_nothing(made):
    opened = Opened(take(made))
    protection = opened.sheet.protection
    assert protection.sheet and not protection.password
    assert not protection.formatColumns and not protection.sort, "widths and order are the user's"
    assert not opened.sheet.merged_cells.ranges
    hidden = [key for key, column in opened.sheet.column_dimensions.items() if column.hidden]
    assert hidden == ["A", "B", "C"]
    assert opened.sheet.freeze_panes == "H4"


def test_identity_of_each_row_is_code_version_and_copy(made):
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="改一次")
    opened = Opened(take(made))
    problem, copy = made.problem, WorkingCopy.objects.get()
    found = [opened.cell(problem.code, h).value for h in ("校验编号", "校验版本", "校验批次")]
    assert found == [problem.code, problem.version, copy.code]


def test_lists_stand_on_a_hidden_sheet(made):
    opened = Opened(take(made))
    lists = opened.book["选项"]
    assert lists.sheet_state == "hidden"
    columns = [[cell.value for cell in column if cell.value] for column in lists.iter_cols()]
    assert columns[0] == ["常务副县长"]
    assert columns[1] == ["乙县", "乙县丙局", "乙县丁局"]
    assert "限期整改，并长期坚持" in columns[2]
    rules = {rule.formula1 for rule in opened.sheet.data_validations.dataValidation if rule.type == "list"}
    assert rules == {"list_leaders", "list_units", "list_kinds"}
    for name in rules:
        assert opened.book.defined_names[name].attr_text.startswith("'选项'!$")


def test_a_sheet_tells_how_to_fill_it_in(made):
    guide = Opened(take(made)).book["填报说明"]
    words = "\n".join(str(v) for row in guide.iter_rows(values_only=True) for v in row if v)
    for said in ("只填有底色的格子", "空着的格子表示不变", "状态不能通过导入变更", "涉密", "20,000"):
        assert said in words


@pytest.mark.parametrize("text", ["=1+1", "+A1", "@SUM(1)", "-3", "第一行\n第二行", "a & <b>"])
def test_text_is_text_whatever_it_begins_with(made, text):
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal=text)
    cell = Opened(take(made)).cell(code_of(made), "整改目标")
    assert cell.data_type == "s" and cell.value == text


def test_what_left_is_kept_as_the_base_and_recorded(made):
    measures.add(made.problem, by=made["clerk"], text="建立制度")
    take(made)
    export = LedgerExport.objects.get()
    assert export.columns == "填报表" and export.problems == 3
    assert AuditEntry.objects.filter(target_kind="ledgerexport", target_id=export.pk).exists()
    rows = json.loads(export.working.rows)
    assert set(rows) == set(Problem.objects.values_list("code", flat=True))
    row = rows[code_of(made)]
    assert row["cells"]["leader"] == "常务副县长" and row["cells"]["deadline"] == "2099-06-30"
    assert "progress" in row["open"]
    assert "建立制度" not in export.working.rows, "what is only shown is kept by its digest"


@pytest.mark.parametrize(("role", "status"), [("inspector", 403), ("leader", 403), ("sysadmin", 403)])
def test_who_fills_nothing_in_gets_no_copy(made, role, status):
    client = Client()
    client.force_login(made[role])
    assert client.get("/ledger/working/").status_code == status
    assert not LedgerExport.objects.exists()


def test_nothing_to_fill_in_is_said_before_anything_leaves(made):
    problem = made.problem
    problems.withdraw(problem, by=made["office"], seen=problem.version, reason="重复")
    client = Client()
    client.force_login(made["clerk"])
    response = client.get("/ledger/working/")
    assert response.status_code == 400 and "没有您可以填报的事项" in response.content.decode()
    assert not LedgerExport.objects.exists()


def test_more_than_comes_back_does_not_leave(made, monkeypatch):
    monkeypatch.setattr("rectify.ledger.archive.issue.ROWS_MAX", 2)
    client = Client()
    client.force_login(made["office"])
    response = client.get("/ledger/working/")
    assert response.status_code == 400 and "请按单位筛选后分别下载" in response.content.decode()


def test_a_past_day_cannot_be_filled_in(made):
    client = Client()
    client.force_login(made["office"])
    response = client.get("/ledger/working/?as_of=2000-01-01")
    assert response.status_code == 400


def test_queries_do_not_follow_the_rows(made):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            take(made)
        return len(queries)

    take(made)
    few = count()
    for number in range(12):
        problem = problems.add(made.report, by=made["office"], title=f"问题{number}")
        assign(made, problem, supporting_units=[made.other_bureau])
    assert count() == few

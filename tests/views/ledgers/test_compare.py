"""The page that compares two dates, and its sheet: who, what, wrong dates, a fixed number of queries."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.models import LedgerExport, Problem
from rectify.operations import measures, problems, progress, reference
from tests.builders import Cast, another_ledger, assign, cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PAGE, SHEET = "/ledger/compare/", "/ledger/compare/file/"
LATER = dt.datetime(2025, 3, 20, 2, tzinfo=dt.UTC)


def on(day: int) -> dt.datetime:
    return dt.datetime(2025, 3, day, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's own transaction is not seen from the connection that reads snapshots."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


def history() -> Cast:
    """Day 5: two is withdrawn; day 10: one gets a goal; day 15: one is added and worked on."""
    with clock.pretend(on(1)):
        made = cast()
    with clock.pretend(on(5)):
        two = Problem.objects.get(report=made.report, number=2)
        problems.withdraw(two, by=made["office"], seen=two.version, reason="重复")
    with clock.pretend(on(10)):
        problems.edit(
            made.problem, by=made["office"], seen=made.problem.version, reason="补", goal="学用结合"
        )
    with clock.pretend(on(15)):
        added = problems.add(made.report, by=made["office"], title="新增的问题")
        progress.add(added, by=made["office"], text="已部署")
    return made


WORLD = history


def get(made: Cast, url: str = PAGE, role: str = "office", **query: str):
    client = Client()
    client.force_login(made[role])
    with clock.pretend(LATER):
        response = client.get(url, query)
        response.data = b"".join(response) if response.streaming else response.content
        return response


def found(response) -> list[tuple[str, str]]:
    assert response.status_code == 200, response.data.decode()
    return [(line.kind, line.title) for line in response.context["page"]]


def test_two_dates_and_a_date_and_now(made):
    everything = [("changed", "学用结合不紧"), ("added", "新增的问题"), ("removed", "督办不够经常")]
    assert found(get(made, **{"from": "2025-03-04"})) == everything
    assert found(get(made, **{"from": "2025-03-04", "to": "2025-03-20"})) == everything
    assert found(get(made, **{"from": "2025-03-04", "to": "2025-03-09"})) == [("removed", "督办不够经常")]
    assert found(get(made, **{"from": "2025-03-10", "to": "2025-03-12"})) == []
    assert found(get(made)) == everything  # a month back would be before the ledger: from its first day


def test_old_is_struck_through_above_new_and_counted(made):
    text = get(made, **{"from": "2025-03-04"}).data.decode()
    assert "新增 1 项" in text and "撤回 1 项" in text and "变更 1 项" in text and "1 项未变" in text
    assert "<ins>学用结合</ins>" in text and "整改目标" in text
    with clock.pretend(on(19)):
        problems.edit(
            made.problem, by=made["office"], seen=made.problem.version, reason="改", goal="真学真用"
        )
    text = get(made, **{"from": "2025-03-12"}).data.decode()
    assert "<del>学用结合</del><ins>真学真用</ins>" in text


def test_a_name_is_that_of_its_day_and_a_new_one_a_change(made):
    with clock.pretend(on(12)):
        made.leader.refresh_from_db()
        made.leader.post = "新任副县长"
        reference.store(made.leader, by=made["sysadmin"], reason="机构改革")
    response = get(made, **{"from": "2025-03-11", "to": "2025-03-13"})
    assert ("changed", "学用结合不紧") in found(response)
    text = response.data.decode()
    assert "<del>常务副县长</del><ins>新任副县长</ins>" in text and "按各自那一天的称呼显示" in text


def test_one_kind_can_be_looked_at_alone(made):
    response = get(made, **{"from": "2025-03-04", "kind": "removed"})
    assert [line.title for line in response.context["page"]] == ["督办不够经常"]
    assert "没有这一类变化" in get(made, **{"from": "2025-03-12", "kind": "removed"}).data.decode()


def test_everybody_compares_what_they_may_see(made):
    assert found(get(made, role="clerk", **{"from": "2025-03-04"})) == [("changed", "学用结合不紧")]
    assert len(found(get(made, role="inspector", report=str(made.report.pk), **{"from": "2025-03-04"}))) == 3
    assert get(made, role="auditor").status_code == 403
    assert "还没有可以对比的台账" in get(made, role="stranger").data.decode()
    foreign = another_ledger(made)
    for url in (PAGE, SHEET):
        assert get(made, url, report=str(foreign.pk)).status_code == 404
        assert get(made, url, issued="999").status_code == 404


@pytest.mark.parametrize("url", [PAGE, SHEET])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"from": "2025-02-30"}, "无法识别"),
        ({"from": "昨天"}, "无法识别"),
        ({"from": "\x00"}, "无法识别"),
        ({"to": "2025-03-21"}, "还没有到"),
        ({"from": "2025-02-01"}, "建立于"),
        ({"from": "2025-03-10", "to": "2025-03-05"}, "请对调"),
        ({"kind": "gone"}, "无法识别"),
        ({"report": "x"}, "无法识别"),
        ({"report": "9" * 30}, "无法识别"),
        ({"issued": "x"}, "无法识别"),
    ],
)
def test_wrong_input_is_refused_in_words(made, url, query, words):
    response = get(made, url, **query)
    assert response.status_code == 400 and words in response.data.decode()
    assert not LedgerExport.objects.exists()


def test_the_sheet_holds_the_same_and_is_recorded(made):
    response = get(made, SHEET, **{"from": "2025-03-04"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.data)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=8)]
    assert [row[3] for row in rows[:3]] == ["变更", "新增", "撤回"] and rows[0][4:] == [
        "整改目标",
        None,
        "学用结合",
    ]
    assert sheet["A2"].value == "2025年3月4日与现在　新增 1 项、撤回 1 项、变更 1 项、未变 1 项"
    export = LedgerExport.objects.get()
    assert (export.columns, export.problems, export.selection) == ("对比", 3, "对比：2025年3月4日与现在")
    only = get(made, SHEET, **{"from": "2025-03-04", "kind": "added"})
    assert openpyxl.load_workbook(io.BytesIO(only.data)).worksheets[0]["C4"].value == "新增的问题"


def test_queries_do_not_grow(made):
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert get(made, **{"from": "2025-03-04"}).status_code == 200
        return len(caught)

    count()
    before = count()
    with clock.pretend(on(16)):
        for number in range(12):
            one = problems.add(made.report, by=made["office"], title=f"问题{number}")
            measures.add(assign(made, one, supporting_units=[made.county]), by=made["office"], text="甲")
    assert count() == before

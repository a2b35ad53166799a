"""Bulk work from the list to the record: pick, preview, confirm, look up; wrong input changes nothing."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectify.models import AuditEntry, BulkAct, Problem
from rectify.operations import problems
from tests.builders import Cast, another_ledger, assign, cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

BULK, APPLY = "/problems/bulk/", "/problems/bulk/apply/"


WORLD = cast


def open_as(made: Cast, role: str = "office") -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def ids(made: Cast) -> list[int]:
    return list(Problem.objects.filter(report=made.report).order_by("number").values_list("pk", flat=True))


def items(made: Cast) -> str:
    rows = Problem.objects.filter(report=made.report).order_by("number")
    return ",".join(f"{row.pk}:{row.version}" for row in rows)


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden inputs of the form that posts to `action`, as a browser would send them."""
    form = re.search(rf'<form[^>]*action="{action}".*?</form>', page, re.DOTALL)[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


# -- the list -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "boxes"), [("office", 3), ("clerk", 1), ("leader", 0), ("inspector", 0)])
def test_who_works_in_bulk_has_boxes_on_the_list(made, role, boxes):
    text = open_as(made, role).get("/problems/").content.decode()
    assert text.count('name="pick"') == boxes
    assert ('id="bulk"' in text) is bool(boxes)


def test_the_bar_offers_all_that_match_and_carries_the_conditions(made):
    text = open_as(made).get("/problems/?kind=by_date&page=1").content.decode()
    assert "批量办理全部符合条件的 2 项" in text
    assert 'name="where" value="kind=by_date"' in text


# -- choosing -----------------------------------------------------------------------------------------


def test_ticked_rows_come_to_the_form(made):
    response = open_as(made).get(BULK, {"pick": ids(made)[:2]})
    assert [row.pk for row in response.context["rows"]] == ids(made)[:2]


def test_all_that_match_come_to_the_form(made):
    response = open_as(made).get(BULK, {"all": "1", "where": "kind=standing"})
    assert [row.title for row in response.context["rows"]] == ["调研不深"]
    assert "整改类型：长期坚持" in response.content.decode()


def test_foreign_rows_are_left_out_and_said(made):
    foreign = Problem.objects.filter(report=another_ledger(made)).values_list("pk", flat=True)
    response = open_as(made).get(BULK, {"pick": [ids(made)[0], *foreign]})
    assert len(response.context["rows"]) == 1
    assert "有 3 项不存在" in response.content.decode()
    only = open_as(made).get(BULK, {"pick": list(foreign)})
    assert only.status_code == 422 and "没有办理" in only.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"pick": "x"},
        {"pick": "-1"},
        {"pick": "9" * 30},
        {"pick": "１"},
        {"all": "1", "where": "light=red"},
        {"all": "1", "where": "q=没有这样的"},
        {"pick": [str(n) for n in range(1, 502)]},
    ],
)
def test_a_wrong_choice_is_refused_in_words(made, query):
    response = open_as(made).get(BULK, query)
    assert response.status_code == 422
    assert "没有改动任何内容" in response.content.decode()


@pytest.mark.parametrize("role", ["leader", "inspector", "sysadmin", "auditor"])
def test_other_roles_do_no_bulk_work(made, role):
    client = open_as(made, role)
    assert client.get(BULK, {"pick": ids(made)}).status_code == 403
    assert client.post(APPLY, {"items": items(made)}).status_code == 403


# -- preview and confirm ------------------------------------------------------------------------------


def test_from_preview_to_record_without_scripts(made):
    client = open_as(made)
    sent = {"items": items(made), "leader": made.leader.pk, "status": "in_progress", "reason": "分工调整"}
    page = client.post(BULK, sent)
    text = page.content.decode()
    assert page.status_code == 200 and not BulkAct.objects.exists()
    assert "将办理 3 项" in text and "<del>（空）</del> → <ins>常务副县长</ins>" in text
    done = client.post(APPLY, fields_of(text, APPLY))
    one = BulkAct.objects.get()
    assert done.status_code == 302 and done["Location"] == reverse("bulk_done", args=[one.number])
    assert {row.status for row in Problem.objects.filter(report=made.report)} == {"in_progress"}
    result = client.get(done["Location"]).content.decode()
    assert "办理 3 项" in result and "分工调整" in result and "整改中" in result


def test_the_act_can_be_looked_up_on_the_audit_page(made):
    client = open_as(made)
    sent = {"items": items(made), "status": "in_progress", "reason": "部署"}
    client.post(APPLY, fields_of(client.post(BULK, sent).content.decode(), APPLY))
    one = BulkAct.objects.get()
    for role in ("office", "inspector", "auditor"):
        page = open_as(made, role).get("/audit/", {"batch": one.number})
        assert page.context["page"].paginator.count == 3, role
    assert open_as(made).get("/audit/", {"batch": "P0"}).context["page"].paginator.count == 0
    assert open_as(made, "stranger").get(reverse("bulk_done", args=[one.number])).status_code == 404
    assert client.get(reverse("bulk_done", args=["P-x"])).status_code == 404


def test_a_double_click_acts_once(made):
    client = open_as(made)
    sent = fields_of(client.get(BULK, {"pick": ids(made)}).content.decode(), BULK)
    sent |= {"status": "in_progress", "reason": "部署"}
    fields = fields_of(client.post(BULK, sent).content.decode(), APPLY)
    assert fields["idempotency_key"]
    first, second = client.post(APPLY, fields), client.post(APPLY, fields)
    assert first["Location"] == second["Location"]
    assert AuditEntry.objects.filter(act="set_status").count() == 3


def test_a_row_that_moved_on_is_shown_again_and_can_then_be_confirmed(made):
    client = open_as(made)
    sent = {"items": items(made), "kind": "at_once", "reason": "部署"}
    fields = fields_of(client.post(BULK, sent).content.decode(), APPLY)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, reason="改", title="新的标题")
    again = client.post(APPLY, fields)
    text = again.content.decode()
    assert again.status_code == 409 and not BulkAct.objects.exists()
    assert "刚刚被更新" in text and "新的标题" in text and "部署" in text
    assert client.post(APPLY, fields_of(text, APPLY)).status_code == 302
    assert BulkAct.objects.get().applied == 3


def test_emptying_is_explicit(made):
    client = open_as(made)
    sent = {"items": items(made), "leader": "clear", "clerk": "", "reason": "调离"}
    client.post(APPLY, fields_of(client.post(BULK, sent).content.decode(), APPLY))
    problem = Problem.objects.get(pk=made.problem.pk)
    assert problem.leader is None and problem.clerk == made["clerk"]


def test_refused_rows_are_listed_with_the_reason(made):
    two = Problem.objects.get(report=made.report, number=2)
    problems.withdraw(two, by=made["office"], seen=two.version, reason="重复")
    sent = {"items": items(made), "kind": "at_once", "reason": "部署"}
    text = open_as(made).post(BULK, sent).content.decode()
    assert "将办理 2 项，1 项不能办理" in text and "这一项已撤回" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": ""}, "请填写理由"),
        ({"status": ""}, "至少选择一项"),
        ({"status": "closed"}, "不在可选范围内"),
        ({"kind": "x"}, "不在可选范围内"),
        ({"kind": "clear"}, "不在可选范围内"),
        ({"leader": "999999"}, "不在可选范围内"),
        ({"lead_unit": "1' OR 1=1"}, "不在可选范围内"),
        ({"deadline": "2025-02-30"}, "日期无法识别"),
        ({"deadline": "1066-01-01"}, "年份"),
        ({"reason": "长" * 501}, "最多 500 个字"),
    ],
)
@pytest.mark.parametrize("url", [BULK, APPLY])
def test_a_wrong_value_is_shown_and_changes_nothing(made, url, change, words):
    sent = {"items": items(made), "status": "in_progress", "reason": "部署这项工作"} | change
    response = open_as(made).post(url, sent)
    text = response.content.decode()
    assert response.status_code == 422 and words in text
    assert change.get("reason") is not None or "部署这项工作" in text
    assert not BulkAct.objects.exists()


@pytest.mark.parametrize(
    "given", ["", "1", "1:2:3", "a:b", "1:-1", "１:1", "9" * 40 + ":1", ",".join(["1:1"] * 9000)]
)
@pytest.mark.parametrize("url", [BULK, APPLY])
def test_forged_items_are_refused(made, url, given):
    response = open_as(made).post(url, {"items": given, "status": "in_progress", "reason": "部署"})
    assert response.status_code == 422
    assert not BulkAct.objects.exists()


def test_forged_ids_and_versions_change_nothing_foreign(made):
    foreign = Problem.objects.get(report=another_ledger(made), number=1)
    sent = {"items": f"{foreign.pk}:{foreign.version}", "status": "in_progress", "reason": "部署"}
    assert open_as(made).post(APPLY, sent).status_code == 422
    foreign.refresh_from_db()
    assert foreign.status == "not_started"
    wrong = {**sent, "items": f"{made.problem.pk}:{made.problem.version + 1}"}
    assert open_as(made).post(APPLY, wrong).status_code == 409


def test_what_was_typed_survives_an_expired_sign_in(made):
    client = open_as(made)
    page = client.get(BULK, {"pick": ids(made)}).content.decode()
    given = fields_of(page, BULK) | {"reason": "写了很久的理由", "status": "in_progress"}
    client.logout()
    response = client.post(BULK, given)
    assert response.status_code == 302 and "/accounts/login/" in response["Location"]
    client.force_login(made["office"])
    text = client.get(BULK, {"kept": "1"}).content.decode()
    assert "写了很久的理由" in text and 'value="in_progress" selected' in text
    assert client.get(APPLY, {"kept": "1"})["Location"] == f"{BULK}?kept=1"


def test_queries_of_the_preview_do_not_grow(made):
    def count() -> int:
        client = open_as(made)
        sent = {
            "items": items(made),
            "lead_unit": made.bureau.pk,
            "clerk": made["clerk"].pk,
            "reason": "部署",
        }
        with CaptureQueriesContext(connection) as caught:
            assert client.post(BULK, sent).status_code == 200
        return len(caught)

    count()
    before = count()
    for number in range(12):
        one = problems.add(made.report, by=made["office"], title=f"问题{number}")
        assign(made, one, supporting_units=[made.other_bureau])
    assert count() == before

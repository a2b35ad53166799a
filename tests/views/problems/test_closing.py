"""The pages of the reviewed procedures: the whole way by forms, what each says, and that nothing is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectify import clock
from rectify.choices import Finding, Outcome, Status, Step, Todo
from rectify.hand_overs import DECISIONS
from rectify.models import CloseOut, Draft, Extension, FollowUp, Problem, Report, StandIn
from rectify.operations import carry_over, measures, people, problems
from rectify.operations.closing import decisions
from tests import builders
from tests.builders import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

TOKEN = "11111111-2222-4333-8444-555555555555"


WORLD = builders.cast


def client_of(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def post(made: Cast, role: str, name: str, pk: int, **data: Any) -> Any:
    return client_of(made, role).post(reverse(name, args=[pk]), {"idempotency_key": TOKEN, **data})


def text(made: Cast, role: str, path: str) -> str:
    response = client_of(made, role).get(path)
    assert response.status_code == 200
    return response.content.decode()


def decide(made: Cast, role: str, application: Any, decision: str = "pass", **data: Any) -> Any:
    name = "close_out_decide" if isinstance(application, CloseOut) else "extension_decide"
    application.refresh_from_db()
    given = {"application": application.pk, "step": application.waiting, "decision": decision}
    return post(made, role, name, application.problem_id, **given | data)


# -- close-out -------------------------------------------------------------------------------------


def test_the_whole_way_by_forms(made: Cast) -> None:
    problem = builders.ready(made)
    given = {"version": problem.version, "statement": "全部完成", "kind": "close", "files": [builders.pdf()]}
    response = post(made, "clerk", "close_out_apply", problem.pk, **given)
    assert response.status_code == 302
    application = CloseOut.objects.get()
    page = text(made, "unit_head", problem.get_absolute_url())
    assert "等您办理：确认销号申请" in page and "全部完成" in page and "验收单.pdf" in page
    for role, comment in (("unit_head", "属实"), ("office", "齐全"), ("leader", "同意销号")):
        assert decide(made, role, application, comment=comment).status_code == 302
    assert made.problem.status == Status.CLOSED
    page = text(made, "clerk", problem.get_absolute_url())
    for words in ("确认：同意。属实", "签字：同意。同意销号", "按期销号", "已销号，内容已锁定", "下次回头看"):
        assert words in page, words
    assert 'id="id_text"' not in page


def test_the_form_names_the_application_and_the_step_it_showed(made: Cast) -> None:
    application = builders.applied(made)
    shown = {"application": application.pk, "step": Step.CONFIRM, "decision": "pass"}
    decisions.withdraw_application(application, by=made["clerk"], reason="再改改")
    second = builders.applied(made, made.problem)
    response = post(made, "unit_head", "close_out_decide", made.problem.pk, **shown)
    assert response.status_code == 409 and "已撤回" in response.content.decode()
    second.refresh_from_db()
    assert second.waiting == Step.CONFIRM
    decide(made, "unit_head", second)
    again = post(made, "unit_head", "close_out_decide", made.problem.pk, **shown | {"application": second.pk})
    assert again.status_code == 403


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"decision": ""}, "请选择办理意见"),
        ({"decision": "maybe"}, "不在可选范围"),
        ({"decision": "return", "comment": " "}, "退回请写明理由"),
        ({"comment": "长" * 5001}, "请精简"),
    ],
    ids=str,
)
def test_bad_input_keeps_what_was_typed(made: Cast, data: dict, words: str) -> None:
    application = builders.applied(made)
    response = decide(made, "unit_head", application, **({"comment": "已看过材料"} | data))
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page and (data.get("comment", "已看过材料")[:5].strip() in page)
    application.refresh_from_db()
    assert application.waiting == Step.CONFIRM


@pytest.mark.parametrize(("other", "code"), [("999999", 409), ("0", 409), ("-1", 422), ("x", 422)])
def test_the_application_of_another_problem_decides_nothing_here(made: Cast, other: str, code: int) -> None:
    application = builders.applied(made)
    given = {"application": other, "step": Step.CONFIRM, "decision": "pass"}
    response = post(made, "unit_head", "close_out_decide", made.problem.pk, **given)
    assert response.status_code == code and "没有" in response.content.decode()
    application.refresh_from_db()
    assert application.waiting == Step.CONFIRM and application.steps.count() == 1


# What each form reads, so that forging it is refused; all else it leaves alone.
READS = {
    "close_out_decide": ("application", "decision", "step"),
    "close_out_apply": ("version", "kind"),
    "extension_apply": ("version",),
}


@pytest.mark.ci
@pytest.mark.parametrize("field", ["application", "step", "version", "idempotency_key", "kind", "decision"])
@pytest.mark.parametrize("value", ["", "x", "9" * 30, "\x00", "-1", "确认"])
def test_forged_values_are_refused_where_they_are_read(made: Cast, field: str, value: str) -> None:
    problem = builders.ready(made)
    later = {"new_date": "2100-06-30", "reason": "雨季", "progress": "一半"}
    given = {"version": problem.version, "kind": "close", "statement": "措施全部完成。", **later}
    for name in ("close_out_apply", "extension_apply"):
        with transaction.atomic():
            response = post(made, "clerk", name, problem.pk, **given | {field: value})
            transaction.set_rollback(True)
        assert response.status_code == (422 if field in READS[name] else 302), name
    application = builders.applied(made, problem)
    shown = {"application": application.pk, "step": "confirm", "decision": "pass", field: value}
    response = post(made, "unit_head", "close_out_decide", problem.pk, **shown)
    another_step = field == "step" and value in ("x", "-1", "确认")
    right = 409 if another_step else 422 if field in READS["close_out_decide"] else 302
    assert response.status_code == right


def test_what_is_missing_is_said_before_and_after_the_submit(made: Cast) -> None:
    problem = made.problem
    measures.add(problem, by=made["clerk"], text="没做完", standard="三方验收单")
    assert "申请销号（还差 4 处）" in text(made, "clerk", problem.get_absolute_url())
    where = reverse("close_out_apply", args=[problem.pk])
    page = text(made, "clerk", where)
    for words in ("还差 4 处", "三方验收单", "填写完成情况", "本轮还没有进展记录", "乙县丙局负责人"):
        assert words in page, words
    response = post(
        made,
        "clerk",
        "close_out_apply",
        problem.pk,
        version=problem.version,
        statement="差不多了",
        kind="close",
    )
    page = response.content.decode()
    assert response.status_code == 422 and "1 项措施未完成（措施 1）" in page and "差不多了" in page


def test_a_return_stands_on_top_for_the_clerk_with_its_reason(made: Cast) -> None:
    application = builders.applied(made)
    decide(made, "unit_head", application, "return", comment="缺群众评议表")
    home = text(made, "clerk", "/")
    assert "退回，请补充" in home and "缺群众评议表" in home
    page = text(made, "clerk", made.problem.get_absolute_url())
    assert "销号申请被退回" in page
    assert page.index("缺群众评议表") < page.index("填报进展</h2>") and "逐条答复，重新申请" in page
    assert "退回，请补充" not in text(made, "leader", "/")


def test_an_expired_sign_in_keeps_the_statement(made: Cast) -> None:
    problem = builders.ready(made)
    where = reverse("close_out_apply", args=[problem.pk])
    draft_token = client_of(made, "clerk").get(where).context["draft_token"]
    data = {"statement": "写了很久的情况说明", "version": problem.version, "draft_token": draft_token}
    assert Client().post(where, data)["Location"].startswith("/accounts/login/")
    page = text(made, "clerk", where + "?kept=1")
    assert "写了很久的情况说明" in page and "已经保留" in page
    assert Draft.objects.get().key == f"closeout:{problem.pk}"


def test_a_draft_never_brings_back_an_old_version(made: Cast) -> None:
    problem = builders.ready(made)
    Draft.objects.create(
        user=made["clerk"],
        key=f"closeout:{problem.pk}",
        fields={"statement": "旧稿", "version": "1"},
        updated_at=clock.now(),
    )
    form = client_of(made, "clerk").get(reverse("close_out_apply", args=[problem.pk])).context["form"]
    assert (form["statement"].value(), form["version"].value()) == ("旧稿", problem.version)


def test_paper_asks_for_date_and_scan(made: Cast) -> None:
    leader = people.add_leader(by=None, post="县委副书记", unit=made.county)
    problems.assign(made.problem, by=made["office"], seen=made.problem.version, leader=leader)
    application = builders.applied(made)
    decide(made, "unit_head", application)
    decide(made, "office", application)
    page = text(made, "office", made.problem.get_absolute_url())
    assert "等您办理：代录县委副书记签字" in page and "签字页扫描件" in page
    today = clock.today().isoformat()
    assert decide(made, "office", application, signed_on="").status_code == 422
    assert decide(made, "office", application, signed_on=today).status_code == 422
    done = decide(made, "office", application, signed_on=today, files=[builders.pdf("签字页.pdf")])
    assert done.status_code == 302 and made.problem.status == Status.CLOSED
    page = text(made, "clerk", made.problem.get_absolute_url())
    assert "县委副书记" in page and "纸质签字，乙县整改办代录" in page and "签字页.pdf" in page


# -- extension, correction, reopening, follow-up ---------------------------------------------------


def test_an_extension_by_forms(made: Cast) -> None:
    problem = made.problem
    given = {"version": problem.version, "reason": "雨季停工", "progress": "完成一半"}
    bad = post(made, "clerk", "extension_apply", problem.pk, new_date="2099-06-30", **given)
    assert bad.status_code == 422 and "应晚于现行时限" in bad.content.decode()
    assert (
        post(made, "clerk", "extension_apply", problem.pk, new_date="2099-12-31", **given).status_code == 302
    )
    application = Extension.objects.get()
    for role in ("unit_head", "office", "leader"):
        assert "延至 2099年12月31日" in text(made, role, "/")
        assert decide(made, role, application).status_code == 302
    page = text(made, "clerk", problem.get_absolute_url())
    assert "原定" in page and "延期 1 次" in page and "最多 2 次" in page


def test_withdrawing_by_form(made: Cast) -> None:
    application = builders.applied(made)
    assert post(made, "clerk", "close_out_withdraw", made.problem.pk, reason="").status_code == 422
    assert post(made, "clerk", "close_out_withdraw", made.problem.pk, reason="补材料").status_code == 302
    application.refresh_from_db()
    assert application.outcome == Outcome.WITHDRAWN
    assert post(made, "clerk", "close_out_withdraw", made.problem.pk, reason="补材料").status_code == 409


def test_the_assign_form_shows_the_date_and_where_it_is_changed(made: Cast) -> None:
    page = text(made, "office", reverse("assign", args=[made.problem.pk]))
    assert 'name="deadline"' not in page and "申请延期" in page and "更正时限" in page
    given = {"version": made.problem.version, "deadline": "2099-01-31", "reason": "录错"}
    assert post(made, "office", "deadline_correct", made.problem.pk, **given).status_code == 302
    assert made.problem.deadline == dt.date(2099, 1, 31)
    assert "更正时限 1 次" in text(made, "clerk", made.problem.get_absolute_url())


def test_looking_again_and_relapse_by_form(made: Cast) -> None:
    problem = builders.closed(made)
    given = {"finding": "抽查反弹", "outcome": Finding.RELAPSED, "done_on": clock.today().isoformat()}
    assert (
        post(made, "inspector", "follow_up", problem.pk, **given | {"done_on": "昨天吧"}).status_code == 422
    )
    assert post(made, "inspector", "follow_up", problem.pk, **given).status_code == 302
    assert FollowUp.objects.done().get().outcome == Finding.RELAPSED
    page = text(made, "clerk", problem.get_absolute_url())
    assert "第二轮整改" in page and "第一轮" in page and "抽查反弹" in page


def test_reopening_by_form(made: Cast) -> None:
    problem = builders.closed(made)
    page = text(made, "office", reverse("reopen", args=[problem.pk]))
    assert "将开始第 2 轮整改" in page
    assert post(made, "office", "reopen", problem.pk, version=problem.version, reason="").status_code == 422
    response = post(made, "office", "reopen", problem.pk, version=problem.version, reason="群众反映")
    assert response.status_code == 302 and made.problem.round == 2


# -- counts equal their lists ----------------------------------------------------------------------


@pytest.mark.ci
@pytest.mark.parametrize("role", ["office", "leader", "unit_head", "clerk", "inspector"])
def test_every_group_counts_what_its_link_lists_and_what_may_be_done(made: Cast, role: str) -> None:
    second = builders.assign(made, Problem.objects.get(report=made.report, number=2))
    builders.applied(made)
    decisions.decide(
        builders.applied(made, builders.ready(made, second)), step=Step.CONFIRM, by=made["unit_head"]
    )
    third = builders.assign(made, Problem.objects.get(report=made.report, number=3))
    builders.asked_later(made, third)
    client = client_of(made, role)
    groups = {group.url: group for group in client.get("/").context["waiting"] if "todo=" in group.url}
    for what in Todo.values:
        url = f"/problems/?todo={what}"
        listed = client.get(url).context["chips"][0]["count"]
        assert listed == (groups[url].count if url in groups else 0)
    waiting = {pk for group in groups.values() if group.row in DECISIONS for pk in group.ids}
    for problem in Problem.objects.visible_to(made[role]):
        page = client.get(problem.get_absolute_url())
        assert bool(page.context["decisions"]) == (problem.pk in waiting)


def test_pages_take_a_fixed_number_of_queries(made: Cast) -> None:
    def count(path: str, role: str) -> int:
        client = client_of(made, role)
        with CaptureQueriesContext(connection) as caught:
            client.get(path)
        return len(caught)

    application = builders.applied(made)
    paths = (made.problem.get_absolute_url(), reverse("carry", args=[made.report.pk]))
    before = [count(path, "office") for path in paths]
    for _ in range(3):
        decisions.return_application(application, by=made["unit_head"], step=Step.CONFIRM, comment="再补")
        application = builders.applied(made, made.problem, files=[builders.pdf()])
    for number in range(4):
        problems.add(made.report, by=made["office"], title=f"另一项 {number}")
    after = [count(path, "office") for path in paths]
    assert after[0] <= before[0] + 1 and after[1] == before[1], (before, after)


# -- carry-over and stand-ins ----------------------------------------------------------------------


def test_the_wizard_is_ticked_and_carries_once(made: Cast) -> None:
    where = reverse("carry", args=[made.report.pk])
    client = client_of(made, "office")
    page = client.get(where).content.decode()
    assert page.count("checked>") == 3 and "新建 2026 年度台账" in page
    data = {"carry": "1", "target": "", "title": "新台账", "reason": "结转", "problems": [made.problem.pk]}
    bad = client.post(where, data | {"problems": []})
    assert bad.status_code == 422 and "至少勾选一项" in bad.content.decode()
    response = client.post(where, data)
    report = Report.objects.get(title="新台账")
    assert response["Location"] == report.get_absolute_url()
    again = client.post(where, data)
    assert again.status_code == 422
    new = report.problems.get()
    assert "由“2025年度对照检查报告”" in text(made, "office", new.get_absolute_url())
    assert "第 2 年" in text(made, "office", new.get_absolute_url())
    assert "这一项已结转" in text(made, "clerk", made.problem.get_absolute_url())
    page = client.get(where).content.decode()
    assert "已经结转过" in page and "结转到“新台账”" in page


def test_the_wizard_points_out_what_resembles(made: Cast) -> None:
    target = carry_over.carry_over(
        made.report,
        [Problem.objects.get(report=made.report, number=3)],
        by=made["office"],
        reason="结转",
    ).report
    problems.add(target, by=made["office"], title="学用结合不紧密")
    page = text(made, "office", reverse("carry", args=[made.report.pk]))
    assert "可能重复" in page and "题目相似" in page and "新问题与往年相近" in page


@pytest.mark.parametrize("target", ["x", "0", "9" * 30, "%00"])
def test_a_target_that_makes_no_sense(made: Cast, target: str) -> None:
    where = reverse("carry", args=[made.report.pk])
    assert client_of(made, "office").get(f"{where}?target={target}").status_code == 200
    data = {"carry": "1", "target": target, "reason": "结转", "problems": [made.problem.pk]}
    assert client_of(made, "office").post(where, data).status_code == 422
    assert not made.problem.carried


def test_a_stand_in_by_form_and_its_end(made: Cast) -> None:
    where = reverse("stand_ins")
    today = clock.today().isoformat()
    data = {
        "absent": made["leader"].pk,
        "substitute": made["office"].pk,
        "starts_on": today,
        "reason": "外出",
    }
    client = client_of(made, "leader")
    assert client.post(where, data | {"ends_on": "2020-01-01"}).status_code == 422
    assert client.post(where, data | {"ends_on": today, "absent": made["clerk"].pk}).status_code == 422
    assert client.post(where, data | {"ends_on": today}).status_code == 302
    row = StandIn.objects.get()
    assert "提前结束" in client.get(where).content.decode()
    assert client_of(made, "clerk").post(reverse("stand_in_end", args=[row.pk])).status_code == 404
    assert client.post(reverse("stand_in_end", args=[row.pk])).status_code == 302
    assert "已提前结束" in client.get(where).content.decode()

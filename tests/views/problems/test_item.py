"""The item page and its verbs: what they show, what they refuse, and that nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectify import clock
from rectify.choices import Action, LinkStatus, MeasureStatus, Status
from rectify.models import Draft, Evidence, Measure, Problem, ProgressNote, Report
from rectify.operations import measures, problems, progress, purging
from rectify.operations.exchange import drafts
from tests import builders
from tests.builders import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

TOKEN = "11111111-2222-4333-8444-555555555555"


WORLD = builders.cast


def client_of(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def url(name: str, *args: object) -> str:
    return reverse(name, args=args)


# -- the page --------------------------------------------------------------------------------------


def test_the_page_shows_work_analysis_buttons_and_history(made: Cast) -> None:
    problem = made.problem
    note = progress.add(problem, by=made["clerk"], text="印发方案", percent=40, files=[builders.pdf()])
    measures.add(problem, by=made["clerk"], text="建立制度", standard="印发文件")
    page = client_of(made, "office").get(problem.get_absolute_url())
    text = page.content.decode()
    for words in (
        "学用结合不紧",
        "乙县丙局牵头",
        "责任领导：常务副县长",
        "印发方案",
        "验收单.pdf",
        "完成 40%",
        "建立制度",
        "完成标志：印发文件",
        "理论学习不系统",
        "完善学习制度",
        "推断，待确认",
        "覆盖全部问题",
        "研讨联系实际少",
        "明确责任",
        "撤回",
        "整改时限：<del>（空）</del> → <ins>2099年6月30日</ins>",
    ):
        assert words in text, words
    assert page.context["light"].words.startswith("剩 ")
    assert f'id="note-{note.pk}"' in text
    assert page.context["timeline"]["notes"] == 1 and "1 次进展，1 次办理" in text
    assert " style=" not in text and "onclick" not in text


@pytest.mark.parametrize("role", ["office", "leader", "unit_head", "clerk", "inspector"])
def test_only_those_who_may_work_get_the_form(made: Cast, role: str) -> None:
    text = client_of(made, role).get(made.problem.get_absolute_url()).content.decode()
    assert ("<textarea" in text) == (role in ("office", "unit_head", "clerk"))


def test_a_missing_button_says_why(made: Cast) -> None:
    problem = problems.withdraw(made.problem, by=made["office"], seen=made.problem.version, reason="重复")
    text = client_of(made, "office").get(problem.get_absolute_url()).content.decode()
    assert "这一项已撤回，恢复后才能继续办理。" in text
    assert "恢复问题" in text and 'id="id_text"' not in text


def late(made: Cast) -> None:
    yesterday = clock.today() - dt.timedelta(days=1)
    Problem.objects.filter(pk=made.problem.pk).update(deadline=yesterday, original_deadline=yesterday)


def late_and_asked(made: Cast) -> None:
    builders.asked_later(made)
    late(made)


def nobodys(made: Cast) -> None:
    Problem.objects.filter(pk=made.problem.pk).update(lead_unit=None, leader=None, clerk=None)


# What the filled button says; of a decision 提交意见, of the progress form 提交.
STATES: dict[str, tuple[Callable[[Cast], object], dict[str, str]]] = {
    "open": (lambda made: None, {"office": "提交", "clerk": "提交", "leader": "写批示"}),
    "late": (late, {"office": "催办", "clerk": "提交", "unit_head": "提交"}),
    "late and asked": (late_and_asked, {"office": "催办", "unit_head": "提交意见"}),
    "nobody's": (nobodys, {"office": "明确责任"}),
    "finished": (builders.ready, {"clerk": "申请销号"}),
    "applied": (builders.applied, {"unit_head": "提交意见"}),
    "closed": (builders.closed, {"office": "回头看", "inspector": "回头看"}),
}


@pytest.mark.ci
@pytest.mark.parametrize("state", STATES)
def test_one_button_is_filled_for_every_role(made: Cast, state: str) -> None:
    arrange, expected = STATES[state]
    arrange(made)
    for role in ("office", "leader", "unit_head", "clerk", "inspector"):
        page = client_of(made, role).get(made.problem.get_absolute_url())
        if page.status_code == 404:
            continue
        text = re.sub(r'(?s)<details class="confirm">.*?</details>', "", page.content.decode())
        filled = re.findall(r'(?s)class="btn btn-primary[^>]*>(.*?)</(?:button|a)>', text)
        assert len(filled) == bool(page.context["buttons"].main), (role, filled)
        assert expected.get(role) in (None, *filled), (role, filled)


def test_the_page_takes_a_fixed_number_of_queries(made: Cast) -> None:
    client = client_of(made, "office")

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(made.problem.get_absolute_url()).status_code == 200
        return len(caught)

    count()
    progress.add(made.problem, by=made["clerk"], text="第一条", files=[builders.pdf()])
    measures.add(made.problem, by=made["clerk"], text="第一项")
    few = count()
    for number in range(12):
        progress.add(made.problem, by=made["clerk"], text=f"又一条 {number}", files=[builders.pdf()])
        measures.add(made.problem, by=made["clerk"], text=f"又一项 {number}")
    assert count() <= few


def test_history_shows_twenty_and_then_all(made: Cast) -> None:
    for number in range(25):
        measures.add(made.problem, by=made["clerk"], text=f"措施 {number}")
    client = client_of(made, "office")
    assert len(client.get(made.problem.get_absolute_url()).context["history"]) == 20
    page = client.get(made.problem.get_absolute_url() + "?history=all")
    assert len(page.context["history"]) == made.problem.entries.count()


# -- progress --------------------------------------------------------------------------------------


def test_progress_is_recorded_once_with_its_evidence(made: Cast) -> None:
    client, where = client_of(made, "clerk"), url("progress_add", made.problem.pk)
    drafts.keep(made["clerk"], key=f"progress:{made.problem.pk}", fields={"text": "草稿"})
    for _ in range(2):
        data = {
            "text": "第一行\r\n第二行\x07",
            "percent": "60%",
            "idempotency_key": TOKEN,
            "files": [builders.pdf()],
        }
        response = client.post(where, data, follow=True)
        assert "已填报第 1 项的进展，附佐证材料 1 份" in response.content.decode()
    note = ProgressNote.objects.get()
    assert (note.text, note.percent) == ("第一行\n第二行", 60)
    assert not Draft.objects.exists()


def test_other_words_from_the_same_page_are_another_note(made: Cast) -> None:
    client, where = client_of(made, "clerk"), url("progress_add", made.problem.pk)
    for text in ("先报一条", "退回去又写一条"):
        client.post(where, {"text": text, "idempotency_key": TOKEN})
    assert ProgressNote.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": " \n "}, "请填写进展"),
        ({"text": "长" * 10_001}, "最多 10000 个字，现在 10001 个字"),
        ({"text": "好", "percent": "101"}, "0 到 100"),
        ({"text": "好", "percent": "abc"}, "0 到 100"),
        ({"text": "好", "measure": "99999999999999999999999"}, "不在可选范围内"),
        ({"text": "好", "measure": "1 OR 1=1"}, "不在可选范围内"),
    ],
)
def test_wrong_progress_comes_back_with_what_was_typed(made: Cast, data: dict, words: str) -> None:
    response = client_of(made, "clerk").post(url("progress_add", made.problem.pk), data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert response.context["form"]["text"].value() == data["text"]
    assert not ProgressNote.objects.exists()


def test_an_expired_sign_in_keeps_the_text(made: Cast) -> None:
    client, where = client_of(made, "clerk"), url("progress_add", made.problem.pk)
    draft_token = client.get(made.problem.get_absolute_url()).context["draft_token"]
    client.logout()
    response = client.post(where, {"text": "写了很久", "percent": "30", "draft_token": draft_token})
    assert response.status_code == 302 and response["Location"].startswith("/accounts/login/?next=")
    assert not ProgressNote.objects.exists()
    page = client_of(made, "clerk").get(where + "?kept=1", follow=True)
    assert page.context["form"]["text"].value() == "写了很久"
    assert "登录已过期" in page.content.decode() and "文字和所选的材料已经保留" in page.content.decode()


@pytest.mark.parametrize("draft_token", ["", "nonsense", "WzEsInByb2dyZXNzOjEiXQ:1:abc"])
def test_a_forged_draft_token_keeps_nothing(made: Cast, draft_token: str) -> None:
    response = Client().post(
        url("progress_add", made.problem.pk), {"text": "塞进去", "draft_token": draft_token}
    )
    assert response.status_code == 302
    assert not Draft.objects.exists()


def test_a_text_too_long_for_a_draft_is_kept_in_part(made: Cast) -> None:
    draft_token = client_of(made, "clerk").get(made.problem.get_absolute_url()).context["draft_token"]
    data = {"text": "长" * 30_000, "draft_token": draft_token}
    response = Client().post(url("progress_add", made.problem.pk), data)
    assert "kept%3Dpart" in response["Location"]
    assert len(Draft.objects.get().fields["text"]) == 20_000


def test_the_draft_token_stands_in_for_the_csrf_token_only_for_its_owner(made: Cast) -> None:
    where = url("progress_add", made.problem.pk)
    draft_token = client_of(made, "clerk").get(made.problem.get_absolute_url()).context["draft_token"]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(made["unit_head"])
    assert strict.post(where, {"text": "冒名", "draft_token": draft_token}).status_code == 403
    assert strict.post(where, {"text": "没有票"}).status_code == 403
    strict.force_login(made["clerk"])
    assert strict.post(where, {"text": "重新登录后再交", "draft_token": draft_token}).status_code == 302
    assert ProgressNote.objects.get().text == "重新登录后再交"


def test_a_correction_keeps_the_old_text(made: Cast) -> None:
    note = progress.add(made.problem, by=made["clerk"], text="完成 21 件")
    client = client_of(made, "clerk")
    where = url("note_correct", note.pk)
    assert client.get(where).context["form"]["text"].value() == "完成 21 件"
    assert client.post(where, {"text": "完成 12 件"}).status_code == 422
    page = client.post(where, {"text": "完成 12 件", "reason": "笔误", "idempotency_key": TOKEN}, follow=True)
    assert page.context["timeline"]["rows"][0].note.text == "完成 12 件"
    assert page.context["timeline"]["rows"][0].older[0].text == "完成 21 件"
    assert "更正前" in page.content.decode()


# -- drafts ----------------------------------------------------------------------------------------


def test_a_draft_is_kept_for_what_one_may_see(made: Cast) -> None:
    client = client_of(made, "clerk")
    mine, other = made.problem.pk, Problem.objects.get(report=made.report, number=2).pk
    answer = client.post("/drafts/", {"draft_key": f"progress:{mine}", "text": "写了一半"})
    assert answer.status_code == 200 and len(answer.json()["saved_at"]) == 5
    assert client.get(f"/problems/{mine}/").context["form"]["text"].value() == "写了一半"
    for key in (f"progress:{other}", "progress:", "x", f"{mine}", "progress:99999999999999999999", ""):
        assert client.post("/drafts/", {"draft_key": key, "text": "写了一半"}).status_code == 404, key
    too_long = client.post("/drafts/", {"draft_key": f"progress:{mine}", "text": "长" * 20_001})
    assert too_long.status_code == 422
    assert Draft.objects.get().fields == {"text": "写了一半"}


def test_a_form_page_survives_an_expired_sign_in_with_its_version(made: Cast) -> None:
    where = url("assign", made.problem.pk)
    client = client_of(made, "office")
    page = client.get(where)
    data = {
        "leader": made.leader.pk,
        "lead_unit": made.bureau.pk,
        "kind": "by_date",
        "deadline": "2099-06-30",
        "reason": "改责任人",
        "responsible": "张三",
        "supporting_units": [made.other_bureau.pk, made.county.pk],
        "version": page.context["form"]["version"].value(),
        "draft_token": page.context["draft_token"],
    }
    assert Client().post(where, data)["Location"].startswith("/accounts/login/")
    form = client.get(where + "?kept=1").context["form"]
    assert form["responsible"].value() == "张三"
    assert form["supporting_units"].value() == [str(made.other_bureau.pk), str(made.county.pk)]
    assert str(form["version"].value()) == str(data["version"])


# -- verbs on the problem --------------------------------------------------------------------------


@pytest.fixture
def undated(made: Cast) -> Cast:
    """Nobody has set a date yet: the form asks for one."""
    Problem.objects.filter(pk=made.problem.pk).update(deadline=None, original_deadline=None)
    return made


def assign_data(made: Cast, **more: object) -> dict:
    return {
        "leader": made.leader.pk,
        "lead_unit": made.bureau.pk,
        "clerk": made["clerk"].pk,
        "kind": "by_date",
        "deadline": "2099-12-31",
        "version": made.problem.version,
        **more,
    }


@pytest.mark.parametrize(
    "written", ["2099-12-31", "2099年12月31日", "2099/12/31", "2099.12.31", " 2099 年 12 月 31 日 "]
)
def test_a_deadline_may_be_written_in_many_ways(undated: Cast, written: str) -> None:
    made = undated
    response = client_of(made, "office").post(
        url("assign", made.problem.pk), assign_data(made, deadline=written)
    )
    assert response.status_code == 302
    assert made.problem.deadline == dt.date(2099, 12, 31)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("deadline", "2099-02-30"),
        ("deadline", "明年"),
        ("deadline", "0001-01-01"),
        ("lead_unit", "0"),
        ("lead_unit", "x"),
        ("lead_unit", "9" * 30),
        ("clerk", "\x00"),
        ("kind", "never"),
        ("supporting_units", "x"),
        ("supporting_units", "9" * 30),
        ("version", ""),
        ("version", "x"),
        ("version", "9" * 30),
    ],
)
def test_wrong_values_are_errors_of_the_form(undated: Cast, field: str, value: str) -> None:
    made = undated
    before = made.problem.version
    response = client_of(made, "office").post(
        url("assign", made.problem.pk), assign_data(made, **{field: value})
    )
    assert response.status_code == 422
    assert response.context["form"].errors
    assert made.problem.version == before


def test_people_and_units_of_another_county_are_not_choices(made: Cast) -> None:
    report = builders.another_ledger(made)
    wrong = {
        "lead_unit": (report.unit.pk, "不在可选范围内"),
        "clerk": (report.created_by.pk, "所选经办人不是责任单位、配合单位的经办人或负责人"),
    }
    for field, (value, words) in wrong.items():
        response = client_of(made, "office").post(
            url("assign", made.problem.pk), assign_data(made, **{field: value})
        )
        assert response.status_code == 422 and words in response.content.decode()


def test_a_stale_edit_shows_both_texts_and_goes_through_the_second_time(made: Cast) -> None:
    problem, client, where = made.problem, client_of(made, "office"), url("problem_edit", made.problem.pk)
    data = {"title": "我的题目", "text": problem.text, "reason": "改题目", "version": problem.version}
    problems.edit(problem, by=made["office"], seen=problem.version, reason="先改", title="别人的题目")
    response = client.post(where, data)
    assert response.status_code == 409
    text = response.content.decode()
    assert "我的题目" in text and "别人的题目" in text and "没有丢失" in text
    form = response.context["form"]
    assert form["title"].value() == "我的题目"
    again = data | {"version": form["version"].value()}
    assert client.post(where, again).status_code == 302
    assert made.problem.title == "我的题目"


def test_status_withdraw_and_restore(made: Cast) -> None:
    office, pk = client_of(made, "office"), made.problem.pk
    version = made.problem.version
    client_of(made, "clerk").post(url("problem_status", pk), {"status": "in_progress", "version": version})
    assert made.problem.status == Status.IN_PROGRESS
    closed = office.post(url("problem_status", pk), {"status": "closed", "version": made.problem.version})
    assert closed.status_code == 422
    assert office.post(url("withdraw", pk), {"version": made.problem.version}).status_code == 422
    page = office.post(url("withdraw", pk), {"version": made.problem.version, "reason": "重复"}, follow=True)
    assert made.problem.withdrawn and "已撤回：第 1 项" in page.content.decode()
    office.post(url("restore", pk), {"version": made.problem.version, "reason": "并非重复"})
    assert not made.problem.withdrawn


def test_a_problem_is_added_once(made: Cast) -> None:
    office, where = client_of(made, "office"), url("problem_add", made.report.pk)
    data = {"title": "新查出的问题", "source": "public", "kind": "at_once", "idempotency_key": TOKEN}
    pages = [office.post(where, data, follow=True) for _ in range(2)]
    assert Problem.objects.filter(title="新查出的问题").count() == 1
    assert "已新增第 4 项" in pages[0].content.decode()
    assert office.post(where, data | {"title": ""}).status_code == 422
    assert client_of(made, "clerk").get(where).status_code == 403
    assert client_of(made, "stranger").get(where).status_code == 404


def test_a_problem_that_resembles_another_is_pointed_out_before_it_is_added(made: Cast) -> None:
    office, where = client_of(made, "office"), url("problem_add", made.report.pk)
    data = {"title": "学用结合还不紧", "source": "public", "kind": "at_once", "idempotency_key": TOKEN}
    page = office.post(where, data)
    words = page.content.decode()
    assert page.status_code == 422 and "还没有新增" in words
    assert (
        "本台账 2025-01 · 2025年度 学用结合不紧" in words
        and "题目相似" in words
        and "学用结合还不紧" in words
    )
    assert not Problem.objects.filter(title="学用结合还不紧").exists()
    looked = page.context["form"]["looked"].value()
    assert str(made.problem.pk) in looked
    for _ in range(2):
        office.post(where, data | {"looked": looked})
    office.post(where, data)  # the first page sent once more
    assert Problem.objects.filter(title="学用结合还不紧").count() == 1


def test_what_another_county_wrote_is_not_pointed_out(made: Cast) -> None:
    given = {"created_at": clock.now(), "created_by": made["office"]}
    there = Report.objects.create(unit=made.city, year=2020, title="别处的台账", prefix="别处", **given)
    far = Problem.objects.create(
        report=there, number=1, code="X-01", title="夜市油烟扰民", created_at=clock.now()
    )
    data = {"title": far.title, "source": "public", "kind": "at_once", "idempotency_key": TOKEN}
    page = client_of(made, "office").post(url("problem_add", made.report.pk), data, follow=True)
    assert "已新增" in page.content.decode()


def test_links_are_confirmed_and_rejected(made: Cast) -> None:
    link = made.problem.direction_links.get()
    office, where = client_of(made, "office"), url("link_decide", "direction", link.pk)
    assert client_of(made, "clerk").post(where, {"confirm": "1"}).status_code == 403
    page = office.post(where, {"confirm": "1"}, follow=True)
    link.refresh_from_db()
    assert link.status == LinkStatus.CONFIRMED
    assert "确认对应关系：完善学习制度" in page.content.decode()
    assert office.post(where, {"confirm": "1"}).status_code == 403
    office.post(where, {"confirm": "0"})
    link.refresh_from_db()
    assert link.status == LinkStatus.REJECTED
    assert "已否定的对应关系" in office.get(made.problem.get_absolute_url()).content.decode()
    assert office.post(url("link_decide", "other", link.pk)).status_code == 404


# -- measures --------------------------------------------------------------------------------------


def test_a_measure_is_added_changed_finished_and_dropped(made: Cast) -> None:
    clerk, problem = client_of(made, "clerk"), made.problem
    for text in ("建立制度", "补齐台账"):
        data = {"text": text, "kind": "now", "deadline": "2099年1月1日", "idempotency_key": TOKEN}
        assert clerk.post(url("measure_add", problem.pk), data).status_code == 302
    first, second = Measure.objects.order_by("number")
    edited = {"text": "建立并印发制度", "kind": "lasting", "deadline": "2099-01-01", "version": first.version}
    assert clerk.post(url("measure_edit", first.pk), edited).status_code == 302
    stale = clerk.post(url("measure_edit", first.pk), edited | {"text": "另一说法"})
    assert stale.status_code == 409 and "建立并印发制度" in stale.content.decode()
    first.refresh_from_db()
    done = {"result": "已印发", "version": first.version, "files": [builders.pdf()]}
    refused = clerk.post(url("measure_finish", first.pk), done | {"files": [builders.pdf()]})
    assert refused.status_code == 422 and "请填写制度名称" in refused.content.decode()
    done |= {"rule_name": "学习制度", "rule_number": "无", "files": [builders.pdf()]}
    assert clerk.post(url("measure_finish", first.pk), done).status_code == 302
    dropped = {"reason": "并入第一项", "version": second.version}
    assert clerk.post(url("measure_drop", second.pk), dropped).status_code == 302
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.status, second.status) == (MeasureStatus.DONE, MeasureStatus.DROPPED)
    text = clerk.get(problem.get_absolute_url()).content.decode()
    assert "1 项，完成 1 项" in text and "已印发" in text and "学习制度（无）" in text and "不再实施" in text


# -- evidence --------------------------------------------------------------------------------------


def test_evidence_is_an_attachment_that_no_browser_runs(made: Cast) -> None:
    note = progress.add(made.problem, by=made["clerk"], text="好", files=[builders.pdf("验收 单#1.pdf")])
    one = note.evidence.get()
    response = client_of(made, "clerk").get(one.get_absolute_url())
    assert b"".join(response.streaming_content) == builders.PDF
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E9%AA%8C%E6%94%B6")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client_of(made, "stranger").get(one.get_absolute_url()).status_code == 404


def test_missing_and_purged_evidence_say_so(made: Cast) -> None:
    note = progress.add(
        made.problem, by=made["clerk"], text="好", files=[builders.pdf(), builders.pdf("二.pdf")]
    )
    lost, purged = note.evidence.order_by("id")
    lost.path.unlink()
    purging.confirm(purging.request(purged, by=made["office"], reason="误传"), by=made["sysadmin"])
    client = client_of(made, "clerk")
    assert client.get(lost.get_absolute_url()).status_code == 404
    gone = client.get(purged.get_absolute_url())
    assert gone.status_code == 410 and "按程序清除" in gone.content.decode()
    assert client.get(made.problem.get_absolute_url()).status_code == 200


def test_a_refused_file_keeps_the_text(made: Cast) -> None:
    data = {"text": "写好的进展", "files": [SimpleUploadedFile("程序.exe", b"MZ")]}
    response = client_of(made, "clerk").post(url("progress_add", made.problem.pk), data)
    assert response.status_code == 422
    assert "程序.exe" in response.content.decode()
    assert response.context["form"]["text"].value() == "写好的进展"
    assert not Evidence.objects.exists()


def test_every_act_of_the_page_has_words(made: Cast) -> None:
    assert all(str(Action(act).label) for act in Action.values)


def test_no_extension_without_a_date_and_no_closing_of_what_stands(made: Cast) -> None:
    """Without a deadline none can be extended; a standing item is looked at again, not closed."""
    undated = Problem.objects.get(report=made.report, number=2)
    office = made["office"]
    problems.assign(undated, by=office, seen=undated.version, lead_unit=made.bureau)
    page = client_of(made, "clerk").get(undated.get_absolute_url()).content.decode()
    assert "这一项还没有定整改时限，请由整改办先明确。" in page and "更正时限" not in page
    Problem.objects.filter(pk=undated.pk).update(status=Status.STANDING)
    page = client_of(made, "clerk").get(undated.get_absolute_url()).content.decode()
    assert "长期坚持的事项按期回头看" in page and "申请延期" not in page

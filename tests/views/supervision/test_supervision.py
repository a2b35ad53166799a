"""The pages of chasing: who sees what, forms that keep what was typed, and reasons beside missing buttons."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectify import clock
from rectify.choices import NoticeKind, SupervisionLevel
from rectify.models import (
    AllowedHost,
    DeliverySettings,
    Handling,
    Instruction,
    Notice,
    Problem,
    ProgressNote,
    Receipt,
    Reply,
    Supervision,
)
from rectify.operations import instructions, progress, supervision
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def history() -> builders.Cast:
    with clock.pretend(clock.now() - dt.timedelta(days=100)):
        return builders.cast()


WORLD = history


def as_(cast: builders.Cast, role: str) -> Client:
    client = Client()
    client.force_login(cast[role])
    return client


def issue(cast: builders.Cast, **changes) -> Supervision:
    given = {
        "problems": [cast.problem],
        "by": cast["office"],
        "level": SupervisionLevel.NORMAL,
        "reason": "请说明滞后原因",
        "reply_by": clock.today() + dt.timedelta(days=3),
        "units": [cast.bureau],
    } | changes
    return supervision.issue(given.pop("problems"), **given)


def form(cast: builders.Cast, **changes) -> dict:
    return {
        "problems": [cast.problem.pk],
        "level": "normal",
        "reason": "请说明滞后原因",
        "reply_by": (clock.today() + dt.timedelta(days=3)).isoformat(),
        "to_units": "on",
        "idempotency_key": "3f1c0c52-7f3a-4d0b-9f57-0a4e5f1f5a11",
    } | changes


def text_of(response) -> str:
    return response.content.decode()


def test_the_office_issues_from_the_item_page(cast):
    client = as_(cast, "office")
    page = text_of(client.get(f"/problems/{cast.problem.pk}/"))
    url = reverse("supervise", args=[cast.problem.pk])
    assert f'href="{url}"' in page
    response = client.post(url, form(cast))
    paper = Supervision.objects.get()
    assert response["Location"] == paper.get_absolute_url()
    assert "已签发督办〔" in text_of(client.get(response["Location"]))
    client.post(url, form(cast))
    assert Supervision.objects.count() == 1


def test_the_office_issues_for_what_the_list_shows(cast):
    client = as_(cast, "office")
    assert f"{reverse('supervision_issue')}?unit={cast.bureau.pk}" in text_of(
        client.get(f"/problems/?unit={cast.bureau.pk}")
    )
    page = client.get(f"/supervision/issue/?unit={cast.bureau.pk}")
    assert page.context["form"].initial["problems"] == [cast.problem.pk]
    two = builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
    client.post("/supervision/issue/", form(cast, problems=[cast.problem.pk, two.pk], to_leaders="on"))
    paper = Supervision.objects.get()
    assert paper.problems.count() == 2
    assert {str(one) for one in paper.addressees.all()} == {"乙县丙局", "常务副县长"}


def test_the_office_issues_for_the_rows_it_ticked(cast):
    client, url = as_(cast, "office"), reverse("supervision_issue")
    two = builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
    far = builders.another_ledger(cast).problems.first()
    page = text_of(client.get("/problems/"))
    assert f'formaction="{url}"' in page and "督办勾选的事项" in page
    assert "督办勾选的事项" not in text_of(as_(cast, "clerk").get("/problems/"))
    form_page = client.get(url, {"where": "", "pick": [two.pk, far.pk, "x", "９" * 30]})
    assert form_page.context["form"].initial["problems"] == [two.pk]
    for asked, words in (({"where": ""}, "还没有勾选"), ({"where": "", "pick": [far.pk]}, "没有可以督办")):
        answer = client.get(url, asked, follow=True)
        assert answer.redirect_chain[-1][0] == "/problems/" and words in text_of(answer)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"problems": []}, "至少选择一个"),
        ({"problems": ["99999999999999999999"]}, "不在可选范围内"),
        ({"problems": ["abc"]}, "不在可选范围内"),
        ({"reason": ""}, "督办事由"),
        ({"reason": "长" * 2001}, "2000"),
        ({"reply_by": "2020-01-01"}, "不能早于今天"),
        ({"reply_by": "明天"}, "日期无法识别"),
        ({"level": "x"}, "不在可选范围内"),
        ({"to_units": ""}, "责任单位或责任领导"),
    ],
)
def test_a_wrong_form_comes_back_with_what_was_typed(cast, changes, words):
    url = reverse("supervise", args=[cast.problem.pk])
    response = as_(cast, "office").post(url, form(cast) | changes)
    assert response.status_code == 422 and words in text_of(response)
    if "reason" not in changes:
        assert "请说明滞后原因" in text_of(response)
    assert not Supervision.objects.exists()


def test_an_item_of_a_foreign_ledger_cannot_be_slipped_in(cast):
    foreign = builders.another_ledger(cast).problems.first()
    url = reverse("supervise", args=[cast.problem.pk])
    response = as_(cast, "office").post(url, form(cast, problems=[foreign.pk]))
    assert response.status_code == 422 and not Supervision.objects.exists()


def test_what_was_typed_outlives_a_list_that_emptied_meanwhile(cast):
    client, url = as_(cast, "office"), "/supervision/issue/?stale=1"
    assert client.get(url).status_code == 200
    for one in Problem.objects.filter(report=cast.report):
        progress.add(one, by=cast["office"], text="已推进")
    assert client.post(url, form(cast, reply_by="")).status_code == 422
    client.post(url, form(cast))
    assert Supervision.objects.get().reason == "请说明滞后原因"


def test_nothing_to_supervise_leads_back_to_the_list(cast):
    response = as_(cast, "office").get("/supervision/issue/?status=closed", follow=True)
    assert "没有可以督办的事项" in text_of(response)


def test_the_unit_signs_and_replies_on_the_sheet(cast):
    paper, client = issue(cast), as_(cast, "clerk")
    to = paper.addressees.get()
    page = text_of(client.get(paper.get_absolute_url()))
    assert "签收" in page and "提交回复" not in page
    client.post(reverse("supervision_acknowledge", args=[to.pk]))
    assert Receipt.objects.get().by == cast["clerk"]
    assert "提交回复" in text_of(client.get(paper.get_absolute_url()))
    url = reverse("supervision_reply", args=[to.pk])
    empty = client.post(url, {"text": " ", "idempotency_key": ""})
    assert empty.status_code == 422 and not Reply.objects.exists()
    client.post(url, {"text": "已整改", "files": [builders.pdf()], "idempotency_key": ""})
    page = text_of(client.get(paper.get_absolute_url()))
    assert "已整改" in page and "验收单.pdf" in page and "已回复" in page


def test_a_reply_after_the_sign_in_expired_keeps_its_text(cast):
    paper, client = issue(cast), as_(cast, "clerk")
    to = paper.addressees.get()
    supervision.acknowledge(to, by=cast["clerk"])
    draft_token = client.get(paper.get_absolute_url()).context["draft_token"]
    url = reverse("supervision_reply", args=[to.pk])
    Client().post(url, {"text": "写了很久的回复", "draft_token": draft_token})
    response = as_(cast, "clerk").get(f"{url}?kept=1", follow=True)
    assert "写了很久的回复" in text_of(response)


def test_the_page_says_why_a_button_is_missing(cast):
    paper = issue(cast)
    page = text_of(as_(cast, "office").get(paper.get_absolute_url()))
    assert "发给乙县丙局的督办单由对方签收和回复；" in page
    page = text_of(as_(cast, "leader").get(f"/problems/{cast.problem.pk}/"))
    assert "写批示" in page
    page = text_of(as_(cast, "office").get(f"/problems/{cast.problem.pk}/"))
    assert "常务副县长有账号，批示由本人填写。" in page


def test_a_unit_sees_its_own_part_only(cast):
    two = builders.assign(
        cast, Problem.objects.get(report=cast.report, number=2), lead_unit=cast.other_bureau
    )
    paper = issue(cast, problems=[cast.problem, two], units=[cast.bureau, cast.other_bureau])
    theirs = paper.addressees.get(unit=cast.other_bureau)
    supervision.acknowledge(theirs, by=cast["stranger"])
    supervision.reply(theirs, by=cast["stranger"], text="丁局的回复")
    page = text_of(as_(cast, "clerk").get(paper.get_absolute_url()))
    assert "学用结合不紧" in page and "督办不够经常" not in page and "另有 1 项" in page
    assert "丁局的回复" not in page
    assert "丁局的回复" in text_of(as_(cast, "office").get(paper.get_absolute_url()))


@pytest.mark.parametrize("state", ["to_acknowledge", "to_reply", "replied", "overdue", ""])
def test_the_list_is_narrowed_by_state(cast, state):
    issue(cast)
    for role in ("office", "clerk"):
        page = text_of(as_(cast, role).get(f"/supervision/?state={state}"))
        assert ("督办〔" in page) == (state in ("to_acknowledge", "")), (role, state)


@pytest.mark.parametrize(
    "query", ["state=x", "state=%00", "page=abc", "page=-1", "mine=9999999999999999999999"]
)
def test_a_wrong_query_is_no_accident(cast, query):
    issue(cast)
    assert as_(cast, "office").get(f"/supervision/?{query}").status_code == 200


def test_the_list_reads_a_fixed_number_of_queries(cast):
    client = as_(cast, "office")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/supervision/").status_code == 200
        return len(queries)

    issue(cast)
    client.get("/supervision/")
    few = count()
    for _ in range(8):
        issue(cast)
    assert count() == few


def test_who_has_not_reported_is_chased_in_one_act(cast):
    client = as_(cast, "office")
    page = client.get("/supervision/")
    silence = page.context["silence"][0]
    assert silence.total == 3
    listed = client.get(f"/problems/?report={cast.report.pk}&stale=1&unit={cast.bureau.pk}")
    assert listed.context["page"].count == 1
    url = reverse("chase_unreported", args=[cast.report.pk])
    response = client.post(url, {"idempotency_key": silence.idempotency_key}, follow=True)
    assert "已催报 3 项，发给 2 位同志" in text_of(response) and "今天已经催报" in text_of(response)
    client.post(url, {"idempotency_key": silence.idempotency_key})
    again = client.post(url, {"idempotency_key": "another"})
    assert again.status_code == 409 and "今天已经催过" in text_of(again)
    assert Notice.objects.filter(kind=NoticeKind.CHASE).count() == 2


def test_the_leader_writes_and_the_clerk_answers_with_progress(cast):
    leader, clerk = as_(cast, "leader"), as_(cast, "clerk")
    url = reverse("instruct", args=[cast.problem.pk])
    assert leader.post(url, {"text": " ", "idempotency_key": ""}).status_code == 422
    leader.post(url, {"text": "本周内报方案。", "idempotency_key": ""})
    row = Instruction.objects.get()
    assert "本周内报方案。" in text_of(clerk.get(f"/problems/{cast.problem.pk}/"))
    clerk.post(
        reverse("progress_add", args=[cast.problem.pk]),
        {"text": "方案已报", "answers": [row.pk], "idempotency_key": ""},
    )
    assert Handling.objects.get().note == ProgressNote.objects.get()
    assert "用进展回应" in text_of(leader.get(f"/problems/{cast.problem.pk}/"))


def test_the_clerk_takes_note_without_a_progress(cast):
    row = instructions.instruct(cast.problem, by=cast["leader"], text="请抓紧")
    as_(cast, "clerk").post(reverse("instruction_acknowledge", args=[row.pk]))
    assert Handling.objects.get().note is None


def test_an_answer_to_a_strange_instruction_is_refused(cast):
    instructions.instruct(cast.problem, by=cast["leader"], text="请抓紧")
    for wrong in ("abc", "999999", "9" * 30):
        response = as_(cast, "clerk").post(
            reverse("progress_add", args=[cast.problem.pk]),
            {"text": "方案", "answers": [wrong], "idempotency_key": ""},
        )
        assert response.status_code == 422
    assert not ProgressNote.objects.exists()


def test_users_text_is_escaped(cast):
    paper = issue(cast, reason="<script>alert(1)</script>")
    instructions.instruct(cast.problem, by=cast["leader"], text="<img src=x onerror=alert(1)>")
    for url in (paper.get_absolute_url(), "/supervision/", f"/problems/{cast.problem.pk}/", "/"):
        for role in ("office", "clerk"):
            page = text_of(as_(cast, role).get(url))
            assert "<script>alert" not in page and "<img src=x" not in page


def test_the_delivery_page_never_shows_the_address(cast):
    AllowedHost.objects.create(host="robot.example.com")
    client, url = as_(cast, "office"), reverse("delivery", args=[cast.report.pk])
    page = client.get(url)
    assert "企业微信" in text_of(page)
    given = {
        "webhook_on": "on",
        "robot": "other",
        "webhook_url": "https://robot.example.com/send?key=geheim-7f3a",
        "template": '{"text": "{text}"}',
        "reason": "启用",
        "version": 1,
    }
    wrong = client.post(url, given | {"template": "nonsense"})
    assert wrong.status_code == 422 and "geheim" not in text_of(wrong)
    assert client.post(url, given).status_code == 302
    assert DeliverySettings.objects.get().webhook_url.endswith("7f3a")
    page = text_of(client.get(url))
    assert "robot.example.com …7f3a" in page and "geheim" not in page
    assert "geheim" not in text_of(client.get("/audit/"))
    stale = client.post(url, given)
    assert stale.status_code == 409 and "您填写的内容没有丢失" in text_of(stale)

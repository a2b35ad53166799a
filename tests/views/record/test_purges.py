"""Purge pages: asked for with a reason, decided by another person, refused with a reason, nobody else."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify.choices import Action, PurgeStatus, Role
from rectify.models import AuditEntry, Draft, Purge
from rectify.models.progress import PURGED
from rectify.operations import carry_over, measures, progress, purging
from tests import builders
from tests.builders import Cast
from tests.views.rendered import check_page

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.sqlite]


def history() -> Cast:
    made = builders.cast()
    made.people["second"] = builders.account("second", made.county, Role.OFFICE)
    return made


WORLD = history


def client_of(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def asked(made: Cast, text: str = "误传的名单") -> Purge:
    note = progress.add(made.problem, by=made["clerk"], text=text, files=[builders.pdf("名单.pdf")])
    return purging.request(note, by=made["office"], reason="误传个人信息")


def targets(made: Cast) -> dict[str, int]:
    note = progress.add(made.problem, by=made["clerk"], text="误传的名单", files=[builders.pdf("名单.pdf")])
    measure = measures.add(made.problem, by=made["clerk"], text="误写的措施")
    return {
        "progressnote": note.pk,
        "evidence": note.evidence.get().pk,
        "measure": measure.pk,
        "problem": made.problem.pk,
    }


@pytest.mark.ci
@pytest.mark.parametrize("kind", ["progressnote", "evidence", "measure", "problem"])
def test_each_sort_of_content_is_asked_for_and_purged(
    made: Cast, kind: str, django_capture_on_commit_callbacks
) -> None:
    pk = targets(made)[kind]
    office, where = client_of(made, "office"), f"/purges/request/{kind}/{pk}/"
    form = office.get(where)
    assert form.status_code == 200 and "经第二人确认后" in form.content.decode()
    page = office.post(where, {"reason": "误传\r\n个人信息\x07"}, follow=True)
    purge = Purge.objects.get()
    assert (purge.status, purge.reason, purge.target_kind) == (PurgeStatus.REQUESTED, "误传\n个人信息", kind)
    assert "等另一位同志确认" in page.content.decode()
    assert "清除须由两人办理" in page.content.decode(), "why the button is missing"
    with django_capture_on_commit_callbacks(execute=True):
        done = client_of(made, "second").post(f"/purges/{purge.pk}/confirm/", follow=True)
    assert "已清除" in done.content.decode() and "留在审计记录里" in done.content.decode()
    row = purging.MODELS[kind].objects.get(pk=pk)
    name = {"evidence": "name", "problem": "title"}.get(kind, "text")
    assert getattr(row, name) == PURGED
    if kind in ("evidence", "progressnote"):
        file = row if kind == "evidence" else row.evidence.get()
        assert not file.path.exists()
    item = client_of(made, "clerk").get(made.problem.get_absolute_url())
    assert item.status_code == 200
    entries = AuditEntry.objects.filter(act__in=[Action.REQUEST_PURGE, Action.CONFIRM_PURGE])
    assert {entry.actor.username for entry in entries} == {"office", "second"}


@pytest.mark.parametrize(
    ("reason", "words"),
    [("", "请填写理由"), (" \n ", "请填写理由"), ("长" * 501, "最多 500 个字，现在 501 个字")],
)
def test_a_request_and_a_refusal_need_a_reason(made: Cast, reason: str, words: str) -> None:
    pk = targets(made)["measure"]
    response = client_of(made, "office").post(f"/purges/request/measure/{pk}/", {"reason": reason})
    assert response.status_code == 422 and words in response.content.decode()
    assert response.context["form"]["reason"].value() == reason
    assert not Purge.objects.exists()
    purge = asked(made)
    refused = client_of(made, "second").post(f"/purges/{purge.pk}/refuse/", {"reason": reason})
    assert refused.status_code == 422 and words in refused.content.decode()
    check_page(refused, "refuse")
    purge.refresh_from_db()
    assert purge.status == PurgeStatus.REQUESTED


def test_control_characters_are_taken_out_of_a_reason(made: Cast) -> None:
    purge = asked(made)
    sent = client_of(made, "second").post(f"/purges/{purge.pk}/refuse/", {"reason": "不是\x00个人\x1f信息"})
    assert sent.status_code == 302
    assert AuditEntry.objects.get(act=Action.REFUSE_PURGE).reason == "不是个人信息"


def test_one_declined_stays_as_it_was(made: Cast) -> None:
    purge = asked(made)
    page = client_of(made, "sysadmin").post(
        f"/purges/{purge.pk}/refuse/", {"reason": "不是个人信息"}, follow=True
    )
    assert "已不予清除" in page.content.decode()
    assert made.problem.notes.get().text == "误传的名单"
    purge.refresh_from_db()
    assert purge.status == PurgeStatus.REFUSED and purge.decided_by == made["sysadmin"]


def test_nobody_decides_their_own_and_nobody_decides_twice(made: Cast) -> None:
    purge = asked(made)
    own = client_of(made, "office")
    for verb in ("confirm", "refuse"):
        response = own.post(f"/purges/{purge.pk}/{verb}/", {"reason": "自己办"})
        assert response.status_code == 403 and "两人" in response.content.decode()
    second = client_of(made, "second")
    assert second.post(f"/purges/{purge.pk}/confirm/").status_code == 302
    for verb in ("confirm", "refuse"):
        again = second.post(f"/purges/{purge.pk}/{verb}/", {"reason": "再办一次"})
        assert again.status_code == 409 and "不能再办理" in again.content.decode()
    assert AuditEntry.objects.filter(act__in=[Action.CONFIRM_PURGE, Action.REFUSE_PURGE]).count() == 1


def test_the_same_content_is_asked_for_once(made: Cast) -> None:
    pk = targets(made)["progressnote"]
    answers = [
        client_of(made, role).post(f"/purges/request/progressnote/{pk}/", {"reason": "误传"}).status_code
        for role in ("office", "office", "second")
    ]
    assert answers == [302, 409, 409]
    assert Purge.objects.count() == 1


@pytest.mark.parametrize("kind", ["user", "report", "ProgressNote", "x", "progressnote%00"])
def test_nothing_else_can_be_purged(made: Cast, kind: str) -> None:
    client = client_of(made, "office")
    assert client.get(f"/purges/request/{kind}/1/").status_code == 404
    assert client.post(f"/purges/request/{kind}/1/", {"reason": "误传"}).status_code == 404


@pytest.mark.parametrize("pk", ["0", "99999", "9" * 30, "-1", "x"])
def test_a_forged_id_is_not_there(made: Cast, pk: str) -> None:
    client = client_of(made, "office")
    for where in (f"/purges/{pk}/confirm/", f"/purges/{pk}/refuse/", f"/purges/request/measure/{pk}/"):
        assert client.post(where, {"reason": "误传"}).status_code == 404


def test_who_sees_the_list_sees_no_business_text(made: Cast) -> None:
    asked(made)
    for role in ("office", "second", "sysadmin"):
        text = client_of(made, role).get("/purges/").content.decode()
        assert made.problem.code in text and "待第二人确认" in text
        assert "误传的名单" not in text and "名单.pdf" not in text and "学用结合不紧" not in text
        assert ("确认清除" in text) == (role in ("second", "sysadmin")), role
    refused = client_of(made, "auditor").get("/purges/")
    assert refused.status_code == 403 and "审计记录里查看" in refused.content.decode()
    assert "没有清除申请" in _foreign_office(made).get("/purges/").content.decode()


def _foreign_office(made: Cast) -> Client:
    builders.another_ledger(made)
    client = Client()
    client.force_login(type(made["office"]).objects.get(username="other_office"))
    return client


def test_a_carried_problem_says_that_its_other_text_stays(made: Cast) -> None:
    client = client_of(made, "office")
    before = client.get(f"/purges/request/problem/{made.problem.pk}/").content.decode()
    assert "因结转" not in before
    new = carry_over.carry_over(made.report, [made.problem], by=made["office"], reason="年度结转").problems[0]
    for here, there in ((made.problem, new), (new, made.problem)):
        page = client.get(f"/purges/request/problem/{here.pk}/").content.decode()
        assert "因结转在另一本台账里也有一份文字" in page and there.get_absolute_url() in page
        assert str(there.report) in page


def test_an_expired_sign_in_keeps_the_reason(made: Cast) -> None:
    pk = targets(made)["measure"]
    client, where = client_of(made, "office"), f"/purges/request/measure/{pk}/"
    draft_token = client.get(where).context["draft_token"]
    sent = Client().post(where, {"reason": "写了很久的理由", "draft_token": draft_token})
    assert sent.status_code == 302 and "kept%3D1" in sent["Location"]
    assert not Purge.objects.exists()
    page = client.get(f"{where}?kept=1")
    assert page.context["form"]["reason"].value() == "写了很久的理由"
    assert "登录已过期" in page.content.decode()
    assert client.post(where, {"reason": "写了很久的理由"}).status_code == 302
    assert not Draft.objects.exists()

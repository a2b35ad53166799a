"""The audit page: who reads which chain, what each entry says, filters, pages, and no way to change it."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify.choices import Action, Role
from rectify.models import AuditEntry, ChainHead, Report, Unit, User
from rectify.operations import people, problems, progress, purging, saved_views
from rectify.views.record import audit
from tests import builders
from tests.builders import Cast
from tests.views.rendered import check_page

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("still_session")]
AUDIT = "/audit/"


def history() -> Cast:
    made = builders.cast()
    builders.another_ledger(made)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, reason="措辞有误", goal="落实")
    return made


WORLD = history


def page(made: Cast, role: str, query: str = ""):  # type: ignore[no-untyped-def]
    client = Client()
    client.force_login(made[role])
    response = client.get(f"{AUDIT}{query}")
    check_page(response, query)
    return response


def chains(response) -> set[str]:  # type: ignore[no-untyped-def]
    """The unit of each chain that the page shows entries or heads of; 系统 for the system's."""
    entries = {entry.report.unit.name if entry.report else "系统" for entry in response.context["page"]}
    heads = {head.report.unit.name if head.report else "系统" for head in response.context["heads"]}
    assert entries <= heads
    return heads


def test_everybody_reads_the_chains_of_their_scope(made: Cast) -> None:
    assert chains(page(made, "office")) == {"乙县"}
    assert chains(page(made, "inspector")) == {"乙县", "戊县"}
    assert chains(page(made, "auditor")) == {"乙县", "系统"}


@pytest.mark.parametrize("role", ["leader", "unit_head", "clerk", "sysadmin", "stranger"])
def test_the_others_are_told_who_reads_it(made: Cast, role: str) -> None:
    response = page(made, role)
    assert response.status_code == 403
    assert "整改办、督查检查人员和安全审计员" in response.content.decode()


def test_an_entry_says_who_what_to_what_and_why(made: Cast) -> None:
    text = page(made, "auditor", "?act=edit_problem").content.decode()
    entry = AuditEntry.objects.get(act=Action.EDIT_PROBLEM)
    for words in ("乙县整改办", "修改问题", made.problem.code, "措辞有误", entry.digest[:12]):
        assert words in text, words
    assert ChainHead.objects.get(report=made.report).digest in text, "the head is printed whole"
    assert "学用结合不紧" not in text and "落实" not in text, "the log names things by code"


def test_account_entries_are_for_the_auditor_alone(made: Cast) -> None:
    people.set_password(made["clerk"], by=made["sysadmin"], password="xin-de-mi-ma-1", reason="忘记")
    assert "设置密码" in page(made, "auditor", "?chain=system").content.decode()
    for role in ("office", "inspector"):
        response = page(made, role, "?act=set_password")
        assert not response.context["page"].object_list


def test_it_narrows_by_act_and_by_chain(made: Cast) -> None:
    both = page(made, "inspector", f"?act=create_report&chain={made.report.pk}")
    assert [entry.report for entry in both.context["page"]] == [made.report]
    assert {entry.report_id for entry in page(made, "auditor", "?chain=system").context["page"]} == {None}
    assert page(made, "office", "?act=export").context["page"].paginator.count == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("act=nonsense", "操作"),
        ("act=%00", "操作"),
        ("act=<script>alert(1)</script>", "操作"),
        ("chain=0", "台账"),
        ("chain=-1", "台账"),
        ("chain=²", "台账"),
        ("chain=٣", "台账"),
        ("chain=x", "台账"),
        ("chain=" + "9" * 30, "台账"),
        ("chain=system", "台账"),
        ("chain=%ED%A0%80", "台账"),
    ],
)
def test_a_condition_that_makes_no_sense_is_named_and_narrows_nothing(
    made: Cast, query: str, words: str
) -> None:
    response = page(made, "office", f"?{query}")
    assert response.status_code == 200
    text = response.content.decode()
    assert f"网址中的{words}条件无法识别，已忽略" in text
    assert "<script>alert" not in text
    assert response.context["page"].paginator.count == AuditEntry.objects.filter(report=made.report).count()


def test_a_foreign_chain_cannot_be_asked_for(made: Cast) -> None:
    foreign = Report.objects.exclude(pk=made.report.pk).get()
    response = page(made, "office", f"?chain={foreign.pk}")
    assert "已忽略" in response.content.decode()
    assert {entry.report_id for entry in response.context["page"]} == {made.report.pk}


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "9" * 5000, "²", "%00", ""])
def test_a_page_that_is_not_there_is_the_first_or_the_last(made: Cast, number: str) -> None:
    assert page(made, "office", f"?page={number}").status_code == 200


def test_long_logs_come_in_pages_that_keep_the_conditions(made: Cast) -> None:
    for n in range(60):
        progress.add(made.problem, by=made["clerk"], text=f"第 {n} 条")
    first = page(made, "office", "?act=add_progress")
    assert len(first.context["page"]) == 50 and first.context["page"].paginator.num_pages == 2
    assert "act=add_progress&amp;page=2" in first.content.decode()
    second = page(made, "office", "?act=add_progress&page=2")
    assert len(second.context["page"]) == 10
    assert min(entry.pk for entry in first.context["page"]) > max(
        entry.pk for entry in second.context["page"]
    )


def test_it_cannot_be_written_to(made: Cast) -> None:
    client = Client()
    client.force_login(made["auditor"])
    count = AuditEntry.objects.count()
    assert client.post(AUDIT, {"act": "x"}).status_code == 405
    assert client.delete(AUDIT).status_code == 405
    assert AuditEntry.objects.count() == count


def test_what_was_purged_is_gone_from_it(made: Cast) -> None:
    note = progress.add(made.problem, by=made["clerk"], text="好")
    progress.correct(note, by=made["clerk"], text="身份证号某某", reason="补上身份证号某某")
    note = made.problem.notes.latest("pk")
    assert "身份证" in page(made, "auditor").content.decode(), "the reason is shown"
    purging.confirm(purging.request(note, by=made["office"], reason="误传"), by=made["sysadmin"])
    text = page(made, "auditor").content.decode()
    assert "身份证" not in text and "确认清除内容" in text


def test_the_page_takes_a_fixed_number_of_queries(made: Cast, django_assert_max_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        client = Client()
        client.force_login(User.objects.get(username="auditor"))
        client.get("/help/")
        with CaptureQueriesContext(connection) as caught:
            assert client.get(AUDIT).status_code == 200
        return len(caught)

    few = count()
    for n in range(30):
        progress.add(made.problem, by=made["clerk"], text=f"第 {n} 条")
    assert count() == few <= 30


def test_the_length_of_the_record_is_told_by_the_heads(made: Cast) -> None:
    """Counting entries would read the whole record for each page of it."""
    client = Client()
    for name in ("auditor", "office"):
        client.force_login(made[name])
        seen = AuditEntry.objects.visible_to(made[name]).order_by("-pk")
        assert client.get("/audit/").context["page"].paginator.count == seen.count() > 0


def test_each_page_of_a_part_of_the_house_holds_what_all_of_its_entries_hold(
    made: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is read from the newest entries of each ledger alone."""
    monkeypatch.setattr(audit, "PAGE", 3)
    client = Client()
    for name in ("auditor", "office", "inspector"):
        client.force_login(made[name])
        seen = list(AuditEntry.objects.visible_to(made[name]).order_by("-pk").values_list("pk", flat=True))
        for number in (1, 2, -(-len(seen) // 3)):
            shown = client.get("/audit/", {"page": number}).context["page"]
            assert [entry.pk for entry in shown] == seen[3 * number - 3 : 3 * number], (name, number)


def test_what_an_office_shared_and_dropped_is_read_by_its_own_auditor_alone(made: Cast) -> None:
    home = Unit.objects.get(name="戊县")
    builders.account("other_auditor", home, Role.AUDITOR)
    office = User.objects.get(username="other_office")
    saved_views.drop(
        saved_views.keep(by=office, name="戊县逾期", query="light=overdue", unit=home), by=office
    )
    entries = AuditEntry.objects.filter(act=Action.SHARE_VIEW)
    assert entries.count() == 2
    assert entries.visible_to(User.objects.get(username="other_auditor")).count() == 2
    assert not entries.visible_to(made["auditor"]).exists()

"""Home, dashboard and reports: every number is a link to exactly what it counts."""

from __future__ import annotations

import datetime as dt
from html import unescape

import pytest
from django.test import Client

from rectify import clock
from rectify.models import Problem
from rectify.operations import problems, progress, purging
from tests.builders import Cast, account, another_ledger, assign, cast
from tests.views.overview.numbers import LINK, check_numbers, counted, page

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def history() -> Cast:
    """Three problems: overdue, due soon, and one that nobody answers for."""
    with clock.pretend(clock.now() - dt.timedelta(days=100)):
        made = cast(assigned=False)
        for number, days in ((1, -6), (2, 4)):
            one = Problem.objects.get(report=made.report, number=number)
            assign(made, one, deadline=clock.today() + dt.timedelta(days=100 + days))
    return made


WORLD = history


@pytest.mark.ci
@pytest.mark.parametrize("role", ["office", "leader", "unit_head", "clerk", "inspector"])
@pytest.mark.parametrize("url", ["/", "/reports/"])
def test_every_number_is_a_link_to_what_it_counts(made: Cast, role: str, url: str) -> None:
    another_ledger(made)
    client, text = page(made, role, url)
    links = {(unescape(href), counted(words)) for href, words in LINK.findall(text)}
    assert links
    for href, count in links:
        response = client.get(href)
        assert "已忽略" not in response.content.decode(), href
        assert response.context["page"].count == count, href


@pytest.mark.parametrize(
    "role",
    [
        *("office", "clerk"),
        *(pytest.param(role, marks=pytest.mark.ci) for role in ("leader", "unit_head", "inspector")),
    ],
)
def test_every_number_of_the_dashboard_is_what_its_link_counts(made: Cast, role: str) -> None:
    another_ledger(made)
    _, text = page(made, role, "/dashboard/")
    assert check_numbers(made[role], text) > 20


def test_the_dashboard_of_one_report_counts_only_that_one(made: Cast) -> None:
    other = another_ledger(made)
    _, text = page(made, "inspector", f"/dashboard/?report={other.pk}")
    assert "3 项问题" in text
    assert "逾期 6 天" not in text
    _, text = page(made, "inspector", "/dashboard/")
    assert "6 项问题" in text


@pytest.mark.parametrize("asked", ["abc", "0", "%00", "999999999999999999999999"])
def test_a_report_that_makes_no_sense_is_named_and_ignored(made: Cast, asked: str) -> None:
    _, text = page(made, "office", f"/dashboard/?report={asked}")
    assert "已忽略" in text


def test_a_leader_sees_totals_of_the_ledger_without_links(made: Cast) -> None:
    _, text = page(made, "leader", "/dashboard/")
    assert "2 项问题" in text
    card = text[text.index("本台账总体") :].split("</section>")[0]
    assert "共 3 项" in card
    assert "<a " not in card
    _, text = page(made, "office", "/dashboard/")
    assert "本台账总体" not in text


def test_nothing_overdue_means_no_red(made: Cast) -> None:
    one = made.problem
    assign(made, one, deadline=clock.today() + dt.timedelta(days=90))
    _, text = page(made, "office", "/dashboard/")
    assert "tile-overdue tile-zero" in text
    assert "is-overdue" not in text
    assert "light-overdue" not in text


def test_home_lists_what_waits_and_offers_what_may_be_done(made: Cast) -> None:
    _, text = page(made, "clerk", "/")
    assert text.index("逾期 6 天") < text.index("剩 4 天")
    assert "填报进展：学用结合不紧" in text
    assert "待明确责任" not in text
    _, text = page(made, "leader", "/")
    assert "写批示：学用结合不紧" in text
    assert "填报进展" not in text


def test_home_of_the_office_names_what_nobody_answers_for(made: Cast) -> None:
    _, text = page(made, "office", "/")
    assert "未明确责任领导 1 项" in text
    assert "明确责任：调研不深" in text
    assert "核对" in text


def test_home_says_so_when_nothing_waits(made: Cast) -> None:
    _, text = page(made, "stranger", "/")
    assert "眼下没有等您办理的事" in text


def test_home_of_those_who_see_no_problems_leads_to_their_places(made: Cast) -> None:
    _, text = page(made, "sysadmin", "/")
    assert "进入管理" in text
    assert "学用结合不紧" not in text
    _, text = page(made, "auditor", "/")
    assert "查看审计记录" in text
    assert "学用结合不紧" not in text


def test_a_purge_waits_for_the_second_person_only(made: Cast) -> None:
    note = progress.add(made.problem, by=made["clerk"], text="误传", percent=None)
    purging.request(note, by=made["office"], reason="误传个人信息")
    account("second", made.county, "office")
    assert "待您确认的内容清除" not in page(made, "office", "/")[1]
    assert "待您确认的内容清除" in page(made, "sysadmin", "/")[1]


def test_a_report_shows_structure_to_those_who_may_see_it(made: Cast) -> None:
    assert made.report
    _, text = page(made, "office", f"/reports/{made.report.pk}/")
    for words in (
        "带头学习",
        "理论学习不系统",
        "原文点明",
        "推断",
        "待确认",
        "未覆盖",
        "覆盖全部问题",
        "调研不深",
    ):
        assert words in text
    _, text = page(made, "clerk", f"/reports/{made.report.pk}/")
    assert "调研不深" not in text
    client = Client()
    for role in ("stranger", "sysadmin", "auditor"):
        client.force_login(made[role])
        assert client.get(f"/reports/{made.report.pk}/").status_code == 404


def test_a_withdrawn_problem_is_on_no_overview(made: Cast) -> None:
    assert made.report
    problems.withdraw(made.problem, by=made["office"], seen=made.problem.version, reason="重复")
    for url in ("/", "/dashboard/", f"/reports/{made.report.pk}/"):
        assert "学用结合不紧" not in page(made, "office", url)[1], url


def test_users_text_is_escaped_everywhere(made: Cast) -> None:
    assert made.report
    one = made.problem
    problems.edit(one, by=made["office"], seen=one.version, reason="测试", title="<script>alert(1)</script>")
    progress.add(one, by=made["clerk"], text='"><img src=x onerror=alert(1)>', percent=1)
    for url in ("/", "/dashboard/", "/problems/", f"/reports/{made.report.pk}/"):
        text = page(made, "office", url)[1]
        assert "<script>alert" not in text, url
        assert "<img src=x" not in text, url

"""The first page and the help page for every role: what waits, where each person is led, what nobody sees."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from rectify import clock
from rectify.choices import Role
from rectify.models import Problem
from rectify.operations import measures, progress
from tests import builders
from tests.builders import Cast
from tests.views.rendered import check_page

pytestmark = [pytest.mark.django_db, pytest.mark.once]

BUSINESS = ["待办", "看板", "整改事项", "台账", "督办", "报告"]
NAV = {
    "office": [*BUSINESS, "审计", "人员", "代办", "三员", "清除", "管理"],
    "leader": [*BUSINESS, "代办"],
    "unit_head": [*BUSINESS, "代办"],
    "clerk": BUSINESS,
    "inspector": [*BUSINESS, "审计", "三员"],
    "sysadmin": ["待办", "人员", "三员", "清除", "管理"],
    "auditor": ["待办", "审计", "核验", "三员"],
}


def history() -> Cast:
    """Problem 1 overdue for the bureau, problem 2 due soon for another bureau, problem 3 nobody's."""
    with clock.pretend(clock.now() - dt.timedelta(days=100)):
        made = builders.cast(assigned=False)
        today = clock.today() + dt.timedelta(days=100)
        builders.assign(made, made.problem, deadline=today - dt.timedelta(days=6))
        second = Problem.objects.get(report=made.report, number=2)
        builders.assign(
            made,
            second,
            deadline=today + dt.timedelta(days=4),
            lead_unit=made.other_bureau,
            clerk=made["stranger"],
            leader=None,
        )
        builders.another_ledger(made)
    return made


WORLD = history


def client_of(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


@pytest.mark.ci
@pytest.mark.parametrize("role", NAV)
def test_the_navigation_leads_everybody_to_their_places(made: Cast, role: str) -> None:
    client = client_of(made, role)
    page = client.get("/")
    entries = [*page.context["nav"], *page.context["nav_more"]]
    assert [entry.label for entry in entries] == NAV[role]
    assert len(page.context["nav"]) == min(5, len(entries))
    assert [entry.label for entry in entries if entry.active] == ["待办"]
    for entry in entries:
        reached = client.get(entry.url)
        assert reached.status_code == 200, entry.label
        check_page(reached, entry.url)


@pytest.mark.parametrize(
    ("role", "count", "shown", "hidden"),
    [
        ("office", 4, ["逾期 6 天", "剩 4 天", "明确责任：调研不深"], []),
        ("leader", 1, ["学用结合不紧", "逾期 6 天"], ["督办不够经常", "调研不深", "明确责任"]),
        ("unit_head", 1, ["填报进展：学用结合不紧"], ["督办不够经常"]),
        ("clerk", 1, ["填报进展：学用结合不紧"], ["督办不够经常"]),
        ("stranger", 1, ["填报进展：督办不够经常", "剩 4 天"], ["学用结合不紧"]),
        ("inspector", 3, ["查看：学用结合不紧", "逾期 6 天"], ["填报进展", "明确责任"]),
    ],
)
def test_what_waits_is_counted_and_shown(
    made: Cast, role: str, count: int, shown: list[str], hidden: list[str]
) -> None:
    page = client_of(made, role).get("/")
    text = page.content.decode()
    for words in shown:
        assert words in text, words
    for words in hidden:
        assert words not in text, words
    if role == "inspector":
        count = page.context["count"]
        assert count >= 2
    assert page.context["count"] == count and f"{count} 件" in text


def test_a_report_takes_the_yellow_light_off_the_first_page(made: Cast) -> None:
    second = Problem.objects.get(report=made.report, number=2)
    # As a row alone: the way there is an extension, which is not what this is about.
    Problem.objects.filter(pk=second.pk).update(deadline=clock.today() + dt.timedelta(days=90))
    client = client_of(made, "stranger")
    assert "本期未报" in client.get("/").content.decode()
    measures.add(second, by=made["stranger"], text="每月督办")
    client.post(f"/problems/{second.pk}/progress/", {"text": "已开展两次督办"})
    assert "眼下没有等您办理的事" in client.get("/").content.decode()


def test_those_without_business_see_no_text_anywhere(made: Cast) -> None:
    progress.add(made.problem, by=made["clerk"], text="已研讨两次")
    measures.add(made.problem, by=made["clerk"], text="建立制度")
    for role in ("sysadmin", "auditor"):
        client = client_of(made, role)
        for url in ("/", "/dashboard/", "/problems/", "/problems/?q=学用", "/reports/", "/help/"):
            text = client.get(url).content.decode()
            for words in ("学用结合不紧", "已研讨两次", "建立制度", "2025年度对照检查报告"):
                assert words not in text, (role, url)


def test_one_person_may_hold_two_posts(made: Cast) -> None:
    from rectify.models import Membership

    Membership.objects.create(user=made["auditor"], unit=made.bureau, role=Role.CLERK)
    page = client_of(made, "auditor").get("/")
    entries = [*page.context["nav"], *page.context["nav_more"]]
    assert [entry.label for entry in entries] == [*BUSINESS, "审计", "三员"]
    assert "填报进展：学用结合不紧" in page.content.decode() and "查看审计记录" in page.content.decode()


def test_the_first_page_takes_no_submit(made: Cast) -> None:
    assert client_of(made, "clerk").post("/").status_code == 405


@pytest.mark.parametrize("role", [None, "clerk", "sysadmin"])
def test_help_is_open_to_everybody_and_in_chinese(made: Cast, role: str | None) -> None:
    client = client_of(made, role) if role else Client()
    page = client.get("/help/")
    check_page(page, "help")
    text = page.content.decode()
    for words in ("填报", "佐证", "台账", "密码", "涉密"):
        assert words in text, words
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= ids, "every mark on the page is there"
    if role:
        for href in set(re.findall(r'href="(/[^"#]*)"', text)) - {"/accounts/logout/"}:
            assert client.get(href).status_code == 200, href

"""From a report of ten problems to one signed off and one returned twice: clicks and pages of each step.

`pytest tests/browser/test_clicks.py -s` prints the tables. A click is a press of a link, a button or
a choice, and a file chosen; typing is none. Whoever comes begins at 待办, as after signing in.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from rectify.choices import Outcome, Status
from rectify.models import CloseOut, Problem, Report
from tests import builders
from tests.browser.walking import Walk, load_ten_problems

pytestmark = [
    pytest.mark.browser,
    pytest.mark.ci,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
]
# The most clicks a step may take: what it takes today.
MOST = {
    "导入报告": 6,
    "一次交办十项": 5,
    "拟定措施": 2,
    "完成措施并附佐证": 5,
    "申请销号": 2,
    "确认": 3,
    "审核": 3,
    "签字": 3,
    "退回": 3,
    "答复并重新申请": 3,
}


@pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])
def test_from_a_fresh_report_to_signed_off_and_returned_twice(
    live_server: Any, visit: Any, phone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, walk = builders.cast(), Walk(visit, phone)
    load_ten_problems(walk, monkeypatch)
    hand_all_out(walk, cast)
    report = Report.objects.latest("pk")
    closed, returned = report.problems.order_by("number")[:2]
    sign_one_off(walk, closed)
    return_one_twice(walk, returned)
    print("\n" + walk.table())
    assert {row.name for row in walk.steps} == set(MOST)
    assert [row for row in walk.steps if row.clicks > MOST[row.name]] == []


def hand_all_out(walk: Walk, cast: builders.Cast) -> None:
    """From the page of next steps, on which the load ended."""
    with walk.step("一次交办十项", "office", from_home=False) as page:
        walk.press(page.get_by_role("link", name="批量办理：明确责任领导"))
        walk.choose(page, "责任领导", str(cast.leader))
        walk.choose(page, "责任单位", str(cast.bureau))
        page.get_by_label("整改时限").first.fill("2099-06-30")
        page.get_by_label("理由").first.fill("按分工交办")
        walk.send(page, "预览变化")
        walk.send(page, "确认办理 10 项")
    assert Problem.objects.filter(report__year=2026, lead_unit=cast.bureau).count() == 10


def plan(walk: Walk, problem: Problem) -> None:
    with walk.step("拟定措施", "clerk") as page:
        walk.press(page.get_by_role("link", name=f"拟定措施：{problem.title}"))
        page.get_by_label("整改措施").first.fill("每月研讨一次，形成清单。")
        page.get_by_label("完成标志").first.fill("研讨记录")
        walk.send(page, "新增措施")


def finish(walk: Walk, problem: Problem) -> None:
    with walk.step("完成措施并附佐证", "clerk") as page:
        walk.press(page.locator("a:visible", has_text="整改事项").first)
        walk.press(page.get_by_role("link", name=problem.title).first)
        walk.press(page.get_by_role("link", name="完成措施 1"))
        page.get_by_label("完成情况").first.fill("研讨六次，清单已形成。")
        walk.attach(page, "研讨记录.pdf")
        walk.send(page, "完成措施|提交|确认")


def apply(walk: Walk, problem: Problem) -> None:
    with walk.step("申请销号", "clerk") as page:
        walk.press(page.get_by_role("link", name=f"申请销号：{problem.title}"))
        page.get_by_label("完成情况").or_(page.locator("[name=statement]")).first.fill(
            "措施已完成，佐证齐全。"
        )
        walk.send(page, "提交申请")


def decide(walk: Walk, problem: Problem, name: str, who: str, comment: str = "") -> None:
    """From 待办 to the item's own decision form."""
    with walk.step("退回" if comment else name, who) as page:
        walk.press(page.get_by_role("link", name=re.compile(f"^({name}|签字或退回).*{problem.title}")).first)
        form = page.locator("section[id^=decide-] form")
        walk.press(form.locator(f"[name=decision][value={'return' if comment else 'pass'}]"))
        form.locator("[name=comment]").fill(comment)
        walk.send(page, "提交意见")


def answer(walk: Walk, problem: Problem, words: str) -> None:
    with walk.step("答复并重新申请", "clerk") as page:
        walk.press(page.get_by_role("link", name=re.compile(f"^查看并补充：{problem.title}")))
        expect(page.locator("main")).to_contain_text(words)
        walk.press(page.get_by_role("link", name=re.compile("重新申请|^申请销号")).first)
        page.locator("[name=answer_1]").fill("已补。")
        walk.send(page, "提交申请")


def sign_one_off(walk: Walk, problem: Problem) -> None:
    plan(walk, problem)
    finish(walk, problem)
    apply(walk, problem)
    for name, who in (("确认", "unit_head"), ("审核", "office"), ("签字", "leader")):
        decide(walk, problem, name, who)
    problem.refresh_from_db()
    assert problem.status == Status.CLOSED


def return_one_twice(walk: Walk, problem: Problem) -> None:
    plan(walk, problem)
    finish(walk, problem)
    apply(walk, problem)
    decide(walk, problem, "确认", "unit_head")
    decide(walk, problem, "审核", "office", "缺签到表")
    answer(walk, problem, "缺签到表")
    decide(walk, problem, "确认", "unit_head")
    decide(walk, problem, "审核", "office")
    decide(walk, problem, "签字", "leader", "清单没有时间")
    assert CloseOut.objects.filter(problem=problem, outcome=Outcome.RETURNED).count() == 2
    page = walk.page_of("clerk")
    page.goto(walk.home(page))
    expect(page.get_by_role("link", name=f"查看并补充：{problem.title}")).to_be_visible()

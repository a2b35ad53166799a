"""From a report of ten problems to one signed off and one returned twice: clicks and pages of each step.

`pytest tests/browser/test_clicks.py -s` prints the tables. A click is a press of a link, a button or
a choice, and a file chosen; typing is none. Whoever comes begins at 待办, as after signing in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from rectify.choices import Outcome, Status
from rectify.models import CloseOut, Problem, Report
from tests import builders
from tests.browser.pages import sending
from tests.intake import invented

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


@dataclass
class Step:
    name: str
    who: str
    clicks: int = 0
    pages: int = 0


@dataclass
class Walk:
    """What each person presses, counted; every person has one window."""

    visit: Any
    phone: bool
    pages: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, who: str, from_home: bool = True) -> Iterator[Any]:
        """Begins at the person's 待办; PICTURES=folder keeps a picture of where it ends."""
        page = self.page_of(who)
        if from_home:
            page.goto(self.home(page))
        self.steps.append(step := Step(name, who))

        def arrived(frame: Any) -> None:
            step.pages += frame.parent_frame is None

        page.on("framenavigated", arrived)
        yield page
        page.remove_listener("framenavigated", arrived)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url
        if folder := os.environ.get("PICTURES"):
            name = f"{len(self.steps):02d}-{'390' if self.phone else '1440'}-{who}.png"
            page.screenshot(path=Path(folder) / name, full_page=True)

    def page_of(self, who: str) -> Any:
        if who not in self.pages:
            self.pages[who] = self.visit(who, phone=self.phone)
        return self.pages[who]

    def home(self, page: Any) -> str:
        return "/".join(page.url.split("/")[:3]) + "/"

    def press(self, thing: Any) -> None:
        self.steps[-1].clicks += 1
        thing.click()

    def send(self, page: Any, name: str) -> None:
        self.steps[-1].clicks += 1
        with sending(page):
            page.get_by_role("button", name=re.compile(f"^{name}")).first.click()

    def choose(self, page: Any, label: str, value: str) -> None:
        self.steps[-1].clicks += 1
        page.get_by_label(label).first.select_option(label=value)

    def attach(self, page: Any, name: str) -> None:
        self.steps[-1].clicks += 1
        file = {"name": name, "mimeType": "application/pdf", "buffer": builders.PDF}
        page.locator("input[type=file]").last.set_input_files([file])
        page.get_by_text("已传到").last.wait_for()

    def table(self) -> str:
        rows = [f"{row.name}\t{row.who}\t{row.clicks}\t{row.pages}" for row in self.steps]
        total = f"合计\t\t{sum(row.clicks for row in self.steps)}\t{sum(row.pages for row in self.steps)}"
        return "\n".join([f"{'390' if self.phone else '1440'} px\t谁\t点击\t页面", *rows, total])


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


def load_ten_problems(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    left, ten = 10, []
    for aspect, rows in invented.PROBLEMS:
        ten.append((aspect, rows[:left]))
        left -= len(ten[-1][1])
    monkeypatch.setattr(invented, "PROBLEMS", [row for row in ten if row[1]])
    with walk.step("导入报告", "office") as page:
        walk.press(page.get_by_role("link", name="台账", exact=True).first)
        walk.press(page.get_by_role("link", name="导入报告"))
        file = {"name": "报告.txt", "mimeType": "text/plain", "buffer": invented.written().encode()}
        walk.steps[-1].clicks += 1
        page.set_input_files("input[type=file]", [file])
        page.fill("[name=year]", "2026")
        walk.send(page, "上传并核对")
        walk.press(page.get_by_role("link", name="核对好了，下一步").first)
        walk.send(page, "载入台账")
        expect(page.get_by_role("heading", name="接下来", exact=True)).to_be_visible()
    assert Report.objects.latest("pk").problems.count() == 10


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

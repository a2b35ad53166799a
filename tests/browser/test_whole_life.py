"""The whole life of an item in a real Chromium: extension, return, sign-off, relapse, round two."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rectify import clock
from rectify.choices import Finding, Outcome, Status
from rectify.models import CloseOut, Extension, FollowUp
from rectify.operations import carry_over
from tests import builders
from tests.browser.pages import sending

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
    pytest.mark.ci,
]


@pytest.fixture
def cast(live_server) -> builders.Cast:
    return builders.cast()


def upload(name: str = "验收单.pdf") -> dict:
    return {"name": name, "mimeType": "application/pdf", "buffer": builders.PDF}


class Life:
    """The item of the cast, walked through by people who each have a window of their own."""

    def __init__(self, cast, visit) -> None:
        self.cast, self.count = cast, 0
        self.pages = {role: visit(role) for role in ("clerk", "unit_head", "office", "leader")}
        self.phone = visit("clerk", phone=True)
        self.base = self.pages["clerk"].url
        self.item = f"{self.base}problems/{cast.problem.pk}/"

    def page(self, role: str, path: str = ""):
        page = self.pages[role]
        page.goto(self.item + path)
        return page

    def seen(self, page, *words: str) -> None:
        """The words stand on the page, which fits the window; PICTURES=folder keeps a picture for people."""
        self.count += 1
        for word in words:
            expect(page.locator("main"), f"{self.count}: {word}").to_contain_text(word)
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"{self.count:02d}.png", full_page=True)
        self.phone.goto(self.item)
        assert self.phone.evaluate("document.documentElement.scrollWidth") <= 390

    def submit(self, page, button: str) -> None:
        with sending(page):
            page.click(button)

    def send(self, page, **fields: str) -> None:
        for name, value in fields.items():
            page.fill(f"main form [name={name}]", value)
        self.submit(page, "main form .btn-primary[type=submit]")

    def decide(self, role: str, decision: str = "pass", comment: str = "") -> None:
        """On the item page itself, where the decision stands on top."""
        page = self.page(role)
        form = page.locator("section[id^=decide-] form")
        form.locator(f"[name=decision][value={decision}]").check()
        form.locator("[name=comment]").fill(comment)
        self.submit(page, "section[id^=decide-] form button[type=submit]")


def test_the_whole_life(cast, visit):
    life = Life(cast, visit)
    begin_work(life)
    extend(life)
    return_and_apply_again(life)
    look_again_and_reopen(life)


def begin_work(life: Life) -> None:
    page = life.page("clerk")
    life.seen(page, "未启动", "新增措施")
    page = life.page("clerk", "status/")
    page.select_option("[name=status]", Status.IN_PROGRESS)
    life.send(page)
    page = life.page("clerk", "measures/add/")
    page.select_option("[name=kind]", "lasting")
    life.send(page, text="建立学习制度", standard="印发制度")
    page.get_by_role("link", name="完成措施 1").click()
    life.seen(page, "制度名称", "文号")
    page.set_input_files("input[type=file]", [upload("制度.pdf")])
    life.send(page, result="制度已印发", rule_name="学习转化制度", rule_number="县委办〔2025〕3号")
    life.seen(page, "制度成果：学习转化制度（县委办〔2025〕3号）", "措施已全部完成。可以申请销号")


def extend(life: Life) -> None:
    page = life.page("clerk", "extension/")
    life.send(page, new_date="2099-09-30", reason="雨季停工", progress="制度已印发")
    life.seen(page, "等乙县丙局负责人确认")
    for role in ("unit_head", "office", "leader"):
        home = life.pages[role]
        home.goto(life.base)
        expect(home.locator("main")).to_contain_text("延至 2099年9月30日")
        life.decide(role)
    assert Extension.objects.get().outcome == Outcome.PASSED
    life.seen(life.page("clerk"), "2099年9月30日到期", "原定 2099年6月30日", "延期 1 次")


def return_and_apply_again(life: Life) -> None:
    page = life.page("clerk")
    page.locator("#progress > summary").click()
    page.fill("#progress textarea[name=text]", "制度印发后学习四次，形成成果清单。")
    page.set_input_files("#progress input[type=file]", [upload()])
    life.submit(page, "#progress button[type=submit]")
    page = life.page("clerk", "close-out/")
    life.send(page, statement="制度已印发，学习成果清单齐全。")
    life.seen(page, "待审核", "等乙县丙局负责人确认", "内容已锁定")
    life.decide("unit_head", "return")
    life.seen(life.pages["unit_head"], "退回请写明理由")
    life.decide("unit_head", "return", "缺学习签到表")
    home = life.pages["clerk"]
    home.goto(life.base)
    life.seen(home, "退回，请补充", "缺学习签到表")
    life.seen(life.page("clerk"), "销号申请被退回", "缺学习签到表")
    page = life.page("clerk", "close-out/")
    life.seen(page, "上次退回要补的", "1. 缺学习签到表")
    page.set_input_files("[name=answer_files_1]", [upload("签到表.pdf")])
    life.send(page, answer_1="已补签到表，见附件。")
    for role, words in (("unit_head", "情况属实"), ("office", "材料齐全"), ("leader", "同意销号")):
        life.seen(life.page(role), "等您办理", "签到表.pdf")
        life.decide(role, comment=words)
    assert life.cast.problem.status == Status.CLOSED
    life.seen(
        life.page("clerk"), "已销号", "按期销号", "签字：同意。同意销号", "第 2 次销号申请", "下次回头看"
    )
    assert "填报进展" not in life.pages["clerk"].inner_text("#acts, #notes")


def look_again_and_reopen(life: Life) -> None:
    page = life.page("office", "follow-up/")
    page.check(f"[name=outcome][value={Finding.RELAPSED}]")
    later = clock.today() + dt.timedelta(days=60)
    life.send(page, finding="抽查发现学习又停了", deadline=later.isoformat())
    assert FollowUp.objects.done().get().outcome == Finding.RELAPSED
    problem = life.cast.problem
    assert (problem.status, problem.round, problem.deadline) == (Status.IN_PROGRESS, 2, later)
    life.seen(
        life.page("clerk"), "第二轮整改", "第一轮", "问题反弹", "抽查发现学习又停了", "申请销号（还差 3 处）"
    )
    life.seen(life.page("leader"), "第 1 次销号申请", "已退回", "第 2 次销号申请")
    assert [one.round for one in CloseOut.objects.order_by("pk")] == [1, 1]


def test_the_other_pages_fit_a_phone(cast, visit):
    carry_over.carry_over(
        cast.report,
        [cast.problem],
        by=cast["office"],
        reason="结转",
        title="一本名称很长很长、手机上一行怎么也放不下的新年度整改台账",
    )
    page = visit("office", phone=True)
    base = page.url
    for path in (
        f"reports/{cast.report.pk}/carry/",
        "people/stand-ins/",
        "dashboard/",
        "problems/?todo=sign",
    ):
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_deciding_works_without_scripts(cast, visit):
    builders.applied(cast)
    page = visit("unit_head", scripts=False)
    page.goto(f"{page.url}problems/{cast.problem.pk}/")
    page.check("[name=decision][value=pass]")
    page.click("section[id^=decide-] button[type=submit]")
    expect(page.locator("main")).to_contain_text("等整改办审核")

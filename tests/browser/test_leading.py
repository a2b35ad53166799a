"""The leader's page, dashboard and matrix in a real Chromium: by keyboard, with scripts off, on a phone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from rectify import clock
from rectify.models import Instruction, Problem, ProblemCause, RootCause
from tests import builders

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
    pytest.mark.ci,
]
# Marks what the keyboard must reach: of a group of radio buttons one, inside a closed fold nothing.
MARK = """() => {
  const shown = one => one.checkVisibility({visibilityProperty: true});
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')];
  const wanted = all.filter(one => shown(one) && !one.disabled && one.tabIndex >= 0
    && !(one.type === 'radio' && !one.checked) && one.type !== 'hidden');
  wanted.forEach((one, n) => { one.dataset.stop = n; });
  return wanted.length;
}"""
# Which of them has the focus, and whether it looks different for it.
STOP = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const stop = one.dataset.stop === undefined ? null : Number(one.dataset.stop);
  return [stop, drawn || style.boxShadow !== 'none', one.outerHTML.slice(0, 120)];
}"""


@pytest.fixture
def cast(live_server: Any) -> builders.Cast:
    """An overdue item of the leader's."""
    with clock.pretend(clock.now() - dt.timedelta(days=60)):
        cast = builders.cast(assigned=False)
        builders.assign(cast, cast.problem, deadline=clock.today() + dt.timedelta(days=50))
    return cast


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("leader", ""),
        ("office", "dashboard/"),
        ("office", "briefing/"),
        ("office", "reports/{report}/matrix/"),
        ("office", "health/"),
        ("office", "problems/"),
        ("clerk", "problems/{problem}/"),
        ("clerk", "problems/{problem}/close-out/"),
        ("office", "reports/{report}/next/"),
    ],
)
def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    cast: builders.Cast, visit: Any, role: str, path: str
) -> None:
    page = visit(role)
    page.goto(page.url + path.format(report=cast.problem.report_id, problem=cast.problem.pk))
    count = page.evaluate(MARK)
    reached, shown = {}, set()
    for _ in range(count + 10):  # a date has several parts
        page.keyboard.press("Tab")
        stop, seen, html = page.evaluate(STOP)
        if stop is not None:
            reached[stop] = html
            shown |= {stop} if seen else set()
    missed = page.evaluate(
        "stops => stops.map(n => document.querySelector(`[data-stop='${n}']`).outerHTML.slice(0, 120))",
        sorted(set(range(count)) - set(reached)),
    )
    assert missed == []
    assert [html for stop, html in reached.items() if stop not in shown] == []


def tab_to(page: Any, label: str) -> None:
    """Go on with the Tab key until something of that name has the focus."""
    name = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent || ''"
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(f"({name}).trim().startsWith({label!r})"):
            return
    raise AssertionError(f"the Tab key does not reach {label}")


def test_a_leader_instructs_by_keyboard_alone(cast: builders.Cast, visit: Any) -> None:
    page = visit("leader", phone=True)
    tab_to(page, "写批示")
    page.keyboard.press("Enter")
    page.wait_for_url("**/instruct/**")
    page.locator("textarea").first.focus()
    page.keyboard.type("本周内拿出办法，周五报我。")
    tab_to(page, "提交批示")
    page.keyboard.press("Enter")
    page.get_by_text("已对第 1 项作出批示").wait_for()
    assert Instruction.objects.get().text == "本周内拿出办法，周五报我。"


def test_the_office_closes_a_gap_by_keyboard_alone(cast: builders.Cast, visit: Any) -> None:
    page = visit("office")
    page.goto(page.url + f"reports/{cast.problem.report_id}/matrix/")
    second = Problem.objects.get(report=cast.problem.report, number=2)
    tab_to(page, "补：把第 2 项对应到根源")
    page.keyboard.press("Enter")
    page.get_by_text("已把第 2 项对应到").wait_for()
    assert ProblemCause.objects.get(problem=second).cause == RootCause.objects.get()


def test_everything_works_with_scripts_off(cast: builders.Cast, visit: Any) -> None:
    page = visit("office", scripts=False)
    base = page.url
    page.goto(base + "dashboard/")
    past = clock.today() - dt.timedelta(days=20)
    page.locator("summary", has_text="截至").click()
    page.fill("[name=on]", past.isoformat())
    page.get_by_role("button", name="查看").click()
    page.wait_for_load_state()
    expect(page.get_by_role("link", name="回到今天")).to_be_visible()
    expect(page.locator("figure table"), "the table under the chart stands open").to_be_visible()
    page.locator("a", has_text="项问题").first.click()
    expect(page).to_have_url(re.compile(f"on={past.isoformat()}"))
    page.goto(base + f"reports/{cast.problem.report_id}/matrix/")
    page.get_by_role("button", name="补：把第 2 项").first.click()
    page.get_by_text("已把第 2 项对应到").wait_for()
    assert ProblemCause.objects.filter(problem__number=2).exists()


def test_the_phone_does_not_scroll_sideways(cast: builders.Cast, visit: Any) -> None:
    for role in ("leader", "office"):
        page = visit(role, phone=True)
        base = page.url
        paths = ["", "dashboard/", "briefing/", f"reports/{cast.problem.report_id}/matrix/"]
        for path in paths + (["health/"] if role == "office" else []):
            page.goto(base + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, (role, path)

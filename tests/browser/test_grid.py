"""The grid in a browser: a block of a workbook, two people on one cell, keys alone, no scripts, 500 rows."""

from __future__ import annotations

import statistics
from typing import Any

import pytest
from playwright.sync_api import expect

from rectify.models import ImportBatch, Problem
from rectify.operations import problems, reports
from tests import builders
from tests.browser.cells import cell, on_the_clipboard, paste
from tests.browser.pages import sending

pytestmark = [
    pytest.mark.browser,
    pytest.mark.ci,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
]

TWO_LINES = "建立“双周”督办制度\n每月通报一次"
BLOCK = [
    ["常务副县长", "乙县丙局", "乙县丙局经办人", "限期整改", "2099年6月底前", TWO_LINES],
    ["常务副县长", "乙县丁局", None, "立行立改", "2099-03-31", '做到 "三个不"'],
]


@pytest.fixture
def cast(live_server: Any) -> builders.Cast:
    return builders.cast()


def opened(visit: Any, made: builders.Cast, person: str = "office", **more: Any) -> Any:
    page = visit(person, **more)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{page.url}problems/grid/?report={made.report.pk}")
    return page


def test_a_block_of_a_workbook_is_pasted_mended_by_keys_and_saved_at_once(cast, visit):
    page = opened(visit, cast)
    cell(page, 2, "leader").click()
    paste(page, on_the_clipboard(BLOCK))
    expect(cell(page, 2, "goal")).to_have_text(TWO_LINES)
    expect(cell(page, 3, "goal")).to_have_text('做到 "三个不"')
    keys = page.keyboard
    keys.press("Control+z")
    expect(cell(page, 2, "goal")).to_have_text("")
    keys.press("Control+y")
    keys.press("Control+Home")
    for _ in range(6):
        keys.press("Tab")
    keys.insert_text("已部署")  # 本次进展, as an input method puts it
    keys.press("Tab")
    keys.insert_text("120")
    keys.press("Enter")
    expect(cell(page, 1, "percent")).to_have_class("is-changed is-wrong")
    keys.press("ArrowUp")
    keys.insert_text("20")
    keys.press("Shift+Tab")
    keys.press("Shift+ArrowDown")
    keys.press("Control+d")
    expect(cell(page, 2, "progress")).to_have_text("已部署")
    keys.press("Control+Home")
    keys.press("ArrowDown")
    keys.press("ArrowRight")
    keys.insert_text("丁")
    keys.press("Enter")  # the one unit that is called so; its clerk is another
    expect(cell(page, 2, "lead_unit")).to_have_text("乙县丁局")
    expect(cell(page, 2, "clerk")).to_have_text("")
    keys.press("Escape")
    keys.insert_text("分派新问题")
    with sending(page):
        keys.press("Enter")
    expect(page.get_by_text("按2099年6月30日读入")).to_be_visible()
    assert not ImportBatch.objects.exists()
    with sending(page):
        page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存 3 项")).to_be_visible()
    one, two, three = Problem.objects.order_by("number")
    assert (two.lead_unit, two.clerk, two.goal, two.deadline_text) == (
        cast.other_bureau,
        None,
        TWO_LINES,
        "2099年6月底前",
    )
    assert (three.leader, three.lead_unit, str(three.kind)) == (cast.leader, cast.other_bureau, "at_once")
    assert [(note.text, note.percent) for note in one.notes.all()] == [("已部署", 20)]


def test_two_people_on_one_cell_and_a_closed_browser(cast, visit):
    page = opened(visit, cast)
    cell(page, 1, "goal").click()
    page.keyboard.insert_text("我写的")
    with page.expect_response("**/drafts/"):
        page.keyboard.press("Enter")
    page.close()
    problem = cast.problem
    problems.edit(problem, by=cast["office"], seen=problem.version, goal="别人写的")
    page = opened(visit, cast)
    expect(cell(page, 1, "goal")).to_contain_text("现在的：别人写的")
    expect(cell(page, 1, "goal")).to_contain_text("您填的：我写的")
    page.locator("#id_reason").fill("核对")
    with sending(page):
        page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("别人已由")
    page.get_by_role("button", name="到这一格").click()
    page.keyboard.press("Alt+2")
    expect(cell(page, 1, "goal")).to_have_text("我写的")
    with sending(page):
        page.get_by_role("button", name="保存").click()
    assert cast.problem.goal == "我写的"


def test_without_scripts_one_after_another(cast, visit):
    page = opened(visit, cast, scripts=False)
    page.get_by_role("link", name="逐项填写").last.click()
    page.locator("[name=progress]").fill("已部署")
    page.get_by_role("button", name="保存并下一项").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2. 督办不够经常")
    page.locator("[name=lead_unit]").select_option("乙县丁局")
    page.locator("[name=reason]").fill("分派")
    page.get_by_role("button", name="保存并下一项").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3. 调研不深")
    assert Problem.objects.get(number=2).lead_unit == cast.other_bureau


DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.long
def test_keys_among_five_hundred_rows_are_answered_at_once(cast, visit, capsys):
    """Seconds of the page's own thread, four of which stand for one: other processes do not count."""
    few = _key_times(opened(visit, cast))
    outline = builders.OUTLINE | {
        "problems": [
            {
                "number": n,
                "aspect": 1,
                "title": f"问题{n}",
                "text": "",
                "manifestations": [],
                "kind": "by_date",
            }
            for n in range(1, 501)
        ],
        "links": [],
    }
    large = reports.load(
        reports.Outline.from_dict(outline), by=cast["office"], unit=cast.county, year=2024, title="大"
    )
    cast.report = large
    many = _key_times(opened(visit, cast))
    with capsys.disabled():
        print(f"\n一键的主线程用时 × 4，中位数和 p95（毫秒）：3 行 {few}；500 行 {many}")
    assert many[0] < 10 * few[0] + 50


def _key_times(page: Any) -> tuple[float, float]:
    """Median and 95th percentile of typing, entering and moving, in ms of four times the thread's time."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    cell(page, 1, "goal").click()
    times = []
    for key in [*"abcdefgh", "Enter", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"] * 4:
        before = spent()
        page.keyboard.press(key)
        page.evaluate(DRAWN)
        times.append((spent() - before) * 4000)
    times.sort()
    return round(statistics.median(times), 1), round(times[int(len(times) * 0.95)], 1)

"""From an uploaded report to a ledger ready to be assigned, in a real browser, with and without scripts."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from rectify.models import IntakeDraft, Report
from tests import builders
from tests.browser.pages import sending
from tests.intake import invented
from tests.intake.assigned import IN_BRACKETS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
    pytest.mark.ci,
]


@pytest.fixture
def cast(live_server) -> builders.Cast:
    return builders.cast()


def upload(page, base: str, text: str = "") -> str:
    """Upload a report, the invented one unless another is given; returns the address of its draft."""
    page.goto(base + reverse("reports"))
    page.get_by_role("link", name="导入报告").click()
    content = (text or invented.written()).encode()
    file = {"name": "对照检查报告.txt", "mimeType": "text/plain", "buffer": content}
    page.set_input_files("input[type=file]", [file])
    page.fill("[name=year]", "2026")
    page.fill("[name=meeting]", "2025年度民主生活会")
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/reports/import/*/")
    return page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_from_upload_to_loaded_ledger(cast, visit, live_server, scripts):
    page = visit("office", scripts=scripts)
    where = upload(page, live_server.url)
    expect(page.get_by_text("5 个查摆方面、12 项问题、4 个根源、5 个努力方向")).to_be_visible()

    # A click on a title marks its passage in the source.
    page.click("#p5 .piece-title a")
    passage = page.locator("#s-p5:target")
    expect(passage).to_be_in_viewport()
    expect(passage).to_contain_text("联系服务群众不够深入")

    # Edit a title, confirm a proposed tie, merge two problems, fill the placeholders.
    page.click("#p2 >> text=修改")
    page.fill(".piece-form [name=title]", "抓落实的闭环不紧")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(where + "#p2")
    tie = page.locator(".tie-open button[value='1']").first  # whichever waits for a person
    if tie.count():
        with sending(page):
            tie.click()
    page.click("#p11 >> text=修改")
    page.get_by_role("button", name="与下一条合并").click()
    page.wait_for_url(where + "#p11")
    page.click("#gaps summary")
    page.get_by_label("“xx” 1 处，全部填为").fill("李某")
    page.get_by_role("button", name="保存填写").click()
    page.wait_for_url(where + "#gaps")
    assert not Report.objects.filter(year=2026).exists()

    # A closed browser loses nothing.
    page.context.close()
    page = visit("office", scripts=scripts)
    page.goto(live_server.url + reverse("intake"))
    page.get_by_role("link", name="继续核对").first.click()
    expect(page.get_by_text("抓落实的闭环不紧").first).to_be_visible()

    page.get_by_role("link", name="核对好了，下一步").first.click()
    expect(page.get_by_text("将新建一本台账：11 项问题、5 个查摆方面")).to_be_visible()
    page.get_by_role("button", name="载入台账").first.click()
    page.wait_for_url(lambda url: "/import/" not in url)
    report = Report.objects.get(year=2026)
    titles = list(report.problems.order_by("number").values_list("title", flat=True))
    assert len(titles) == 11 and titles[1] == "抓落实的闭环不紧"
    assert "李某同志" in report.problems.get(number=2).text
    assert IntakeDraft.objects.get().status == "loaded"

    # Ready to be assigned, and the source opens at the place.
    page.get_by_role("link", name="明确责任：抓落实的闭环不紧").click()
    expect(page.get_by_label("责任单位").first).to_be_visible()
    page.goto(live_server.url + reverse("report", args=[report.pk]))
    page.get_by_role("link", name="看原文：抓落实的闭环不紧").click()
    marked = page.locator(".passage:target")
    expect(marked).to_contain_text("二是抓工作落实的闭环不够紧密")


def test_everything_works_by_keyboard(cast, visit, live_server):
    page = visit("office")
    where = upload(page, live_server.url)
    page.locator("#p1 .piece-title a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#s-p1:target")).to_be_visible()
    page.locator("#p1 .piece-title a").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/piece/p1/**")
    page.locator(".piece-form [name=title]").press("Control+A")
    page.keyboard.type("学得不系统")
    page.keyboard.press("Enter")
    page.wait_for_url(where + "#p1")
    expect(page.locator("#p1 .piece-title")).to_have_text("学得不系统")

    # Who and when: a name is chosen, a deadline is given a day.
    where = upload(page, live_server.url, IN_BRACKETS)
    page.get_by_label("责任领导 李某").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="保存对应").press("Enter")
    page.wait_for_url(where + "#names")
    expect(page.locator("#p1")).to_contain_text("常务副县长（报告写“李某”）")
    page.get_by_role("link", name="修改问题 2").press("Enter")
    page.locator("[name=deadline_words]").press("Control+A")
    page.keyboard.type("2026年2月10日")
    page.keyboard.press("Enter")
    page.wait_for_url(where + "#p2")
    expect(page.locator("#p2 .piece-given")).to_contain_text("完成时限 2026年2月10日")
    page.get_by_role("link", name="核对好了，下一步").first.press("Enter")
    page.get_by_role("button", name="载入台账").first.press("Enter")
    page.wait_for_url(lambda url: "/import/" not in url)
    one, two, _ = Report.objects.get(year=2026).problems.order_by("number")
    assert (one.leader, one.lead_unit, one.remark) == (cast.leader, cast.bureau, "")
    assert (two.lead_unit, str(two.deadline), two.deadline_text) == (cast.other_bureau, "2026-02-10", "")


def test_the_phone_does_not_scroll_sideways(cast, visit, live_server):
    page = visit("office", phone=True)
    where = upload(page, live_server.url)
    for path in (reverse("intake"), where, where + "piece/p2/", where + "load/"):
        page.goto(path if path.startswith("http") else live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path

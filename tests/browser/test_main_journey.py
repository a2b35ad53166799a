"""The main job: sign in, see the dashboard, record progress with evidence, download the ledger."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from playwright.sync_api import expect

from rectify.models import Evidence, ProgressNote
from tests import builders
from tests.browser.pages import sending

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture
def cast(live_server) -> builders.Cast:
    return builders.cast()


def upload() -> dict:
    return {"name": "验收单.pdf", "mimeType": "application/pdf", "buffer": builders.PDF}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_a_clerk_records_progress_with_evidence(cast, visit, scripts):
    page = visit("clerk", scripts=scripts)
    page.goto(page.url + f"problems/{cast.problem.pk}/")
    page.fill("textarea[name=text]", "印发方案，完成第一批 12 项。")
    page.set_input_files("input[type=file]", [upload()])
    with sending(page):
        page.click("form[enctype] button[type=submit]")
    expect(page.get_by_text("验收单.pdf").first).to_be_visible()
    assert ProgressNote.objects.get().text == "印发方案，完成第一批 12 项。"
    assert Evidence.objects.get().name == "验收单.pdf"


@pytest.mark.ci
def test_a_submit_without_a_network_keeps_the_text_and_the_files_until_it_reaches_the_server(cast, visit):
    page = visit("clerk", phone=True)
    page.goto(page.url + f"problems/{cast.problem.pk}/")
    page.set_input_files("input[type=file]", [upload()])
    page.context.set_offline(True)
    page.fill("textarea[name=text]", "在回来的路上填的。")
    page.click("form[enctype] button[type=submit]")
    page.get_by_text("网络断开，没有提交").wait_for()
    assert page.input_value("textarea[name=text]") == "在回来的路上填的。"
    assert not ProgressNote.objects.exists()
    page.context.set_offline(False)
    page.get_by_text("网络已恢复").or_(page.get_by_text("草稿已保存")).first.wait_for()
    page.evaluate("Object.defineProperty(navigator, 'onLine', { value: false })")  # on the server itself
    with sending(page):
        page.click("form[enctype] button[type=submit]")
    expect(page.get_by_text("验收单.pdf").first).to_be_visible()
    assert ProgressNote.objects.get().text == "在回来的路上填的。"
    assert Evidence.objects.get().name == "验收单.pdf"


@pytest.mark.ci
def test_the_phone_does_not_scroll_sideways(cast, visit):
    page = visit("clerk", phone=True)
    base = page.url
    for path in ("", "dashboard/", "problems/", f"problems/{cast.problem.pk}/", "help/"):
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_the_office_downloads_the_ledger(cast, visit):
    page = visit("office")
    page.goto(page.url + "problems/")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出台账").first.click()
    with open(download.value.path(), "rb") as file:
        printed, full = openpyxl.load_workbook(io.BytesIO(file.read())).worksheets
    words = {cell.value for row in full for cell in row if isinstance(cell.value, str)}
    assert "学用结合不紧" in words and "常务副县长" in words
    assert any("常务副县长" in str(cell.value) for row in printed for cell in row)


@pytest.mark.ci
def test_an_expired_sign_in_keeps_the_text(cast, visit):
    page = visit("clerk")
    item = page.url + f"problems/{cast.problem.pk}/"
    page.goto(item)
    page.fill("textarea[name=text]", "写了很久的一段进展。")
    page.context.clear_cookies(name="sessionid")
    with sending(page):
        page.click("form[enctype] button[type=submit]")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    assert not ProgressNote.objects.exists()
    page.fill("[name=username]", "clerk")
    page.fill("[name=password]", "ce-shi-mi-ma-1")
    with sending(page):
        page.click("button[type=submit]")
    expect(page.locator("textarea[name=text]")).to_have_value("写了很久的一段进展。")

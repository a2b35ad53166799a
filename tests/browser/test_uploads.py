"""Files are dropped, chosen in several goes, seen to arrive, removed, and survive an expired sign-in."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from rectify.models import Evidence, KeptUpload
from tests import builders
from tests.browser.pages import sending

pytestmark = [
    pytest.mark.browser,
    pytest.mark.ci,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
]
DROP = """(box, [name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name, {type: 'application/pdf'}));
  box.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: carried}));
}"""


@pytest.fixture
def cast(live_server: Any) -> builders.Cast:
    return builders.cast()


def pdf(name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": builders.PDF}


def test_files_arrive_ahead_of_the_form_which_waits_for_them(cast: builders.Cast, visit: Any) -> None:
    page = visit("clerk")
    item = f"{page.url}problems/{cast.problem.pk}/"
    page.goto(item)
    rows = page.locator("#progress .upload-list li")
    page.set_input_files("#progress input[type=file]", [pdf("签到表.pdf"), pdf("多余.pdf")])
    expect(rows.filter(has_text="已传到")).to_have_count(2)
    rows.filter(has_text="多余").get_by_role("button", name="移除").click()
    expect(rows).to_have_count(1)
    box = page.locator("#progress [data-upload]")
    box.evaluate(DROP, ["网页.pdf", "<html>"])
    expect(rows.filter(has_text="“网页.pdf”不能上传")).to_have_count(1)
    rows.filter(has_text="网页").get_by_role("button", name="移除").click()
    held: list[Any] = []
    page.route("**/uploads/", lambda route: held.append(route))
    page.fill("#progress textarea[name=text]", "学习四次。")
    box.evaluate(DROP, ["学习记录.pdf", builders.PDF.decode("latin-1")])
    expect(rows.locator("progress")).to_be_visible()
    page.click("#progress button[type=submit]")
    page.get_by_text("传完自动提交").wait_for()
    assert not Evidence.objects.exists()
    with sending(page):
        held[0].continue_()
    expect(page.get_by_text("学习记录.pdf").first).to_be_visible()
    assert sorted(Evidence.objects.values_list("name", flat=True)) == ["学习记录.pdf", "签到表.pdf"]
    assert not KeptUpload.objects.exists()


def test_a_server_that_takes_nothing_holds_the_form_back(cast: builders.Cast, visit: Any) -> None:
    page = visit("clerk", phone=True)
    page.goto(f"{page.url}problems/{cast.problem.pk}/")
    page.route("**/uploads/", lambda route: route.fulfill(status=507, body="满"))
    page.fill("#progress textarea[name=text]", "学习四次。")
    page.set_input_files("#progress input[type=file]", [pdf("签到表.pdf")])
    page.get_by_text("还没有传到").wait_for()
    page.click("#progress button[type=submit]")
    page.get_by_text("没有提交：服务器暂时收不了文件").wait_for()
    assert page.input_value("#progress textarea[name=text]") == "学习四次。"
    page.unroute("**/uploads/")
    with sending(page):
        page.click("#progress button[type=submit]")
    assert Evidence.objects.get().name == "签到表.pdf"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_an_expired_sign_in_keeps_the_files(cast: builders.Cast, visit: Any, scripts: bool) -> None:
    page = visit("clerk", scripts=scripts)
    page.goto(f"{page.url}problems/{cast.problem.pk}/")
    page.fill("#progress textarea[name=text]", "学习四次。")
    page.context.clear_cookies(name="sessionid")
    page.set_input_files("#progress input[type=file]", [pdf("签到表.pdf")])
    with sending(page):
        page.click("#progress button[type=submit]")
    page.fill("[name=username]", "clerk")
    page.fill("[name=password]", "ce-shi-mi-ma-1")
    with sending(page):
        page.click("button[type=submit]")
    expect(page.get_by_role("checkbox", name="签到表.pdf")).to_be_checked()
    with sending(page):
        page.click("#progress button[type=submit]")
    assert Evidence.objects.get().name == "签到表.pdf"

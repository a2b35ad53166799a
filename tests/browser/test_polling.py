"""Polling for messages: a light request a minute at most, none in a hidden tab; without scripts a link."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rectify.operations import instructions
from tests import builders

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
    pytest.mark.ci,
]
HIDE = """
const state = { configurable: true, get: () => (window.hiddenNow ? "hidden" : "visible") };
Object.defineProperty(document, "visibilityState", state);
window.turn = (hidden) => {
  window.hiddenNow = hidden;
  document.dispatchEvent(new Event("visibilitychange"));
};
"""


@pytest.fixture
def cast(live_server) -> builders.Cast:
    return builders.cast()


def _is_count(url: str) -> bool:
    return url.endswith("/notices/count/") and "next=" not in url


def asked(page) -> list[str]:
    """Every request for the number from now on."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if _is_count(request.url) else None)
    return seen


def test_one_request_a_minute_and_none_in_a_hidden_tab(cast, visit):
    page = visit("clerk")
    page.add_init_script(HIDE)
    page.clock.install()
    seen = asked(page)
    page.goto(page.url)
    expect(page.locator("[data-unread]")).to_be_hidden()
    page.clock.run_for(59_000)
    assert len(seen) == 0
    instructions.instruct(cast.problem, by=cast["leader"], text="请抓紧")
    with page.expect_response("**/notices/count/"):
        page.clock.run_for(2_000)
    expect(page.locator("[data-unread]")).to_have_text("1")
    expect(page.locator("[data-unread]")).to_be_visible()
    assert len(seen) == 1
    page.clock.run_for(300_000)
    assert len(seen) <= 6
    before = len(seen)
    page.evaluate("turn(true)")
    page.clock.run_for(900_000)
    assert len(seen) == before, "a hidden tab asked"
    with page.expect_request("**/notices/count/"):
        page.evaluate("turn(false)")
    page.evaluate("turn(true); turn(false); turn(true); turn(false)")
    page.clock.run_for(1_000)
    assert len(seen) == before + 1, "turning to and fro asked again"


def test_an_expired_sign_in_ends_the_polling(cast, visit):
    page = visit("clerk")
    page.clock.install()
    page.goto(page.url)
    seen = asked(page)
    page.context.clear_cookies(name="sessionid")
    with page.expect_response("**/notices/count/"):
        page.clock.run_for(61_000)
    page.evaluate("fetch('/healthz').then(() => null)")  # an answer asked for later comes after that one
    page.clock.run_for(600_000)
    assert len(seen) == 1


def test_without_scripts_the_number_is_plain(cast, visit):
    instructions.instruct(cast.problem, by=cast["leader"], text="请抓紧")
    page = visit("clerk", scripts=False)
    page.get_by_role("link", name="消息").first.click()
    page.wait_for_url("**/notices/")
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.get_by_text("已把 1 条消息标为已读")).to_be_visible()

"""Nothing of a signed-in page stays in the cache, and what was typed is there again after "back"."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rectify.models.exchange import DRAFT_MAX_CHARACTERS
from tests import builders

pytestmark = [
    pytest.mark.browser,
    pytest.mark.ci,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
]

SHORT = "刚写到一半，点错了链接。"
LONG = "长" * (DRAFT_MAX_CHARACTERS - 100)


@pytest.fixture
def cast(live_server) -> builders.Cast:
    return builders.cast()


@pytest.mark.parametrize("text", [SHORT, LONG], ids=["short", "longest"])
def test_text_survives_a_link_clicked_at_once_and_the_way_back(cast, visit, text):
    page = visit("clerk")
    item = page.url + f"problems/{cast.problem.pk}/"
    answer = page.goto(item)
    assert answer.headers["cache-control"] == "no-store"
    page.locator("textarea[name=text]").evaluate("(area) => area.removeAttribute('maxlength')")
    page.fill("textarea[name=text]", text)
    page.locator('a[href="/problems/"]').first.click()
    page.wait_for_url("**/problems/")
    page.go_back()
    page.wait_for_url(item)
    expect(page.locator("textarea[name=text]")).to_have_value(text)

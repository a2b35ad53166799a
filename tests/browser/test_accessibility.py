"""axe-core finds nothing on any page, wide and narrow, and no page scrolls sideways on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.browser.conftest import DESKTOP, PHONE
from tests.views.access_rows import URLS, expected
from tests.views.access_things import World, make_world
from tests.views.visits import address

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
    pytest.mark.ci,
]

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"
# Whoever sees the most first: each page is looked at once.
PERSONS = ("office", "leader", "clerk", "unit_head", "inspector", "sysadmin", "auditor")
DAILY = (
    "home",
    "dashboard",
    "briefing",
    "problems",
    "grid",
    "problem",
    "matrix",
    "health",
    "reports",
    "report",
)
DAILY += ("close_out_apply", "intake_draft", "report_next", "wall", "saved_views", "health_mend")
MODES = {"plain": {}, "large": {"type": "large"}, "contrast": {"contrast": "high"}}


@pytest.fixture
def world(live_server: Any) -> World:
    return make_world()


@pytest.fixture
def look(chromium: Any, live_server: Any, world: World, settings: Any) -> Iterator[Any]:
    """What is wrong with a page for somebody, at one size, in one of the modes."""
    settings.ALLOWED_HOSTS = ["*"]
    contexts: dict[tuple[str, bool, str], Any] = {}

    def page_of(person: str, phone: bool, mode: str) -> Any:
        key = (person, phone, mode)
        if key not in contexts:
            client = Client()
            cookies = dict(MODES[mode])
            if person:
                client.force_login(world["people"][person])
                cookies["sessionid"] = client.cookies["sessionid"].value
            context = chromium.new_context(viewport=PHONE if phone else DESKTOP, locale="zh-CN")
            context.add_cookies(
                [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
            )
            contexts[key] = context.new_page()
        return contexts[key]

    def look_at(person: str, url: str, phone: bool = False, mode: str = "plain") -> list[str]:
        page = page_of(person, phone, mode)
        answer = page.goto(live_server.url + url)
        assert answer.status == 200, f"{person} {url}: {answer.status}"
        page.evaluate(AXE)
        found = page.evaluate(RUN, TAGS)["violations"]
        where = f"{person} {url} {'390' if phone else '1440'} {mode}"
        wrong = [f"{where}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
        width = page.evaluate("document.documentElement.scrollWidth")
        return wrong + ([f"{where}: {width} px wide"] if phone and width > PHONE["width"] else [])

    yield look_at
    for page in contexts.values():
        page.context.close()


def is_a_page(person: Any, url: str) -> bool:
    client = Client()
    client.force_login(person)
    response = client.get(url)
    return response.get("Content-Type", "").startswith("text/html") and "attachment" not in response.get(
        "Content-Disposition", ""
    )


def visits(world: World, names: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(person, address) of every page there is, each for one person who sees it."""
    for name, row in URLS.items():
        if names and name not in names:
            continue
        person = next((one for one in PERSONS if expected(one, row, "own", "get") == 200), None)
        if person:
            yield person, address(name, row, world["own"])


def test_the_pages_of_every_day(world: World, look: Any) -> None:
    wrong = [line for person, url in visits(world, DAILY) for line in look(person, url)]
    for person in PERSONS:
        wrong += look(person, "/", phone=True)
    wrong += look("", "/accounts/login/") + look("sysadmin", "/admin/rectify/membership/add/")
    wrong += look("office", "/dashboard/", mode="contrast") + look("office", "/dashboard/", True, "large")
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])
def test_every_page(world: World, look: Any, phone: bool, mode: str) -> None:
    wrong, seen = [], 0
    for person, url in visits(world):
        if is_a_page(world["people"][person], url):
            wrong += look(person, url, phone, mode)
            seen += 1
    assert seen > 60
    assert not wrong, "\n".join(wrong)

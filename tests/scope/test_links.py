"""No page offers what ends in a refusal: every link, button and form on every page, for every role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.contrib import admin
from django.db import transaction

from rectify.choices import Role
from tests.scope.crawl import expected
from tests.scope.planted import PERSONS, Person, asked_of, planted
from tests.views.access_rows import URLS
from tests.views.access_things import World
from tests.views.visits import address, asked, signed_in

pytestmark = [
    pytest.mark.django_db(databases=["default", "snapshot"]),
    pytest.mark.usefixtures("one_connection", "still_session"),
    pytest.mark.once,
]
WORLD = planted

STAFF = [person for person in PERSONS if "home" in person.counties]
READERS = [person for person in STAFF if person.role in (Role.INSPECTOR, Role.SYSADMIN)]
LEAVES = ("/static/", "/accounts/logout/", "#", "mailto:", "tel:")
Target = tuple[str, str]  # the method and the address
Filled = dict[str, str]  # a form's fields as the page gives them


class Offers(HTMLParser):
    """The links and forms of a page; a button with an address of its own beside its form's."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.targets = page, dict[Target, Filled]()
        self.method, self.filled, self.choosing = "get", Filled(), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.add("get", given["href"], {})
        elif tag == "form":
            self.method, self.filled = given.get("method", "get").lower(), {}
            self.add(self.method, given.get("action", ""), self.filled)
        elif given.get("formaction"):
            self.add(given.get("formmethod", self.method).lower(), given["formaction"], self.filled)
        else:
            self.fill(tag, given)

    def fill(self, tag: str, given: dict[str, str]) -> None:
        if tag == "select":
            self.choosing = given.get("name", "")
        elif tag == "option" and given.get("value"):
            self.filled.setdefault(self.choosing, given["value"])
        elif given.get("name") and given.get("value") and given.get("type") != "file":
            self.filled.setdefault(given["name"], given["value"])

    def add(self, method: str, url: str, filled: Filled) -> None:
        if not url.startswith(LEAVES):
            self.targets.setdefault((method, urljoin(self.page, url).partition("#")[0]), filled)


def offers(session: str, page: str) -> dict[Target, Filled]:
    response = asked(session, "get", page)
    assert response.status_code == 200, page
    if response.streaming or not response["Content-Type"].startswith("text/html"):
        return {}
    parser = Offers(page)
    parser.feed(response.content.decode())  # type: ignore[attr-defined]
    return parser.targets


def pages(person: Person, made: World) -> Iterator[str]:
    """Every page that the person may open, in each county they see."""
    for name, row in URLS.items():
        for county in person.counties if row.thing or row.ask else person.counties[:1]:
            if row.get and expected(person, row, county, "get") == 200:
                yield address(name, row, made[county])


def kind_of(target: Target) -> tuple[str, str, tuple[str, ...]]:
    """Links that differ by the values of their questions only are one."""
    method, url = target
    parts = urlsplit(url)
    return method, parts.path, tuple(sorted({name for name, _ in parse_qsl(parts.query)}))


def refused(session: str, targets: dict[Target, Filled]) -> dict[Target, int]:
    """The targets that end in a refusal; what is sent is taken back."""
    found = {}
    for method, url in sorted({kind_of(target): target for target in targets}.values()):
        with transaction.atomic():
            filled = targets[method, url] if method == "post" else {}
            code = asked(session, method, url, filled).status_code
            transaction.set_rollback(True)
        if code in (403, 404, 405) or code >= 500:
            found[method, url] = code
    return found


@pytest.mark.ci
@pytest.mark.parametrize(
    "person", [one for one in STAFF if one.role in ("inspector", "sysadmin")], ids=lambda person: person.name
)
def test_the_health_page_offers_readers_no_button_that_is_refused(made: World, person: Person) -> None:
    session = signed_in(made["people"][person.username])
    assert not refused(session, offers(session, "/health/"))


@asked_of(STAFF, ci={"home_clerk", "home_inspector"})  # of the office alone half a minute
def test_nothing_on_any_page_ends_in_a_refusal(made: World, person: Person) -> None:
    session = signed_in(made["people"][person.username])
    where, targets = dict[Target, str](), dict[Target, Filled]()
    for page in pages(person, made):
        for target, filled in offers(session, page).items():
            where.setdefault(target, page)
            targets.setdefault(target, filled)
    wrong = refused(session, targets)
    assert not {target: (code, where[target]) for target, code in wrong.items()}


@pytest.mark.ci
@pytest.mark.parametrize("role", [Role.OFFICE, Role.SYSADMIN])
def test_deleting_is_offered_nowhere(made: World, role: str, rf) -> None:
    """Nothing is deleted: the administration has neither permission, nor page, nor action for it."""
    user = made["people"][f"home_{role}"]
    request = rf.get("/admin/")
    request.user = user
    session, models = signed_in(user), admin.site._registry
    for model, kept in models.items():
        assert not kept.has_delete_permission(request) and "delete_selected" not in kept.get_actions(request)
        if not kept.has_view_permission(request) or not kept.get_queryset(request).exists():
            continue
        folder = f"/admin/rectify/{model._meta.model_name}/"
        pk = kept.get_queryset(request)[0].pk
        shown = [asked(session, "get", url).content.decode() for url in (folder, f"{folder}{pk}/change/")]  # type: ignore[attr-defined]
        assert not re.search("/delete/|delete_selected|deletelink", "".join(shown))
        assert asked(session, "get", f"{folder}{pk}/delete/").status_code == 403

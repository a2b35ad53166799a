"""The access matrix: every named URL for every role, on one's own thing, another unit's, another county's."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import transaction
from django.urls import URLPattern, get_resolver, reverse

from rectify.models import Draft, Problem, Report
from tests.views.access_rows import CAST, GROUPS, PLACES, URLS, Row, expected
from tests.views.access_things import World, make_world
from tests.views.rendered import check_page
from tests.views.visits import Writing, address, asked, database, signed_in

pytestmark = [
    pytest.mark.django_db(databases=["default", "snapshot"]),
    pytest.mark.usefixtures("still_session", "one_connection"),
    pytest.mark.once,
]


def peopled() -> World:
    with mock.patch("rectify.ledger.rows.SNAPSHOT", "default"):
        return make_world()


WORLD = peopled


@pytest.fixture
def world(made: World, one_connection: None) -> World:
    return made


# The first third takes everybody to every URL once; the others complete the matrix.
# Who goes where in one test; a third of the clerk's way in make test, all of it in .ci/run.
ROUNDS = [
    pytest.param(persons, third, id=f"{'-'.join(persons)}-{third}", marks=[] if quick else [pytest.mark.ci])
    for persons in GROUPS
    for third in range(3)
    for quick in [third == 0 and "clerk" in persons]
]


def every_visit() -> list[tuple[str, Row, str]]:
    """Each URL at each place; at one place when it is about nothing in particular."""
    return [
        (name, row, place)
        for name, row in URLS.items()
        for place in (PLACES if row.thing or row.ask else ("own",))
    ]


def visits_of(person: str, third: int) -> Iterator[tuple[str, Row, str]]:
    """A third of them: each URL at one place, at another for the next person and for the next URL."""
    turn = CAST.index(person) + third
    for number, (name, row) in enumerate(URLS.items()):
        if row.thing or row.ask:
            yield name, row, PLACES[(number + turn) % len(PLACES)]
        elif third == 0:
            yield name, row, "own"


# -- the matrix ----------------------------------------------------------------------------------------


def test_every_named_url_has_its_row() -> None:
    patterns = get_resolver().url_patterns
    named = [pattern for pattern in patterns if isinstance(pattern, URLPattern)]
    others = [pattern for pattern in patterns if not isinstance(pattern, URLPattern)]
    assert [pattern.namespace for pattern in others] == ["admin"], "only the administration is included"
    assert all(pattern.name for pattern in named), "every route is named"
    names = {pattern.name for pattern in named}
    missing, left = names - set(URLS), set(URLS) - names
    assert not missing, f"add one line each to URLS in tests/views/access_rows.py: {sorted(missing)}"
    assert not left, f"no such URL any more: {sorted(left)}"


@pytest.mark.parametrize(("persons", "third"), ROUNDS)
def test_what_a_get_answers(world: World, persons: tuple[str, ...], third: int) -> None:
    wrong = []
    for person in persons:
        session = signed_in(world["people"][person])
        for name, row, place in visits_of(person, third):
            url = address(name, row, world[place])
            response = asked(session, "get", url)
            right = expected(person, row, place, "get")
            if response.status_code != right:
                wrong.append(f"{person}, {name} ({place}): {response.status_code} instead of {right}")
            check_page(response, f"{person} {url}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("persons", "third"), ROUNDS)
def test_what_a_post_answers_and_changes(world: World, persons: tuple[str, ...], third: int) -> None:
    """A page that only shows takes no post; a refusal of any kind changes nothing."""
    wrong = []
    for person in persons:
        session = signed_in(world["people"][person])
        before = database()
        for name, row, place in visits_of(person, third):
            there = f"{person}, {name} ({place})"
            body = row.body(world[place]) if row.post else {"reason": "测试"}
            with transaction.atomic(), Writing() as writing:
                response = asked(session, "post", address(name, row, world[place]), body)
                changed = writing.changed(before)
                transaction.set_rollback(True)
            code = response.status_code
            right = expected(person, row, place, "post") if row.post else 405
            if code != right:
                wrong.append(f"{there}: {code} instead of {right}")
            if changed != (row.changes and right < 400):
                wrong.append(
                    f"{there}: {code}, and the database {'has changed' if changed else 'is as before'}"
                )
            check_page(response, f"POST {there}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signed_out_gets_past_the_door(world: World, method: str) -> None:
    before = database()
    for name, row, place in every_visit():
        if row.free:
            continue
        body = row.body(world[place]) if method == "post" else {}
        response = asked("", method, address(name, row, world[place]), body)
        assert response.status_code == 302, name
        assert response["Location"].startswith("/accounts/login/?next="), name
    assert database() == before
    assert not Draft.objects.exists()


def test_what_is_open_to_everybody_answers_those_signed_out(world: World) -> None:
    answers = {name: asked("", "get", reverse(name)).status_code for name, row in URLS.items() if row.free}
    open_to_all = {
        "login": 200,
        "logout": 405,
        "help": 200,
        "clerk_guide": 200,
        "healthz": 200,
        "readyz": 200,
    }
    assert answers == open_to_all | {"sign_in_code": 302, "calendar_feed": 404, "clerk_guide": 200}


def test_a_ledger_that_is_not_ones_own_is_not_in_any_list(world: World) -> None:
    """What the lists show is what the pages of their rows would show."""
    for person in CAST:
        session = signed_in(world["people"][person])
        listed = {one.pk for one in Problem.objects.visible_to(world["people"][person])}
        text = asked(session, "get", "/problems/?per_page=100&withdrawn=").content.decode()  # type: ignore[attr-defined]
        shown = {place for place in PLACES if f'href="/problems/{world[place]["problem"]}/"' in text}
        assert shown == {place for place in PLACES if world[place]["problem"] in listed}, person
        reports = {one.pk for one in Report.objects.visible_to(world["people"][person])}
        text = asked(session, "get", "/reports/").content.decode()  # type: ignore[attr-defined]
        for place in PLACES:
            seen = f'href="/reports/{world[place]["report"]}/"' in text
            assert seen == (world[place]["report"] in reports), (person, place)

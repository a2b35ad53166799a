"""The access matrix: every named URL for every role, on one's own thing, another unit's, another county's."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from rectify.choices import Basis, LinkStatus, Role
from rectify.models import Draft, Leader, Problem, ProblemDirection, Report, RootCause, User
from rectify.operations import measures, problems, progress, purging
from tests import builders
from tests.views.access_rows import CAST, PLACES, URLS, Row, meets
from tests.views.rendered import check_page

pytestmark = [
    pytest.mark.django_db(databases=["default", "snapshot"]),
    pytest.mark.usefixtures("still_session"),
]

World = dict[str, dict[str, Any]]


# -- the world -----------------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    """One of each thing at each place, and the cast."""
    cast = builders.cast()
    assert cast.report
    foreign = builders.another_ledger(cast)
    elsewhere = builders.account("foreign_clerk", foreign.unit, Role.CLERK)
    second = Problem.objects.get(report=cast.report, number=2)
    post = Leader.objects.create(post="副县长", unit=cast.county)
    builders.assign(
        cast, second, lead_unit=cast.other_bureau, clerk=cast["stranger"], leader=post, deadline=None
    )
    far = Problem.objects.get(report=foreign, number=1)
    office = foreign.created_by
    problems.assign(far, by=office, seen=far.version, lead_unit=foreign.unit, clerk=elsewhere)
    builders.account("successor", cast.bureau, Role.CLERK)
    for name, unit in {"second_office": cast.county, "third_office": foreign.unit}.items():
        builders.account(name, unit, Role.OFFICE)
    people = {user.username: user for user in User.objects.all()}
    return {
        "people": people,
        "own": things(cast.problem, people["office"], people["second_office"], people),
        "other": things(second, people["office"], people["second_office"], people),
        "foreign": things(far, office, people["third_office"], people),
    }


def things(one: Problem, office: Any, second: Any, people: dict[str, Any]) -> dict[str, Any]:
    """One of everything about a problem: the ids by the names the rows use."""
    one = Problem.objects.select_related("report__unit", "lead_unit").get(pk=one.pk)
    note = progress.add(one, by=office, text="印发方案", files=[builders.pdf()])
    doomed = progress.add(one, by=office, text="误传的内容")
    measure = measures.add(one, by=office, text="建立制度")
    given_up = problems.add(one.report, by=office, title="重复的一项", source="other", kind="by_date")
    given_up = problems.assign(
        given_up, by=office, seen=given_up.version, lead_unit=one.lead_unit, leader=one.leader
    )
    given_up = problems.withdraw(given_up, by=office, seen=given_up.version, reason="重复")
    direction = ProblemDirection.objects.create(
        problem=one,
        direction=one.report.directions.get(number=2),
        basis=Basis.INFERRED,
        status=LinkStatus.PENDING,
    )
    return {
        "problem": one.pk,
        "problem_version": Problem.objects.get(pk=one.pk).version,
        "withdrawn": given_up.pk,
        "withdrawn_version": given_up.version,
        "report": one.report_id,
        "measure": measure.pk,
        "measure_version": measure.version,
        "note": note.pk,
        "evidence": note.evidence.get().pk,
        "direction": direction.pk,
        "free": RootCause.objects.create(report=one.report, number=50 + one.number, title="新的根源").pk,
        "purge": purging.request(doomed, by=second, reason="误传个人信息").pk,
        "unit": one.lead_unit_id,
        "giver": people["clerk"].pk,
        "taker": people["successor"].pk,
    }


def address(name: str, row: Row, there: dict[str, Any]) -> str:
    url = reverse(name, args=[*row.extra, there[row.thing]] if row.thing else [])
    return f"{url}?{row.ask}={there[row.ask]}" if row.ask else url


def signed_in(user: Any) -> str:
    client = Client()
    client.force_login(user)
    client.get("/help/")  # the first request of a minute renews the session
    return str(client.cookies["sessionid"].value)


def asked(session: str, method: str, url: str, data: dict[str, Any] | None = None) -> HttpResponseBase:
    client = Client()
    if session:
        client.cookies["sessionid"] = session
    return getattr(client, method)(url, data or {})


def database() -> dict[str, list[tuple]]:
    """Every row of every table of ours, and who is signed in."""
    models = [*apps.get_app_config("rectify").get_models(include_auto_created=True)]
    models.append(apps.get_model("sessions", "Session"))
    return {model._meta.label: sorted(model._base_manager.values_list(), key=repr) for model in models}


def every_visit() -> list[tuple[str, Row, str]]:
    """Each URL at each place; at one place when it is about nothing in particular."""
    return [
        (name, row, place)
        for name, row in URLS.items()
        for place in (PLACES if row.thing or row.ask else ("own",))
    ]


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


@pytest.mark.parametrize("person", CAST)
def test_what_a_get_answers(world: World, person: str) -> None:
    session = signed_in(world["people"][person])
    wrong = []
    for name, row, place in every_visit():
        assert row.get is not None, name
        url = address(name, row, world[place])
        response = asked(session, "get", url)
        expected = row.get[meets(person, row, place)]
        if response.status_code != expected:
            wrong.append(f"{name} ({place}): {response.status_code} instead of {expected}")
        check_page(response, f"{person} {url}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", CAST)
def test_what_a_post_answers_and_changes(world: World, person: str) -> None:
    session = signed_in(world["people"][person])
    before = database()
    wrong = []
    for name, row, place in every_visit():
        if row.post is None:
            continue
        url = address(name, row, world[place])
        with transaction.atomic():
            response = asked(session, "post", url, row.body(world[place]))
            changed = database() != before
            transaction.set_rollback(True)
        expected = row.but.get(person) or row.post[meets(person, row, place)]
        if response.status_code != expected:
            wrong.append(f"{name} ({place}): {response.status_code} instead of {expected}")
        if changed != (expected < 400 and row.changes):
            what = "has changed" if changed else "is as before"
            wrong.append(f"{name} ({place}): {response.status_code}, and the database {what}")
        check_page(response, f"{person} POST {url}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", CAST)
def test_a_page_that_only_shows_takes_no_post_and_changes_nothing(world: World, person: str) -> None:
    session = signed_in(world["people"][person])
    before = database()
    wrong = []
    for name, row, place in every_visit():
        if row.post is not None:
            continue
        response = asked(session, "post", address(name, row, world[place]), {"reason": "测试"})
        if response.status_code not in (403, 404, 405):
            wrong.append(f"{name} ({place}): {response.status_code}")
        check_page(response, f"{person} POST {name}")
    assert not wrong, "\n".join(wrong)
    assert database() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signed_out_gets_past_the_door(world: World, method: str) -> None:
    before = database()
    for name, row, place in every_visit():
        if row.free:
            continue
        response = asked("", method, address(name, row, world[place]), row.body(world[place]))
        assert response.status_code == 302, name
        assert response["Location"].startswith("/accounts/login/?next="), name
    assert database() == before
    assert not Draft.objects.exists()


def test_what_is_open_to_everybody_answers_those_signed_out(world: World) -> None:
    answers = {name: asked("", "get", reverse(name)).status_code for name, row in URLS.items() if row.free}
    assert answers == {"login": 200, "logout": 405, "help": 200, "healthz": 200}


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

"""The crawl: every URL of three counties for every role; not visible is 404, and no word of it leaks."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.urls import reverse

from rectify.models import Problem
from tests.scope.crawl import every_visit, expected, leaks, words_of
from tests.scope.planted import COUNTIES, PERSONS, Person, asked_of, planted
from tests.views.access_rows import URLS
from tests.views.access_things import World
from tests.views.visits import Writing, address, asked, database, signed_in

pytestmark = [
    pytest.mark.django_db(databases=["default", "snapshot"]),
    pytest.mark.usefixtures("one_connection", "still_session"),
    pytest.mark.once,
]
WORLD = planted

# In every run a clerk who meets the sibling county and the far one, and who sees two; in .ci/run every role.
EACH_ROLE = {
    "city_inspector",
    "home_office",
    "near_leader",
    "far_unit_head",
    "near_inspector",
    "home_sysadmin",
    "far_auditor",
}
# Everybody of the county that has a sibling.
STAFF = [person for person in PERSONS if person.counties == ("near",)]
# The parameters by which pages choose, and whose number stands for each; those in a group are sent together.
CHOOSING: tuple[dict[str, Callable[[Problem], int | None]], ...] = (
    {
        "unit": lambda problem: problem.lead_unit_id,
        "within": lambda problem: problem.report.unit_id,
        "leader": lambda problem: problem.leader_id,
        "clerk": lambda problem: problem.clerk_id,
        "actor": lambda problem: problem.clerk_id,
        "aspect": lambda problem: problem.aspect_id,
    },
    {"report": lambda problem: problem.report_id},
    {name: lambda problem: problem.pk for name in ("problem", "problems", "pick")},
)
NOBODYS = "987654321"


@asked_of(PERSONS, ci=EACH_ROLE)
def test_what_a_get_answers_and_says(made: World, person: Person) -> None:
    wrong, session = [], signed_in(made["people"][person.username])
    for name, row, county in every_visit():
        url = address(name, row, made[county])
        response = asked(session, "get", url)
        right = expected(person, row, county, "get")
        if response.status_code != right:
            wrong.append(f"{name} ({county}): {response.status_code} instead of {right}")
        if found := leaks(person, words_of(response), url):
            wrong.append(f"{name} ({county}) says {found}")
    assert not wrong, "\n".join(wrong)


@asked_of(PERSONS, ci=EACH_ROLE)
def test_a_post_about_another_county_writes_nothing(made: World, person: Person) -> None:
    """404 as for what is not there, and every table and chain head as before."""
    wrong, session = [], signed_in(made["people"][person.username])
    before = database()
    for name, row, county in every_visit():
        if county in person.counties:
            continue
        body = row.body(made[county]) if row.post else {"reason": "测试"}
        with transaction.atomic(), Writing() as writing:
            response = asked(session, "post", address(name, row, made[county]), body)
            changed = writing.changed(before)
            transaction.set_rollback(True)
        right = (expected(person, row, county, "post"),) if row.post else (403, 404, 405)
        if response.status_code not in right:
            wrong.append(f"{name} ({county}): {response.status_code} instead of {right}")
        if changed and (response.status_code >= 400 or row.thing or row.ask):
            wrong.append(f"{name} ({county}): {response.status_code}, and the database has changed")
        if found := leaks(person, words_of(response), typed(body)):
            wrong.append(f"{name} ({county}) says {found}")
    assert not wrong, "\n".join(wrong)


@asked_of(STAFF, ci={"near_office", "near_clerk"})
def test_a_choice_in_the_address_tells_nothing(made: World, person: Person) -> None:
    """What is chosen by another county's number is answered like a number that there is not."""
    wrong, session = [], signed_in(made["people"][person.username])
    others = [county for county in COUNTIES if county not in person.counties]
    theirs = {county: Problem.objects.get(pk=made[county]["problem"]) for county in others}
    for name, group in itertools.product(lists(), CHOOSING):
        nobody = asked(session, "get", f"{reverse(name)}?{urlencode(dict.fromkeys(group, NOBODYS))}")
        for county in others:
            numbers = {parameter: number(theirs[county]) for parameter, number in group.items()}
            url = f"{reverse(name)}?{urlencode(numbers)}"
            response = asked(session, "get", url)
            if response.status_code != nobody.status_code:
                wrong.append(f"{url} ({county}): {response.status_code}, of nobody's {nobody.status_code}")
            if found := leaks(person, words_of(response)):
                wrong.append(f"{url} ({county}) says {found}")
    assert not wrong, "\n".join(wrong)


def lists() -> list[str]:
    """The pages about nothing in particular, which choose by their address."""
    return [
        name
        for name, row in URLS.items()
        if not (row.thing or row.extra) and row.get and row.get["office"] == 200
    ]


def typed(body: dict[str, Any]) -> str:
    """What a person has typed in may be shown to them again."""
    return json.dumps(body, ensure_ascii=False, default=str)

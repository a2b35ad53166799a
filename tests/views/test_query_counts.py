"""The pages ask the database the same number of questions at 10 and at 1,000 problems, and few of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.choices import Basis, LinkStatus, MeasureStatus, Status
from rectify.models import (
    Manifestation,
    Measure,
    Problem,
    ProblemCause,
    ProblemDirection,
    ProblemState,
    ProgressNote,
    User,
)
from tests import builders
from tests.builders import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_session"), pytest.mark.ci]

FEW, MANY = 10, 1000
LIMIT = 12
# Each compiled once: many small texts cost less than few large ones.
LIMITS = {
    "/": 14,
    "/dashboard/": 17,
    "/briefing/": 17,
    **dict.fromkeys(("/problems/", "/problems/?per_page=100"), 13),  # one for the saved views
    "/reports/": 30,
    "{report}": 30,
    "{report}matrix/": 30,
}
READERS = ("office", "leader", "unit_head", "clerk", "inspector")
PAGES = (
    *("/", "/dashboard/", "/briefing/", "/problems/", "/problems/?per_page=100"),
    *("/reports/", "{report}", "{report}matrix/", "{item}"),
)


@pytest.fixture
def made() -> Cast:
    made = builders.cast()
    fill(made, FEW)
    return made


def fill(made: Cast, total: int) -> None:
    """Problems of every light, all of the bureau's and the leader's, with all that may hang on one.

    Rows alone, no acts: what counts here is what the pages ask, not how the rows came to be.
    """
    report, today, now = made.report, clock.today(), clock.now()
    start = Problem.objects.count()
    lights: list[dict[str, Any]] = [
        {"deadline": today - dt.timedelta(days=5)},
        {"deadline": today + dt.timedelta(days=5)},
        {"deadline": today + dt.timedelta(days=90)},
        {"deadline": None},
        {"status": Status.STANDING},
        {"status": Status.CLOSED, "closed_on": today, "deadline": today},
        {"withdrawn": True},
    ]
    rows = [
        Problem(
            report=report,
            number=number + 1,
            code=f"2025-{number + 1:02d}",
            title=f"问题 {number}",
            aspect=report.aspects.first() if number % 2 else None,
            leader=made.leader,
            lead_unit=made.bureau,
            clerk=made["clerk"],
            created_at=now - dt.timedelta(days=60),
            original_deadline=today,
            **lights[number % len(lights)],
        )
        for number in range(start, total)
    ]
    made_now = Problem.objects.bulk_create(rows)
    cause, direction = report.causes.get(), report.directions.get(number=1)
    pending = {"basis": Basis.INFERRED, "status": LinkStatus.PENDING}
    ProblemState.objects.bulk_create(
        ProblemState(problem=one, valid_from=now, **{name: getattr(one, name) for name in Problem.TRACKED})
        for one in made_now
    )
    ProblemCause.objects.bulk_create(ProblemCause(problem=one, cause=cause, **pending) for one in made_now)
    ProblemDirection.objects.bulk_create(
        ProblemDirection(problem=one, direction=direction, **pending) for one in made_now
    )
    Manifestation.objects.bulk_create(
        Manifestation(problem=one, number=n, text="表现") for one in made_now for n in (1, 2)
    )
    Measure.objects.bulk_create(
        Measure(
            problem=one, number=n, text="措施", unit=made.bureau, status=MeasureStatus.OPEN, created_at=now
        )
        for one in made_now
        for n in (1, 2)
    )
    ProgressNote.objects.bulk_create(
        ProgressNote(problem=one, text="进展", percent=40, author=made["clerk"], at=now)
        for one in made_now
        if one.number % len(lights) in (1, 5)
    )
    through = Problem.supporting_units.through
    through.objects.bulk_create(through(problem_id=one.pk, unit_id=made.other_bureau.pk) for one in made_now)
    if connection.vendor == "postgresql":  # it would soon itself; until then it plans for empty tables
        connection.cursor().execute("ANALYZE")


def counted(session: str, url: str) -> int:
    client = Client()
    client.cookies["sessionid"] = session
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200, url
    return len(caught)


def count_all(made: Cast) -> dict[tuple[str, str], int]:
    found = {}
    item = Problem.objects.get(report=made.report, number=8)
    for role in READERS:
        client = Client()
        client.force_login(User.objects.get(username=role))
        client.get("/help/")  # the first request of a minute renews the session
        for page in PAGES:
            url = page.format(report=made.report.get_absolute_url(), item=item.get_absolute_url())
            found[role, page] = counted(client.cookies["sessionid"].value, url)
    return found


def test_the_number_of_queries_is_the_same_at_ten_and_at_a_thousand_problems(made: Cast) -> None:
    few = count_all(made)
    fill(made, MANY)
    assert Problem.objects.filter(report=made.report).count() == MANY
    many = count_all(made)
    assert {key: (few[key], many[key]) for key in few if few[key] < many[key]} == {}
    assert {key: count for key, count in many.items() if count > LIMITS.get(key[1], LIMIT)} == {}

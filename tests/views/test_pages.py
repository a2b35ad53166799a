"""Turning the pages of the list by keys: every item once, in every order, forward and back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.choices import Status
from rectify.models import Problem
from rectify.models.rag_status import BANDS
from tests import builders
from tests.builders import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
TOTAL = 63
ORDERS = ("", "light", "-light", "deadline", "-deadline", "number", "-number")


def history() -> Cast:
    made = builders.cast(assigned=False)
    today = clock.today()
    Problem.objects.bulk_create(
        Problem(
            report=made.report,
            number=100 + n,
            code=f"页-{n}",
            title=f"问题{n}",
            # Few dates, so that many rows stand at the same place but for their ids.
            deadline=[None, today, today + dt.timedelta(days=40)][n % 3],
            original_deadline=today,
            status=Status.STANDING if n % 7 == 0 else Status.IN_PROGRESS,
            created_at=clock.now()
            - dt.timedelta(days=90 if n % 5 == 0 else 0),  # those long known are silent
        )
        for n in range(TOTAL - Problem.objects.filter(report=made.report).count())
    )
    return made


WORLD = history


@pytest.fixture
def client(made: Cast) -> Client:
    client = Client()
    client.force_login(made["office"])
    return client


def ids(response) -> list[int]:
    return [row.record.problem.pk for row in response.context["table"].rows]


def link(response, rel: str) -> str:
    """The address of the previous or the next page, as a browser without scripts follows it."""
    found = re.search(rf'href="([^"]+)" rel="{rel}"', response.content.decode())
    return "/problems/" + found[1].replace("&amp;", "&") if found else ""


def walk(client: Client, url: str, rel: str) -> list[list[int]]:
    pages = []
    while url:
        response = client.get(url)
        pages.append(ids(response))
        url = link(response, rel)
    return pages


@pytest.mark.parametrize(
    "sort", ["", "light", *(pytest.param(order, marks=pytest.mark.ci) for order in ORDERS[2:])]
)
def test_every_item_is_met_once_forward_and_back(client: Client, sort: str) -> None:
    forward = walk(client, f"/problems/?sort={sort}", "next")
    assert [len(page) for page in forward] == [25, 25, 13]
    met = [pk for page in forward for pk in page]
    assert sorted(met) == sorted(Problem.objects.values_list("pk", flat=True))
    back = walk(client, f"/problems/?sort={sort}&page=last", "prev")
    assert [pk for page in reversed(back) for pk in page][-50:] == met[-50:]
    assert back[-1] == met[:25], "the first page is a full one, wherever one came from"
    lights = dict(Problem.objects.with_light(clock.today()).values_list("pk", "light"))
    if sort in ("", "light"):
        bands = [next(place for place, some in enumerate(BANDS) if lights[pk] in some) for pk in met]
        assert bands == sorted(bands), "what was not reported stands above green, late and soon above both"
        assert set(bands) == set(range(len(BANDS)))


@pytest.mark.ci
def test_an_order_downward_is_the_other_one_turned(client: Client) -> None:
    for sort in ("light", "deadline", "number"):
        up = [pk for page in walk(client, f"/problems/?sort={sort}", "next") for pk in page]
        down = [pk for page in walk(client, f"/problems/?sort=-{sort}", "next") for pk in page]
        assert up == down[::-1], sort


@pytest.mark.parametrize("sort", ["light", "-deadline", pytest.param("number", marks=pytest.mark.ci)])
def test_few_stand_as_many_would(client: Client, made: Cast, sort: str, monkeypatch) -> None:
    """Put in order or read in order, forward and back; with the same keys, so that pages go on either way."""
    Problem.objects.filter(code__contains="3").update(lead_unit=made.bureau)
    for query in (
        "unit=none",
        f"unit={made.bureau.pk}",
        "clerk=none&light=normal&light=unreported",
        "status=in_progress&leader=none",
    ):
        url, walked = f"/problems/?{query}&sort={sort}", []
        for few in (0, 1000, 40):
            monkeypatch.setattr("rectify.views.problems.list.FEW", few)
            back = walk(client, f"{url}&page=last", "prev")
            walked.append((walk(client, url, "next"), back))
        assert walked[0] == walked[1] == walked[2], query
        assert walked[0][0][0], query
    monkeypatch.undo()
    first = client.get("/problems/?unit=none&sort=" + sort)
    monkeypatch.setattr("rectify.views.problems.list.FEW", 0)
    assert (
        ids(client.get(link(first, "next"))) == walk(client, f"/problems/?unit=none&sort={sort}", "next")[1]
    )


@pytest.mark.parametrize("sort", ["deadline", "-deadline"])
def test_what_had_a_date_that_has_passed_stands_by_its_date(client: Client, sort: str) -> None:
    """Overdue, put off, and without a date any more: listed in parts, in one order."""
    yesterday = clock.today() - dt.timedelta(days=1)
    Problem.objects.filter(code__startswith="页").update(original_deadline=yesterday)
    Problem.objects.filter(code__contains="4").update(deadline=yesterday, original_deadline=yesterday)
    Problem.objects.filter(code__endswith="5").update(withdrawn=True)
    expected = Problem.objects.filter(rank=0, original_deadline__lt=clock.today())
    order = ("-due", "-pk") if sort.startswith("-") else ("due", "pk")
    for light in ("", "&light=overdue", "&light=overdue&light=undated&light=unreported"):
        pages = walk(client, f"/problems/?timing=original_overdue&sort={sort}{light}", "next")
        met = [pk for page in pages for pk in page]
        lights = dict(expected.with_light(clock.today()).values_list("pk", "light"))
        wanted = expected.order_by(*order).values_list("pk", flat=True)
        assert met == [pk for pk in wanted if not light or f"light={lights[pk]}" in light], light
        assert len(met) > 25 or light
    gone = walk(client, f"/problems/?timing=original_overdue&withdrawn=1&sort={sort}", "next")
    assert {pk for page in gone for pk in page} == set(
        Problem.objects.filter(withdrawn=True, rank=5, original_deadline__lt=clock.today())
        .exclude(status=Status.STANDING)
        .values_list("pk", flat=True)
    )


def test_the_neighbours_keep_conditions_and_page_size(client: Client) -> None:
    pages = walk(client, "/problems/?per_page=50&status=in_progress&sort=deadline", "next")
    expected = Problem.objects.filter(status=Status.IN_PROGRESS).count()
    assert sum(map(len, pages)) == expected
    assert len(pages[0]) == min(50, expected)


def test_a_change_of_the_list_begins_it_anew(client: Client) -> None:
    second = client.get(link(client.get("/problems/"), "next"))
    text = second.content.decode()
    others = re.findall(r'href="(\?[^"]*(?:sort=|per_page=|light=)[^"]*)"', text)
    assert others
    assert not [one for one in others if "after=" in one and "rel=" not in one]


def test_an_item_that_is_gone_leaves_the_place_it_had(client: Client) -> None:
    first = client.get("/problems/")
    following = ids(client.get(link(first, "next")))
    Problem.objects.filter(pk=ids(first)[-1]).update(withdrawn=True)
    assert ids(client.get(link(first, "next"))) == following


@pytest.mark.parametrize("page", ["1", "3", "99"])
def test_a_link_with_a_page_number_opens_the_first_page(client: Client, page: str) -> None:
    response = client.get(f"/problems/?page={page}")
    assert ids(response) == ids(client.get("/problems/"))
    assert "已忽略" not in response.content.decode()


@pytest.mark.ci
@pytest.mark.parametrize(
    "key",
    [
        "x", "0", "0_2026-01-01", "0_2026-01-01_1_1", "-1_0_2026-01-01_1", "0_a_2026-01-01_1",
        "0_0_2026-13-01_1", "0_0_昨天_1", "0_0_2026-01-01_99999999999999999999", "0_0_2026-01-01_1'--",
        "%00_%00_%00", "__", "-1_2026-01-01_-5",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["after", "before"])
def test_a_key_that_makes_no_sense_shows_the_first_page(client: Client, name: str, key: str) -> None:
    response = client.get(f"/problems/?{name}={key}")
    assert response.status_code == 200
    assert ids(response) == ids(client.get("/problems/"))


def test_a_key_of_another_order_is_named_and_ignored(client: Client) -> None:
    key = client.get("/problems/").context["page"].after
    response = client.get(f"/problems/?sort=deadline&after={key}")
    assert "页码" in response.content.decode()
    assert ids(response) == ids(client.get("/problems/?sort=deadline"))


def test_the_last_page_costs_as_many_queries_as_the_first(client: Client) -> None:
    client.get("/problems/")

    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(url)
        return len(caught)

    assert count("/problems/?page=last") == count("/problems/")

"""What the list counts and how it turns pages by number, from the kept counts, is what its rows say."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest
from django.db.models import F
from django.http import QueryDict
from django.test import RequestFactory

from rectify import clock
from rectify.choices import RagStatus
from rectify.models import ChainHead, Problem, Rollup
from rectify.models.office import LedgerRule
from rectify.models.rag_status import RowReading, light_of
from rectify.operations import rollups
from rectify.selectors.problem_filter import ProblemFilter
from rectify.views.problems.list import _page
from tests.builders import Cast
from tests.selectors.many_ledgers import ledgers

pytestmark = pytest.mark.django_db
LIGHTS = tuple(f"light={light}" for light in RagStatus if light != RagStatus.WITHDRAWN)
SILENT, UNDATED = "stale=1", "deadline=none"
CONDITIONS = ("", SILENT, UNDATED, "arrears=old", "arrears=recent", f"{SILENT}&arrears=old")
WALKED = (
    *CONDITIONS[1:],
    *LIGHTS,
    *(f"{light}&{condition}" for light in LIGHTS[3:5] for condition in CONDITIONS[1:]),
)


WORLD = ledgers


def rows_of(query: str) -> list[Problem]:
    """The rows that meet the conditions, read from the rules of one row and from nothing that is kept."""
    asked, today, rule = QueryDict(query), clock.today(), LedgerRule()
    year_ago = today - dt.timedelta(days=365)
    rules: dict[str, Callable[[Problem], bool]] = {
        "stale": lambda row: RowReading(row, today, today, rule.reporting_since(today)).is_stale,
        "deadline": lambda row: row.deadline is None,
        "arrears": lambda row: (asked["arrears"] == "old") == bool(row.deadline and row.deadline < year_ago),
        "light": lambda row: light_of(row, today, rule) == asked["light"],
    }
    rows = Problem.objects.filter(withdrawn=False).order_by("report_id", "number")
    return [row for row in rows if all(rules[name](row) for name in asked)]


def walked(made: Cast, query: str, sort: str, way: str) -> list[int]:
    """The ids of all pages by number, one after another from the first or from the last."""
    met: list[int] = []
    place: dict[str, str] | None = {"page": "last"} if way == "before" else {}
    while place is not None:
        asked = QueryDict(query)
        listed = ProblemFilter.of(made["inspector"], asked)
        listed.order = "number"
        request = RequestFactory().get("/", {**asked.dict(), "sort": sort, **place})
        shown = _page(request, listed, listed.light_counts())
        met = [*met, *shown.ids] if way == "after" else [*shown.ids, *met]
        key = getattr(shown, way)
        place = {way: key} if key else None
    return met


def test_the_numbers_are_those_of_the_rows(made: Cast) -> None:
    today, rule = clock.today(), LedgerRule()
    plain = {query: Counter(light_of(row, today, rule) for row in rows_of(query)) for query in CONDITIONS}
    assert sum(bool(n) for n in plain[""].values()) == len(LIGHTS), "every light occurs"

    def check() -> None:
        for query, lights in plain.items():
            assert ProblemFilter.of(made["inspector"], query).light_counts() == dict(lights), query

    check()
    rollups.refresh()
    check()
    ChainHead.objects.filter(report=made.report).update(number=F("number") + 1)  # something was done in it
    check()
    for rollup in Rollup.objects.all():  # counted before this was
        del rollup.counts["listed"]
        rollup.save()
    check()


def test_by_number_every_row_is_met_once_from_both_ends(made: Cast) -> None:
    rollups.refresh()
    for query in WALKED:
        rows = rows_of(query)
        if RagStatus.CARRIED not in query:
            rows = [row for row in rows if not row.carried]
        ids = [row.pk for row in rows]
        assert walked(made, query, "number", "after") == ids, query
        assert walked(made, query, "-number", "after") == ids[::-1], query
        if len(ids) > 25:
            assert set(walked(made, query, "number", "before")) == set(ids), query

"""The ledger as a context: chosen once, kept while a person works, obeyed by whatever counts."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from rectify.models import Problem, Report
from rectify.operations import reports
from rectify.operations.reports import Outline
from rectify.selectors.ledgers import Ledgers
from tests import builders
from tests.builders import OUTLINE, Cast

pytestmark = [pytest.mark.django_db(databases=["default", "snapshot"]), pytest.mark.once]


def history() -> Cast:
    """Two ledgers of one county, of two years, and one of another county."""
    made = builders.cast()
    earlier = OUTLINE | {"title": "2024年度对照检查报告"}
    reports.load(Outline.from_dict(earlier), by=made["office"], unit=made.county, year=2024)
    builders.another_ledger(made)
    return made


WORLD = history


def client_of(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def choose(client: Client, ledger: object, back: str = "/problems/?q=不&page=2&aspect=1") -> str:
    answer = client.post("/ledger/choice/", {"ledger": str(ledger), "next": back})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_one_ledger_is_kept_and_obeyed_by_whatever_counts(made: Cast) -> None:
    old = Report.objects.get(year=2024)
    client = client_of(made, "office")
    assert "第 1 项" not in client.get("/problems/").content.decode()
    assert choose(client, old.pk).endswith(f"&report={old.pk}")
    everywhere = {}
    for place in ("dashboard", "briefing", "problems", "ledger", "documents", "ledger/compare", "reports"):
        led = client.get(f"/{place}/")
        assert led["Location"] == f"/{place}/?report={old.pk}", place
        everywhere[place] = client.get(led["Location"])
    own = old.problems.count()
    assert everywhere["problems"].context["page"].count == own
    assert everywhere["dashboard"].context["numbers"].all.total == own
    assert everywhere["ledger"].context["choice"].report == old
    assert everywhere["documents"].context["report"] == old
    assert [report for report, _ in everywhere["reports"].context["rows"]] == [old]
    assert f"report={old.pk}" in everywhere["problems"].context["export"]
    # 待办 and an address with conditions say what they mean; the way on leads back to what is kept.
    assert client.get("/problems/?light=undated").context["page"].count > own
    assert f'href="/dashboard/?report={old.pk}"' in client.get("/").content.decode()
    assert choose(client, "", "/") == "/" and client.get("/problems/").context["page"].count > own


def test_this_year_spans_the_counties(made: Cast) -> None:
    client = client_of(made, "inspector")
    choose(client, "year")
    listed = client.get("/problems/?report=year&per_page=100")
    newest = Problem.objects.filter(report__year=2025)
    assert listed.context["page"].count == newest.count() < Problem.objects.count()
    names = set(re.findall(r'<span class="row-sub">([^<]*2025年度)</span>', listed.content.decode()))
    assert len(names) == 2, "an item is named by its code and its ledger"
    dashboard = client.get("/dashboard/?report=year")
    assert dashboard.context["numbers"].all.total == newest.count()
    assert "report=year" in dashboard.context["base"]
    assert client.get("/ledger/?report=year").context["choice"].report.year == 2025


def test_a_ledger_that_is_not_ones_own_is_not_chosen(made: Cast) -> None:
    other = Report.objects.exclude(unit=made.county).get()
    client = client_of(made, "office")
    assert choose(client, other.pk, "https://elsewhere.example/") == "/dashboard/"
    assert client.get("/problems/").status_code == 200, "nothing is kept"
    assert client.get(f"/ledger/export/?report={other.pk}").status_code == 404
    assert (
        client.get(f"/problems/?report={other.pk}").context["page"].count
        == Problem.objects.filter(report__unit=made.county).count()
    )
    # Of the one ledger somebody sees there is nothing to choose, and a number is enough.
    page = client_of(made, "clerk").get("/problems/").content.decode()
    assert "ledger-switch" not in page


def test_short_names_tell_ledgers_apart() -> None:
    assert Ledgers([]).names == {} and Ledgers([]).one is None and Ledgers([], "year").value == ""

"""Today's overview from the kept counts is the one that the problems themselves give."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import asdict, replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.models import LedgerSettings, Problem, Report, RollupDay, User
from rectify.models.report import sees_whole_ledgers
from rectify.operations import rollups
from rectify.selectors.dashboard import changes as changes_selector
from rectify.selectors.dashboard.counts import Scope
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.rollups import kept_of
from rectify.selectors.dashboard.trends import trend
from tests import builders
from tests.selectors.dashboard.acts import START, STEP, an_act
from tests.views.overview.hundred_days import history
from tests.views.overview.numbers import check_numbers, page

pytestmark = pytest.mark.django_db
LOOKS = 12


def reports() -> list[Report]:
    return list(Report.objects.select_related("settings", "counted").order_by("pk"))


def figures(looked: Scope, since: dt.date) -> dict[str, Any]:
    """All that the dashboard counts."""
    found = asdict(overview(looked, looked.day, reports=reports(), earlier=since))
    changes = changes_selector.changes(looked, since)
    points = [asdict(point) for point in trend(looked, looked.day, ahead=8)]
    return found | {"trend": points, "changes": {name: n for name, n in changes.counts.items() if n}}


def both(since: dt.date) -> tuple[dict[str, Any], dict[str, Any], int]:
    """From the kept counts, from the problems, and how many ledgers were not kept."""
    rules = LedgerSettings.objects.rules()
    live = Scope(Problem.objects.all(), clock.today(), rules)
    known = kept_of(reports(), True, live.day, since, rules)
    assert known, "nothing was kept"
    kept = replace(live, kept=known[0], others=known[1])
    return figures(kept, since), figures(live, since), len(known[1])


@pytest.mark.ci
@pytest.mark.parametrize("seed", [5, 7])
def test_kept_and_asked_are_the_same_through_weeks_of_acts(seed: int) -> None:
    chance = random.Random(seed)
    with clock.pretend(START):
        made = builders.cast(assigned=False)
        builders.another_ledger(made)
    uncounted = set()
    for number in range(1, LOOKS):
        with clock.pretend(START + dt.timedelta(days=STEP * number)):
            rollups.refresh()
            if number % 3 == 0:  # a ledger whose day has not been counted yet
                RollupDay.objects.filter(report=made.report).delete()
            for _ in range(4):
                an_act(made, chance)
            since = clock.period_start(clock.today(), "monthly", 31) - dt.timedelta(days=1)
            kept, asked, others = both(since)
            assert kept == asked, clock.today()
            uncounted.add(others)
            for report in Report.objects.all():
                assert list(rollups.disagreements(report, "default")) == []
    assert uncounted == {0, 1}


def test_the_counts_of_another_day_are_not_used() -> None:
    made = builders.cast()
    rollups.refresh()
    rules, today = LedgerSettings.objects.rules(), clock.today()
    since = clock.period_start(today, "monthly", 31) - dt.timedelta(days=1)
    assert kept_of(reports(), True, today, since, rules)
    assert kept_of(reports(), True, today, since - dt.timedelta(days=1), rules) is None
    assert kept_of(reports(), True, today + dt.timedelta(days=1), since, rules) is None
    LedgerSettings.objects.filter(report=made.report).update(grace_days=0, period="weekly", cutoff_day=3)
    assert kept_of(reports(), True, today, since, LedgerSettings.objects.rules()) is None


def test_who_sees_a_part_of_a_ledger_is_never_shown_all_of_it() -> None:
    made = builders.cast()
    whole = {name for name, user in made.people.items() if sees_whole_ledgers(user)}
    assert whole == {"office", "inspector"}
    builders.account("both", made.county, "office").memberships.create(unit=made.bureau, role="clerk")
    assert not sees_whole_ledgers(User.objects.get(username="both"))


@pytest.mark.ci
def test_every_number_from_the_kept_counts_opens_the_list_it_counts() -> None:
    worked_on = history()
    assert rollups.refresh() == 2
    for path in ("/dashboard/", "/briefing/"):
        with CaptureQueriesContext(connection) as captured:
            _, text = page(worked_on, "inspector", path)
        assert any("rectify_rollup" in query["sql"] for query in captured), path
        assert check_numbers(worked_on["inspector"], text) > (30 if path == "/dashboard/" else 5)

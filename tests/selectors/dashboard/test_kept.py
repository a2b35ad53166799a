"""What is kept counted, as of today and of each cut-off, is what the problems and their history say."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.choices import Period
from rectify.models import LedgerSettings, Problem, Report, Rollup, Unit, User
from rectify.models.rank import Rank
from rectify.models.report import sees_whole_ledgers
from rectify.operations import carry_over, rollups
from rectify.selectors.dashboard import changes as changes_selector
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.trends import trend
from tests import builders
from tests.selectors.dashboard.acts import START, STEP, an_act
from tests.views.overview.hundred_days import history
from tests.views.overview.numbers import check_numbers, page

pytestmark = pytest.mark.django_db
LOOKS = 12


def reports() -> list[Report]:
    return list(Report.objects.select_related("settings").order_by("pk"))


def looked(day: dt.date, whole: Sequence[Report] = ()) -> Scope:
    return Scope(Problem.objects.all(), day, LedgerSettings.objects.rules(), whole=whole)


def figures(scope: Scope, since: dt.date) -> dict[str, Any]:
    """All that the dashboard counts."""
    found = asdict(overview(scope, scope.day, reports=reports(), earlier=since))
    changes = changes_selector.changes(scope, since)
    points = [asdict(point) for point in trend(scope, scope.day, ahead=0 if scope.is_past else 8)]
    return found | {"trend": points, "changes": {name: n for name, n in changes.counts.items() if n}}


def same(day: dt.date, since: dt.date) -> list[Report]:
    """Kept and asked alike; returns the ledgers of which nothing was kept."""
    kept, asked = looked(day, reports()), looked(day)
    assert figures(kept, since) == figures(asked, since), (day, since)
    return kept.kept.others


@pytest.mark.ci
@pytest.mark.parametrize("seed", [7])
def test_kept_and_asked_are_the_same_through_weeks_of_acts(seed: int) -> None:
    chance = random.Random(seed)
    with clock.pretend(START):
        made = builders.cast(assigned=False)
        builders.another_ledger(made)
        LedgerSettings.objects.filter(report=made.report).update(period=Period.WEEKLY, cutoff_day=5)
    uncounted, frozen_days = set(), set()
    for number in range(1, LOOKS):
        with clock.pretend(START + dt.timedelta(days=STEP * number)):
            if number % 4:  # else the server was off
                rollups.refresh()
            for _ in range(4):
                an_act(made, chance)
            if number == 5:
                going_on = Problem.objects.filter(report=made.report, rank=Rank.OPEN)[:1]
                carry_over.carry_over(made.report, going_on, by=made["office"], reason="年底结转")
            if number == 7:
                Unit.objects.move(Unit.objects.get(pk=made.bureau.pk), made.other_bureau, "first-child")
            frozen = sorted(set(Rollup.objects.filter(entry=None).values_list("day", flat=True)))
            since = chance.choice(frozen) if frozen else clock.today() - dt.timedelta(days=2)
            uncounted.add(len(same(clock.today(), since)))
            for day in frozen[-2:]:
                others = same(day, day - dt.timedelta(days=7))
                frozen_days.add((day, len(others)))
            for report in Report.objects.all():
                assert list(rollups.disagreements(report, "default")) == []
    assert len(uncounted) > 1 and len(frozen_days) > 4


def test_counts_hold_until_something_is_done_or_the_rule_is_another() -> None:
    made = builders.cast()
    rollups.refresh()
    today = clock.today()
    assert looked(today, reports()).uncounted is None
    with clock.pretend(clock.now() + dt.timedelta(days=1)):
        assert looked(clock.today(), reports()).uncounted is not None
    settings = LedgerSettings.objects.filter(report=made.report)
    settings.update(grace_days=0, period=Period.WEEKLY, cutoff_day=3)
    assert looked(today, reports()).kept.others == [made.report]
    rollups.refresh()
    builders.closed(made)
    assert looked(today, reports()).kept.others == [made.report]


def test_who_sees_a_part_of_a_ledger_is_never_shown_all_of_it() -> None:
    made = builders.cast()
    whole = {name for name, user in made.people.items() if sees_whole_ledgers(user)}
    assert whole == {"office", "inspector"}
    builders.account("both", made.county, "office").memberships.create(unit=made.bureau, role="clerk")
    assert not sees_whole_ledgers(User.objects.get(username="both"))


def test_a_part_of_a_ledger_is_counted_from_its_problems() -> None:
    made = builders.cast()
    rollups.refresh()
    mine = replace(looked(clock.today()), seen=Problem.objects.visible_to(made["clerk"]))
    assert overview(mine, mine.day).all.total == Problem.objects.visible_to(made["clerk"]).live().count()


@pytest.mark.ci
def test_every_number_from_the_kept_counts_opens_the_list_it_counts() -> None:
    worked_on = history()
    assert rollups.refresh() > 2
    for path in ("/dashboard/", "/briefing/"):
        with CaptureQueriesContext(connection) as captured:
            _, text = page(worked_on, "inspector", path)
        assert any("rectify_rollup" in query["sql"] for query in captured), path
        assert check_numbers(worked_on["inspector"], text) > (30 if path == "/dashboard/" else 5)

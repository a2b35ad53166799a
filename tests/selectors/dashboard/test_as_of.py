"""The numbers of a past day, told from the history, are those that were recorded on the day."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import asdict
from typing import Any

import pytest

from rectify import clock
from rectify.choices import Happened
from rectify.models import LedgerSettings, Problem
from rectify.operations import problems
from rectify.selectors.dashboard.changes import COMPARED, EVENTS, changes
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.trends import trend
from rectify.selectors.problem_changes import happened
from tests import builders
from tests.builders import Cast
from tests.selectors.dashboard.acts import START, STEP, an_act

pytestmark = pytest.mark.django_db
LOOKS = 14


def look(made: Cast, day: dt.date, unit: Any = None) -> dict[str, Any]:
    """All that the dashboard counts of one day."""
    seen = Problem.objects.visible_to(made["office"])
    rules = LedgerSettings.objects.rules()
    looked = Scope(seen, day, rules, made.report, unit)
    found = asdict(overview(looked, day, reports=[made.report]))
    found.pop("earlier")
    points = [
        (point.day, point.closed, point.overdue, point.open, point.planned, point.planned_first)
        for point in trend(looked, day)
    ]
    since = changes(looked, day - dt.timedelta(days=2 * STEP), due=False)
    for name in (*COMPARED, *EVENTS):  # told together, and each as its list
        rows = looked.narrowed(looked.problems) if name == Happened.REMOVED else looked.present()
        assert since.counts[name] == rows.filter(happened(name, since.since, day)).count(), (day, name)
    return found | {"trend": points, "changes": {name: n for name, n in since.counts.items() if n}}


@pytest.mark.ci
@pytest.mark.parametrize("seed", [3, 11])
def test_a_past_day_tells_what_was_recorded_on_it(seed: int) -> None:
    chance = random.Random(seed)
    with clock.pretend(START):
        made = builders.cast(assigned=False)
    recorded: dict[dt.date, list[dict[str, Any]]] = {}
    for number in range(1, LOOKS):
        moment = START + dt.timedelta(days=STEP * number)
        with clock.pretend(moment):
            for _ in range(3):
                an_act(made, chance)
            day = clock.today()
            recorded[day] = [look(made, day), look(made, day, made.bureau)]
    with clock.pretend(START + dt.timedelta(days=STEP * LOOKS)):
        for day, (whole, branch) in recorded.items():
            assert look(made, day) == whole, day
            assert look(made, day, made.bureau) == branch, day
    lights = {light for whole, _ in recorded.values() for light, n in whole["all"]["lights"].items() if n}
    assert len(lights) >= 4, "the history was too plain to tell anything"


def test_changes_are_told_once_each_and_only_of_the_days_between() -> None:
    with clock.pretend(START):
        made = builders.cast()
        first = clock.today()
        builders.assign(made, made.problem, deadline=dt.date(2026, 3, 20))
    with clock.pretend(START + dt.timedelta(days=5)):
        second = Problem.objects.get(report=made.report, number=2)
        problems.withdraw(second, by=made["office"], seen=second.version, reason="重复")
        problems.add(made.report, by=made["office"], title="新的", source="public", kind="by_date")
    with clock.pretend(START + dt.timedelta(days=30)):
        seen = Problem.objects.visible_to(made["office"])
        looked = Scope(seen, clock.today(), LedgerSettings.objects.rules(), made.report)
        since = changes(looked, first)
        counts = {name: since.counts[name] for name in Happened if since.counts[name]}
        assert counts == {"added": 1, "removed": 1, "slipped": 1}
        later = changes(looked, first + dt.timedelta(days=25))
        assert not later.happened
        before = Scope(seen, first + dt.timedelta(days=10), looked.rules, made.report)
        then = changes(before, first)
        assert {name: then.counts[name] for name in Happened if then.counts[name]} == {
            "added": 1,
            "removed": 1,
        }


def test_the_plan_follows_both_dates() -> None:
    with clock.pretend(START):
        made = builders.cast(assigned=False)
        one = builders.assign(made, made.problem, deadline=dt.date(2026, 3, 20))
        builders.extended(made, one, new_date=dt.date(2026, 4, 10))
        points = trend(Problem.objects.all(), clock.today(), ahead=6)
    by_day = {point.day: (point.planned, point.planned_first) for point in points}
    assert by_day[dt.date(2026, 3, 15)] == (3, 3)
    assert by_day[dt.date(2026, 3, 22)] == (3, 2)
    assert by_day[dt.date(2026, 4, 12)] == (2, 2)
    assert all(point.closed is None for point in points if point.day > START.date())

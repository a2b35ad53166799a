"""The light of one problem at hand is the one the database gives to many."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import DayCount, RagStatus, Status
from rectify.models import LedgerSettings, Problem
from rectify.models.tracked import light_of
from rectify.selectors.problem_rows import calendar_of
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day_count", DayCount.values)
def test_one_light_is_as_many(day_count: str) -> None:
    made = builders.cast(assigned=False)
    LedgerSettings.objects.filter(report=made.report).update(day_count=day_count)
    today, now = clock.today(), clock.now()
    states: list[dict] = [
        {"status": Status.CLOSED, "closed_on": today},
        {"status": Status.STANDING},
        {"withdrawn": True},
        {"carried": True},
        {},
    ]
    rows = []
    for state in states:
        for days in (None, -1, 0, 1, 10, 15, 16, 20, 22, 25, 90):
            for created, reported in ((400, None), (400, 200), (400, 1), (0, None)):
                rows.append(
                    Problem(
                        report=made.report, number=1000 + len(rows), code=f"灯-{len(rows)}", title="问题",
                        deadline=None if days is None else today + dt.timedelta(days=days),
                        original_deadline=today, created_at=now - dt.timedelta(days=created),
                        reported_at=reported and now - dt.timedelta(days=reported), **state,
                    )
                )  # fmt: skip
    Problem.objects.bulk_create(rows)
    seen = set()
    for problem in Problem.objects.with_light(today).select_related("report__settings"):
        rule = problem.report.settings.rule_with(calendar_of([problem]))
        assert light_of(problem, today, rule) == problem.light, problem.__dict__
        seen.add(problem.light)
    assert seen == set(RagStatus.values)

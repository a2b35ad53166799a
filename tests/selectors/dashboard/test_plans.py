"""What an overview asks must stay answered by its index: SQLite's plans of what grows with the items."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection

from rectify import clock
from rectify.choices import Happened
from rectify.models import Problem
from rectify.models.office import LedgerRule
from rectify.selectors.dashboard import changes, counts, trends
from rectify.selectors.dashboard.rollups import Frozen
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.urgent import URGENT, _of_light
from rectify.selectors.problem_changes import follow_up_due, happened

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is in the tables"),
]


def scope(days_ago: int = 0) -> Scope:
    return Scope(Problem.objects.all(), clock.today() - dt.timedelta(days=days_ago), [LedgerRule()])


def test_today_is_counted_from_an_index_that_holds_all_that_is_counted() -> None:
    assert "COVERING INDEX problem_overview" in counts._each(scope()).explain()


@pytest.mark.parametrize("frozen", [None, Frozen(dt.date(2020, 1, 31), {})])
def test_a_past_day_is_counted_from_the_history_without_its_texts(frozen: Frozen | None) -> None:
    told = counts._each(replace(scope(40), frozen=frozen)).explain()
    # What stands to this day, what was changed after the day, and of what was frozen what has changed since.
    assert told.count("COVERING INDEX problemstate_left (valid_to") == (3 if frozen else 2), told
    assert told.count("problemstate_entered (valid_from>? AND valid_from<?)") == (1 if frozen else 0), told
    assert "SCAN" not in told, told


def test_the_lights_of_a_past_day_read_no_problem_that_stood_so_before_the_period() -> None:
    """It is asked one by one of those that were changed in the period."""
    told = counts._lights(replace(scope(40), frozen=Frozen(dt.date(2020, 1, 31), {}))).explain()
    assert told.count("problemstate_left (valid_to=? AND status=? AND valid_from<?)") == 1, told
    assert "SEARCH rectify_problem " not in told and "SCAN" not in told, told


def test_the_course_reads_what_entered_and_left_from_their_indexes() -> None:
    told = trends._course(scope()).explain()
    for index in ("problem_overview", "problemstate_entered", "problemstate_left"):
        assert f"COVERING INDEX {index}" in told, (index, told)


def test_what_needs_somebody_first_is_read_in_the_order_of_urgency() -> None:
    for light, date in zip(URGENT, ("due<?", "due>? AND due<?", "due>?"), strict=True):
        told = _of_light(scope(), light)[:5].explain()
        assert f"problem_urgency (rank=? AND {date})" in told and "TEMP B-TREE" not in told, told


def test_what_moved_since_is_led_to_by_what_entered() -> None:
    """What each was before is one row of its history."""
    told = changes._moved(scope(), scope(30).day).explain()
    assert "COVERING INDEX problemstate_entered (valid_from>? AND valid_from<?)" in told, told
    assert "(problem_id=? AND valid_from<?)" in told and "ORDER BY" not in told, told


@pytest.mark.parametrize("what", [Happened.ADDED, Happened.CHANGED, Happened.CLOSED, Happened.SLIPPED])
def test_what_changed_between_two_past_days_never_reads_all(what: Happened) -> None:
    then = scope(30)
    told = then.present().filter(happened(what, then.day - dt.timedelta(days=30), then.day)).explain()
    assert "SCAN rectify_problem" not in told and "SCAN U0" not in told, told
    assert "COVERING INDEX problemstate_entered (valid_from>? AND valid_from<?)" in told, told


def test_what_is_to_be_looked_at_again_is_found_by_what_is_planned() -> None:
    told = scope().present().filter(follow_up_due(clock.today())).explain()
    assert "problem_follow_up (rank=?" in told and "problem_status" not in told, told

"""manage.py tick: reminds once a day after the hour, and delivers the outbox."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from rectify import clock
from rectify.choices import NoticeKind
from rectify.models import Notice
from tests import builders

pytestmark = pytest.mark.django_db
MIDNIGHT = clock.start_of(dt.date(2026, 6, 10))


@pytest.fixture
def cast() -> builders.Cast:
    with clock.pretend(MIDNIGHT - dt.timedelta(days=1)):
        made = builders.cast()
        builders.assign(made, made.problem, deadline=dt.date(2026, 6, 10))
    return made


def tick(run, hour: float) -> dict:
    with clock.pretend(MIDNIGHT + dt.timedelta(hours=hour)):
        return json.loads(run("tick"))


def test_it_reminds_once_a_day_and_not_before_the_hour(cast, run):
    assert tick(run, 7.9)["reminded"] == 0
    assert tick(run, 8)["reminded"] == 2
    assert tick(run, 9)["reminded"] == 0
    assert Notice.objects.filter(kind=NoticeKind.DAILY).count() == 2
    assert tick(run, 32)["reminded"] == 3


def test_a_day_without_anything_due_is_done_with_one_look(run):
    assert tick(run, 9)["reminded"] == 0
    assert tick(run, 10)["reminded"] == 0


def test_the_hour_is_a_setting(cast, run, settings):
    settings.REMIND_HOUR = 14
    assert tick(run, 13)["reminded"] == 0
    assert tick(run, 14)["reminded"] == 2


def test_it_still_clears_and_says_what_it_delivered(cast, run):
    assert set(tick(run, 9)) == {
        *(
            "sessions",
            "drafts",
            "sign_ins",
            "uploads",
            "counted",
            "anchored",
            "files",
            "expired",
            "reminded",
            "delivered",
            "failed",
        ),
    }

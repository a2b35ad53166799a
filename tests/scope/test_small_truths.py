"""What a page says is so: of what was applied for, and of what was sent."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from rectify import clock
from rectify.models import Notice, Problem
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = builders.cast


def page(cast: builders.Cast, address: str) -> str:
    client = Client()
    client.force_login(cast["office"])
    return client.get(address).content.decode()


def test_the_timeline_says_what_was_applied_for(cast: builders.Cast) -> None:
    third = builders.assign(cast, Problem.objects.get(report=cast.report, number=3), deadline=None)
    third = builders.ready(cast, third)
    builders.applied(cast, third, kind="standing")
    shown = page(cast, third.get_absolute_url())
    assert "申请转入长期坚持" in shown
    first = builders.ready(cast)
    builders.applied(cast, first)
    assert "申请转入长期坚持" not in page(cast, first.get_absolute_url())


def test_no_reminder_is_claimed_that_was_not_sent(cast: builders.Cast) -> None:
    late = cast.problem.deadline + dt.timedelta(days=60)
    with clock.pretend(clock.start_of(late)):
        shown = page(cast, "/")
        assert "建议签发编号的督办单" in shown and "提醒已经发" not in shown
    assert not Notice.objects.exists()

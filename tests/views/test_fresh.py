"""Whatever decides what a page shows is asked anew at the next request, warm as the page may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rectify import clock
from rectify.choices import DayCount, Role
from rectify.models import Holiday, LedgerSettings, Membership, Report, Unit
from rectify.operations import progress
from tests import builders
from tests.builders import Cast
from tests.builders import cast as build

pytestmark = pytest.mark.django_db
WORLD = build
HOME, LIST, DASHBOARD = "/", "/problems/", "/dashboard/"


def page(made: Cast, role: str, where: str) -> str:
    """The page after two visits: whatever is kept is kept by then."""
    client = Client()
    client.force_login(made[role], backend="django.contrib.auth.backends.ModelBackend")
    for _ in range(2):
        client.get(where)
    return client.get(where).content.decode()


def test_a_warm_page_shows_what_was_changed_a_moment_ago(made: Cast) -> None:
    item, soon = made.problem, clock.today() + dt.timedelta(days=5)
    chip = "light=due_soon"
    steps: list[tuple[str, str, Callable[[], Any], str, bool]] = [
        # who, where, what is done, and words that stand there only after it, or only before
        ("clerk", item.get_absolute_url(), lambda: _note(made, "已完成核对"), "已完成核对", True),
        ("office", LIST, lambda: _note(made, "第二次调度"), "第二次调度", True),
        ("leader", HOME, lambda: builders.assign(made, item, deadline=soon), "剩 5 天", True),
        ("office", LIST, lambda: LedgerSettings.objects.update(due_soon_days=1), chip, False),
        ("office", DASHBOARD, lambda: LedgerSettings.objects.update(due_soon_days=9), "剩 5 天", True),
        ("office", LIST, lambda: _renamed(made), "乙县丙局新名", True),
        ("clerk", LIST, lambda: _posts(Role.CLERK).update(active=False), item.title, False),
    ]
    for role, address, act, words, comes in steps:
        before = words in page(made, role, address)
        assert before is not comes, (role, address, words)
        act()
        assert (words in page(made, role, address)) is comes, (role, address, words)


def test_a_holiday_entered_moves_what_is_due_soon(made: Cast) -> None:
    LedgerSettings.objects.update(day_count=DayCount.WORKING, due_soon_days=3)
    today, calendar = clock.today(), Holiday.objects.calendar()
    builders.assign(made, made.problem, deadline=calendar.after(today, 4))
    soon = f"{LIST}?light=due_soon"
    assert made.problem.title not in page(made, "office", soon)
    Holiday.objects.create(day=calendar.after(today, 1), name="放假")
    assert made.problem.title in page(made, "office", soon)


def test_a_ledger_moved_in_the_tree_is_seen_from_where_it_is(made: Cast) -> None:
    assert made.problem.title in page(made, "inspector", LIST)
    elsewhere = Unit.objects.add_root({"name": "戊市"})
    Report.objects.update(unit=elsewhere)
    assert made.problem.title not in page(made, "inspector", LIST)


def _note(made: Cast, text: str) -> None:
    progress.add(made.problem, by=made["clerk"], text=text)


def _posts(role: str) -> Any:
    return Membership.objects.filter(role=role)


def _renamed(made: Cast) -> None:
    Unit.objects.filter(pk=made.bureau.pk).update(name="乙县丙局新名", short="")

"""A query compiled for one state of things is never asked in another: each page is what it is without any."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable

import pytest
from django.test import Client

from rectify import clock
from rectify.choices import DayCount, Role
from rectify.models import Holiday, LedgerSettings, Membership, Problem, SavedView, StandIn, Unit, compiled
from tests import builders
from tests.builders import Cast, another_ledger, assign

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("still_session"),
    pytest.mark.ci,
    pytest.mark.sqlite,
]

READERS = ("office", "leader", "unit_head", "clerk", "inspector", "stranger")
PAGES = ("/", "/problems/", "/problems/?light=overdue", "/dashboard/", "{item}", "/reports/", "/briefing/")
# What a page holds besides what it shows: tokens, numbers of requests.
TOKENS = re.compile(r'(nonce|value)="[0-9A-Za-z_-]{20,}"|请求编号[^<]*|"[0-9A-Za-z:_-]{40,}"')
NOW = dt.datetime(2026, 3, 10, 2, tzinfo=dt.UTC)


def WORLD() -> Cast:
    with clock.pretend(NOW):
        made = builders.cast()
        assign(made, made.problem, deadline=dt.date(2026, 3, 31), deadline_text="")
        other = Problem.objects.get(report=made.report, number=2)
        assign(made, other, deadline=dt.date(2026, 3, 12))
        SavedView.objects.create(
            user=made["office"], unit=made.bureau, name="本局逾期", query="light=overdue"
        )
    return made


def warn_earlier(made: Cast) -> None:
    LedgerSettings.objects.update(due_soon_days=60)


def count_working_days(made: Cast) -> None:
    LedgerSettings.objects.update(day_count=DayCount.WORKING)
    Holiday.objects.create(day=dt.date(2026, 3, 11), name="停工")


def one_more_post(made: Cast) -> None:
    for name in ("clerk", "stranger"):
        Membership.objects.create(user=made[name], unit=made.bureau, role=Role.UNIT_HEAD)


def posts_end(made: Cast) -> None:
    Membership.objects.filter(user__in=[made["office"], made["leader"]]).update(active=False)


def stands_in(made: Cast) -> None:
    StandIn.objects.create(
        absent=made["leader"], substitute=made["office"], reason="出差",
        starts_on=dt.date(2026, 3, 1), ends_on=dt.date(2026, 3, 30),
        named_by=made["office"], named_at=clock.now(),
    )  # fmt: skip


def unit_moves(made: Cast) -> None:
    made.bureau.refresh_from_db()
    Unit.objects.move(made.bureau, Unit.objects.get(pk=made.other_bureau.pk), "first-child")


def another_county(made: Cast) -> None:
    another_ledger(made)
    Membership.objects.create(user=made["office"], unit=Unit.objects.get(name="戊县"), role=Role.OFFICE)


def item_goes_to_another_unit(made: Cast) -> None:
    Problem.objects.filter(pk=made.problem.pk).update(lead_unit=made.other_bureau, clerk=None)


CHANGES: dict[str, tuple[int, tuple[Callable[[Cast], None], ...]]] = {
    "the next day": (1, ()),
    "the next year": (366, ()),
    "other rules": (0, (warn_earlier, count_working_days)),
    "other posts": (0, (one_more_post, posts_end, stands_in)),
    "another tree": (0, (unit_moves, another_county, item_goes_to_another_unit)),
}


def pages(made: Cast, reader: str) -> dict[str, str]:
    client = Client()
    client.force_login(made[reader])
    found = {}
    for page in PAGES:
        answer = client.get(page.format(item=made.problem.get_absolute_url()))
        found[page] = f"{answer.status_code} {TOKENS.sub('', answer.content.decode())}"
    return found


@pytest.mark.parametrize(("days", "changes"), CHANGES.values(), ids=CHANGES)
def test_a_page_is_the_same_with_queries_kept_from_before(
    made: Cast, days: int, changes: tuple[Callable[[Cast], None], ...]
) -> None:
    compiled._kept.clear()
    with clock.pretend(NOW):
        for reader in READERS:
            pages(made, reader)
        # SQLite plans a LIKE anew each time, which is most of what a long query costs.
        assert compiled._kept and not [one.sql for one in compiled._kept.values() if " LIKE " in one.sql]
        for change in changes:
            change(made)
    with clock.pretend(NOW + dt.timedelta(days=days)):
        kept = {reader: pages(made, reader) for reader in READERS}
        compiled._kept.clear()
        for reader in READERS:
            for page, fresh in pages(made, reader).items():
                changed = difflib.unified_diff(kept[reader][page].split("\n"), fresh.split("\n"), lineterm="")
                assert "\n".join(changed) == "", (reader, page)

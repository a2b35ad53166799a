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
from rectify.choices import Period, RagStatus
from rectify.models import LedgerSettings, Problem, Report, Rollup, Unit, User
from rectify.models.office import LedgerRule
from rectify.models.rank import Rank
from rectify.models.report import sees_whole_ledgers
from rectify.operations import carry_over, problems, progress, rollups
from rectify.operations.closing import close_out, deadlines
from rectify.selectors.dashboard import changes as changes_selector
from rectify.selectors.dashboard.counts import counts_of
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.trends import trend
from rectify.selectors.problem_filter import ProblemFilter
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


def told_from(day: dt.date) -> dt.date | None:
    """A past day told from a month end is as the history tells it; returns the month end."""
    same(day, day - dt.timedelta(days=3))
    uncounted = looked(day, reports()).uncounted
    return uncounted.frozen.day if uncounted and uncounted.frozen else None


@pytest.mark.ci
@pytest.mark.parametrize("seed", [7])
def test_kept_and_asked_are_the_same_through_weeks_of_acts(seed: int) -> None:
    chance = random.Random(seed)
    with clock.pretend(START):
        made = builders.cast(assigned=False)
        builders.another_ledger(made)
        LedgerSettings.objects.filter(report=made.report).update(period=Period.WEEKLY, cutoff_day=5)
    uncounted, frozen_days, month_ends = set(), set(), []
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
            same(clock.today(), LedgerRule().last_cutoff(clock.today()))
            for day in frozen[-2:]:
                others = same(day, day - dt.timedelta(days=7))
                frozen_days.add((day, len(others)))
            month_ends.append(told_from(clock.today() - dt.timedelta(days=chance.randrange(1, 8))))
            for report in Report.objects.all():
                assert list(rollups.disagreements(report, "default")) == []
    assert len(uncounted) > 1 and len(frozen_days) > 4
    assert month_ends.count(dt.date(2026, 3, 31)) > 2


def at(month: int, day: int, *time: int) -> dt.datetime:
    return dt.datetime(2026, month, day, *(time or (12,)), tzinfo=clock.SHANGHAI)


@pytest.mark.ci
def test_a_day_is_told_from_the_month_end_before_it_and_what_has_changed_since() -> None:
    with clock.pretend(at(3, 2)):
        made = builders.cast(assigned=False)
        one, two, three = Problem.objects.filter(report=made.report).order_by("number")
        office, quiet = made["office"], builders.another_ledger(made)
    with clock.pretend(at(3, 10)):
        one = builders.closed(made, builders.ready(made, builders.assign(made, one)))
        two = builders.assign(made, two, deadline=dt.date(2026, 4, 20))
        three = builders.assign(made, three, deadline=dt.date(2026, 4, 6))
    with clock.pretend(at(3, 31, 23, 59, 59)):  # in the last second of the month
        progress.add(two, by=office, text="有进展", percent=None)
    with clock.pretend(at(4, 1, 0)):
        problems.add(made.report, by=office, title="零点查出", source="public", kind="by_date")
    with clock.pretend(at(4, 8, 23, 59)):  # what had ended goes on
        one = close_out.reopen(one, by=office, seen=one.version, reason="反弹")
        Unit.objects.move(Unit.objects.get(pk=made.bureau.pk), made.other_bureau, "first-child")
    with clock.pretend(at(4, 12)):
        carry_over.carry_over(made.report, [three], by=office, reason="年底结转")
    with clock.pretend(at(4, 22)):  # corrected late, to a day before
        two = Problem.objects.get(pk=two.pk)
        early = {"deadline": dt.date(2026, 4, 2), "deadline_text": ""}
        deadlines.correct(two, by=office, seen=two.version, reason="录入有误", **early)
    with clock.pretend(at(4, 26)):  # the server was off all the time, and the thresholds are others
        LedgerSettings.objects.filter(report=quiet).update(due_soon_days=3, grace_days=0)
        assert told_from(dt.date(2026, 4, 25)) is None
        rollups.refresh()
        days = [dt.date(2026, 4, day) for day in (1, 6, 7, 10, 11, 22)]
        assert {told_from(day) for day in days} == {dt.date(2026, 3, 31)}
        history = replace(looked(days[-1]), seen=Problem.objects.filter(report=made.report))
        ledger = replace(history, whole=[made.report])  # read by its problems, as those of a part of all
        assert counts_of(ledger)["unit"] == counts_of(history)["unit"]
        assert [overview(looked(day), day).all.closed for day in days] == [1] * 3 + [0] * 3
        # Nothing was there when the month before ended; and the month end itself was frozen.
        assert told_from(dt.date(2026, 3, 30)) == dt.date(2026, 2, 28)
        assert told_from(dt.date(2026, 3, 31)) is None


def test_what_changed_since_the_month_end_is_kept_and_looked_up_in_no_history() -> None:
    with clock.pretend(at(3, 2)):
        made = builders.cast(assigned=False)
        builders.another_ledger(made)
        one, two, three = Problem.objects.filter(report=made.report).order_by("number")
        one, three = builders.assign(made, one), builders.assign(made, three, deadline=dt.date(2026, 4, 6))
    with clock.pretend(at(4, 10)):
        builders.closed(made, builders.ready(made, one))
        problems.withdraw(two, by=made["office"], seen=two.version, reason="重复")
        problems.add(made.report, by=made["office"], title="新的", source="public", kind="by_date")
        rollups.refresh()
        today, month_end = clock.today(), dt.date(2026, 3, 31)
        with CaptureQueriesContext(connection) as captured:
            kept = changes_selector.changes(looked(today, reports()), month_end)
        assert not any("rectify_problemstate" in query["sql"] for query in captured)
        assert {name for name, n in kept.counts.items() if n} == {
            *("added", "removed", "changed", "closed", "slipped")
        }
        same(today, month_end)
        builders.assign(made, three, deadline=dt.date(2026, 6, 6))  # one ledger has moved
        assert same(today, month_end) == [made.report]
        rollup = Rollup.objects.filter(day=today).exclude(report=made.report)[0]
        del rollup.counts["since"]  # counted before this was
        rollup.save()
        same(today, month_end)


def test_the_chips_of_a_frozen_day_are_those_of_its_rows_whatever_the_thresholds_were() -> None:
    with clock.pretend(at(3, 2)):
        made = builders.cast(assigned=False)
        builders.assign(made, made.problem, deadline=dt.date(2026, 4, 9))
    with clock.pretend(at(4, 2)):
        rollups.refresh()
        day = dt.date(2026, 3, 31)
        LedgerSettings.objects.filter(report=made.report).update(due_soon_days=3)
        chips = ProblemFilter.of(made["office"], f"on={day}").light_counts()
        assert RagStatus.DUE_SOON in Rollup.objects.get(entry=None, day=day).lights
        for light in (RagStatus.NORMAL, RagStatus.DUE_SOON, RagStatus.UNDATED):
            rows = ProblemFilter.of(made["office"], f"on={day}&light={light}").qs
            assert rows.count() == chips.get(light, 0), light


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

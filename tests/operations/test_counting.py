"""The counts of ledgers are kept, of today until something is done, and of a cut-off for ever."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from rectify import clock
from rectify.choices import MeasureKind, RagStatus
from rectify.models import LedgerSettings, Problem, Rollup
from rectify.operations import carry_over, problems, progress, rollups
from rectify.operations.closing import deadlines
from tests import builders

pytestmark = pytest.mark.django_db
BEGUN = dt.datetime(2026, 3, 10, 12, tzinfo=clock.SHANGHAI)
MARCH, APRIL = dt.date(2026, 3, 31), dt.date(2026, 4, 30)


def at(month: int, day: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=clock.SHANGHAI)


@pytest.fixture
def made() -> builders.Cast:
    with clock.pretend(BEGUN):
        return builders.cast()


def frozen() -> dict[dt.date, dict[str, int]]:
    return dict(Rollup.objects.filter(entry=None).order_by("day").values_list("day", "lights"))


def seen(made: builders.Cast) -> Counter[str]:
    """What the list shows, which knows of no counts: every problem that stands, by its light."""
    standing = Problem.objects.filter(report=made.report, withdrawn=False)
    return Counter(standing.with_light(clock.today()).values_list("light", flat=True))


def test_only_what_moved_is_counted_anew(made):
    other = builders.another_ledger(made)
    with clock.pretend(at(3, 20)):
        assert (rollups.refresh(), rollups.refresh()) == (2, 0)
        problem = builders.ready(made)
        assert rollups.refresh() == 1
        progress.add(problem, by=made["clerk"], text="已开工")
        assert rollups.refresh() == 1
        problem = builders.closed(made, problem)
        assert rollups.refresh() == 1
        row = Rollup.objects.get(report=made.report)
        assert row.lights == seen(made) and row.lights[RagStatus.CLOSED] == 1
        assert sum(row.counts["facts"].values()) == sum(row.lights.values())
        LedgerSettings.objects.filter(report=made.report).update(due_soon_days=20)
        assert rollups.refresh() == 1
        LedgerSettings.objects.filter(report=made.report).update(day_count="working")
        assert rollups.refresh() == 1
        assert Rollup.objects.exclude(report=made.report).get().report_id == other.pk
    with clock.pretend(at(3, 21)):
        assert rollups.refresh() == 2
        assert set(Rollup.objects.values_list("day", flat=True)) == {clock.today()}


def test_lasting_results_are_counted_by_problem_where_it_goes_on(made):
    rule = {"kind": MeasureKind.LASTING, "rule_name": "管理办法", "rule_number": "1号"}
    with clock.pretend(at(3, 20)):
        problem = builders.ready(made, **rule)
        builders.finish_measure(made, problem, **rule)
        rollups.refresh()
        assert Rollup.objects.get().counts["lasting"] == {"done": 1}
        problems.withdraw(problem, by=made["office"], seen=problem.version, reason="重复")
        rollups.refresh()
        assert not Rollup.objects.get().counts["lasting"]
        others = Problem.objects.filter(report=made.report).order_by("number")
        new = carry_over.carry_over(made.report, others[1:2], by=made["office"], reason="年底结转").report
        rollups.refresh()
        assert Rollup.objects.get(report=made.report).lights[RagStatus.CARRIED] == 1
        assert sum(Rollup.objects.get(report=new).lights.values()) == 1


def test_a_cut_off_is_frozen_an_hour_after_its_midnight_and_never_changes(made):
    with clock.pretend(at(3, 31, 23, 59)):
        builders.closed(made)
        then = seen(made)
        rollups.refresh()
        assert frozen() == {}
    with clock.pretend(at(4, 1, 0, 30)):  # an act of yesterday may still be at work
        rollups.refresh()
        assert frozen() == {}
    with clock.pretend(at(4, 1, 1)):
        assert rollups.refresh() == 1
        assert frozen() == {MARCH: dict(then)}
    with clock.pretend(at(4, 9)):  # corrected late, and other thresholds: neither is true of that day
        problem = Problem.objects.get(report=made.report, number=2)
        problem = builders.assign(made, problem, deadline=dt.date(2026, 5, 20))
        early = {"deadline": dt.date(2026, 3, 12), "deadline_text": ""}
        deadlines.correct(problem, by=made["office"], seen=problem.version, reason="录入有误", **early)
        LedgerSettings.objects.filter(report=made.report).update(grace_days=0, due_soon_days=300)
        rollups.refresh()
        assert frozen() == {MARCH: dict(then)}
        assert list(rollups.disagreements(made.report, "default")) == []
        rollups.rebuild_all()
        assert frozen() == {MARCH: dict(then)}
        assert seen(made)[RagStatus.OVERDUE] == 1


def test_a_cut_off_at_which_the_server_was_off_is_frozen_later(made):
    with clock.pretend(at(3, 30)):
        builders.closed(made)
        then = seen(made)
    with clock.pretend(at(5, 20)):
        rollups.refresh()
        assert list(frozen()) == [MARCH, APRIL]
        assert frozen()[MARCH] == then


def test_old_cut_offs_are_frozen_a_few_a_round_the_newest_first(made, monkeypatch):
    monkeypatch.setattr(rollups, "A_ROUND", 1)
    with clock.pretend(at(5, 20)):
        rollups.refresh()
        assert list(frozen()) == [APRIL]
        rollups.refresh()
        assert list(frozen()) == [MARCH, APRIL]


def test_what_was_bent_is_found_and_mended(made):
    with clock.pretend(at(4, 20)):
        rollups.refresh()
        assert list(rollups.disagreements(made.report, "default")) == []
        for row in Rollup.objects.all():
            row.counts["unit"] = {}
            row.lights["overdue"] = 7
            row.save()
        assert any("记的是 7" in str(fault) for fault in rollups.disagreements(made.report, "default"))
        rollups.rebuild_all()
        assert list(rollups.disagreements(made.report, "default")) == []


def test_what_is_done_while_a_ledger_is_counted_leaves_it_to_the_next_round(made, monkeypatch):
    with clock.pretend(at(3, 20)):
        counted = rollups.counted

        def meanwhile(*args):
            found = counted(*args)
            progress.add(made.problem, by=made["clerk"], text="已开工")
            return found

        monkeypatch.setattr(rollups, "counted", meanwhile)
        rollups.refresh()
        assert not Rollup.objects.exists()

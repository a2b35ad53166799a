"""The counts kept beside the problems: each act leaves them as a recount finds them, whoever acts at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from rectify import clock
from rectify.choices import CountedBy, MeasureKind, RagStatus, Timing
from rectify.models import LedgerSettings, Problem, Rollup, RollupDay
from rectify.models.rollups import RollupKey
from rectify.operations import carry_over, problems, progress, rollups
from rectify.operations.closing import close_out
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> builders.Cast:
    """Entered a season ago, and counted today."""
    with clock.pretend(clock.now() - dt.timedelta(days=100)):
        made = builders.cast()
    assert rollups.refresh() == 1
    return made


def kept(made: builders.Cast, by: str) -> Counter[RollupKey]:
    """What is kept, all of which must be what a recount finds."""
    assert list(rollups.disagreements(made.report, "default")) == []
    assert Rollup.objects.filter(report=made.report).exists(), "nothing agrees with nothing"
    rows = Rollup.objects.filter(report=made.report, by=by).as_counter()
    assert all(n > 0 for n in rows.values())
    return rows


def seen(made: builders.Cast) -> Counter[str]:
    """The same as the list shows it, which knows of no counts: every problem that stands, by its light."""
    standing = Problem.objects.filter(report=made.report, withdrawn=False)
    return Counter(standing.with_light(clock.today()).values_list("light", flat=True))


def lights(made: builders.Cast) -> Counter[str]:
    found: Counter[str] = Counter()
    for cell, n in kept(made, CountedBy.REPORT).items():
        found[cell.light] += n
    assert found.total() == kept(made, CountedBy.UNIT).total() == kept(made, CountedBy.COURSE).total()
    assert found == seen(made)
    return found


def test_each_act_moves_a_problem_from_one_count_to_the_next(made):
    live = Problem.objects.live().count()
    assert lights(made) == {RagStatus.UNREPORTED: live}
    problem = builders.ready(made)
    assert lights(made) == {RagStatus.UNREPORTED: live - 1, RagStatus.NORMAL: 1}
    problem = builders.closed(made, problem)
    assert lights(made) == {RagStatus.UNREPORTED: live - 1, RagStatus.CLOSED: 1}
    (cell,) = (one for one in kept(made, CountedBy.REPORT) if one.light == RagStatus.CLOSED)
    assert (cell.timing, cell.first_timing) == (Timing.CLOSED_ON_TIME, Timing.ORIGINAL_ON_TIME)
    again = {"reason": "反弹", "deadline": clock.today() + dt.timedelta(days=3)}
    close_out.reopen(problem, by=made["office"], seen=problem.version, **again)
    assert lights(made)[RagStatus.DUE_SOON] == 1
    other = Problem.objects.get(report=made.report, number=2)
    other = problems.withdraw(other, by=made["office"], seen=other.version, reason="重复")
    assert lights(made).total() == live - 1
    problems.restore(other, by=made["office"], seen=other.version, reason="并不重复")
    assert lights(made).total() == live


def test_a_note_shows_that_the_unit_has_reported(made):
    silent = sum(n for cell, n in kept(made, CountedBy.UNIT).items() if cell.is_stale)
    progress.add(made.problem, by=made["clerk"], text="已开工")
    assert sum(n for cell, n in kept(made, CountedBy.UNIT).items() if cell.is_stale) == silent - 1


def test_lasting_results_are_counted_by_problem(made):
    rule = {"kind": MeasureKind.LASTING, "rule_name": "管理办法", "rule_number": "1号"}
    problem = builders.ready(made, **rule)
    builders.finish_measure(made, problem, **rule)
    assert {cell.light: n for cell, n in kept(made, CountedBy.LASTING).items()} == {"done": 1}
    problems.withdraw(problem, by=made["office"], seen=problem.version, reason="重复")
    assert not kept(made, CountedBy.LASTING)


def test_what_is_carried_on_is_counted_in_both_ledgers(made):
    new = carry_over.carry_over(made.report, [made.problem], by=made["office"], reason="年底结转").report
    assert lights(made)[RagStatus.CARRIED] == 1
    assert not Rollup.objects.filter(report=new).exists(), "counted when the background work comes by"
    assert rollups.refresh() == 1
    assert Rollup.objects.filter(report=new, by=CountedBy.UNIT).as_counter().total() == 1


def test_an_act_that_is_taken_back_leaves_the_counts_alone(made):
    problem = builders.ready(made)
    before = lights(made)
    with pytest.raises(RuntimeError), transaction.atomic():
        builders.closed(made, problem)
        raise RuntimeError
    assert lights(made) == before


def test_a_ledger_is_counted_anew_when_the_day_or_its_thresholds_change(made):
    assert rollups.refresh() == 0
    LedgerSettings.objects.filter(report=made.report).update(due_soon_days=20)
    assert rollups.refresh() == 1
    with clock.pretend(clock.now() + dt.timedelta(days=1)):
        assert rollups.refresh() == 1
        assert RollupDay.objects.get().day == clock.today()
    LedgerSettings.objects.filter(report=made.report).update(day_count="working")
    assert rollups.refresh() == 1
    builders.closed(made)
    assert lights(made)[RagStatus.CLOSED] == 1


def test_a_recount_mends_what_was_bent(made):
    Rollup.objects.filter(by=CountedBy.UNIT).update(number=7)
    Rollup.objects.filter(by=CountedBy.LEADER).delete()
    found = [str(fault) for fault in rollups.disagreements(made.report, "default")]
    assert any("记的是 7" in fault for fault in found) and any("记的是 0" in fault for fault in found)
    rollups.rebuild_all()
    assert lights(made)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_no_count_is_lost():
    report = builders.cast().report
    cells = [RollupKey(report.pk, "unit", key, "closed") for key in range(1, 5)]

    def add(turn: int) -> None:
        order = cells if turn % 2 else cells[::-1]
        for _ in range(10):
            with transaction.atomic():
                Rollup.objects.add(Counter(dict.fromkeys(order, 1)))
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert Rollup.objects.as_counter() == Counter(dict.fromkeys(cells, 40))

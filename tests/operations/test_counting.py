"""The counts kept beside the problems: each act leaves them as a recount finds them, whoever acts at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from rectify.choices import Kind, Timing
from rectify.models import FixedCount
from rectify.models.counts import Cell
from rectify.models.tracked import Rank
from rectify.operations import carrying, closing, counting
from tests import builders

pytestmark = pytest.mark.django_db


def counted(made: builders.Cast) -> dict[tuple, int]:
    """What is kept, which must be what a recount finds; without the ledger's number."""
    kept = FixedCount.objects.filter(report=made.report).as_counter()
    assert kept == counting.recounted(made.report)
    assert list(counting.disagreements(made.report, "default")) == []
    return {cell[1:]: n for cell, n in kept.items()}


def owned(made: builders.Cast, rank: Rank, *facts: object) -> dict[tuple, int]:
    """One problem of the bureau and the leader."""
    blank = ("", "", "", "", False)
    return {
        ("report", 0, rank, *facts): 1,
        ("leader", made.leader.pk, rank, *blank): 1,
        ("unit", made.bureau.pk, rank, *blank): 1,
    }


def test_a_problem_is_counted_from_when_it_is_closed_until_it_is_opened_again():
    made = builders.cast()
    assert counted(made) == {}
    problem = builders.closed(made)
    on_time = (Timing.CLOSED_ON_TIME, Timing.ORIGINAL_ON_TIME)
    assert counted(made) == owned(made, Rank.CLOSED, "closed", Kind.BY_DATE, *on_time, False)
    closing.reopen(
        problem, by=made["office"], seen=problem.version, reason="反弹", deadline=dt.date(2099, 9, 1)
    )
    assert counted(made) == {}


def test_an_extension_that_was_needed_shows_in_the_count():
    made = builders.cast()
    problem = builders.extended(made, builders.ready(made))
    builders.closed(made, problem)
    facts = ("closed", Kind.BY_DATE, Timing.CLOSED_ON_TIME, Timing.ORIGINAL_ON_TIME, True)
    assert counted(made) == owned(made, Rank.CLOSED, *facts)


def test_what_is_carried_on_is_counted_in_the_old_ledger_only():
    made = builders.cast()
    new = carrying.carry_over(made.report, [made.problem], by=made["office"], reason="年底结转").report
    ranks = Counter(cell[2] for cell in counted(made))
    assert ranks == {Rank.CARRIED: 3}
    assert not FixedCount.objects.filter(report=new).exclude(number=0).exists()


def test_a_refused_act_leaves_the_counts_alone():
    made = builders.cast()
    problem = builders.ready(made)
    with pytest.raises(RuntimeError), transaction.atomic():
        builders.closed(made, problem)
        raise RuntimeError
    assert counted(made) == {}


def test_a_recount_mends_what_was_bent():
    made = builders.cast()
    builders.closed(made)
    FixedCount.objects.filter(by="unit").update(number=7)
    FixedCount.objects.filter(by="leader").delete()
    found = [str(fault) for fault in counting.disagreements(made.report, "default")]
    assert len(found) == 2 and any("记的是 7，实有 1" in fault for fault in found)
    counting.rebuild(made.report)
    assert len(counted(made)) == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_no_count_is_lost():
    made = builders.cast()
    cells = [Cell(made.report.pk, "unit", key, 2) for key in range(1, 5)]

    def add(turn: int) -> None:
        order = cells if turn % 2 else cells[::-1]
        for _ in range(10):
            with transaction.atomic():
                FixedCount.objects.add(Counter(dict.fromkeys(order, 1)))
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert FixedCount.objects.as_counter() == Counter(dict.fromkeys(cells, 40))

"""Acts at the same moment: one wins where one may, the others are told so, and the record verifies.

Threads with a connection each, on a file of SQLite or on PostgreSQL; then whole processes.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import close_old_connections, connections

from rectify.choices import MeasureStatus
from rectify.errors import Refusal, Stale, WrongState
from rectify.models import AuditEntry, Measure, Problem, ProgressNote
from rectify.operations import measures, problems, progress, purging
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])

Action = Callable[[], Any]
SHORT, LONG = 20, 500
SIZES = (2, 8)


class Racers:
    """Threads that keep their connections and start each act together."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.pool = ThreadPoolExecutor(size)
        self.start = threading.Barrier(size, timeout=60)

    def run(self, acts: list[Action]) -> list[Any]:
        """What each act returned or with what it was refused; anything else goes up."""
        return list(self.pool.map(self._one, acts))

    def _one(self, act: Action) -> Any:
        self.start.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal

    def close(self) -> None:
        self.run([connections.close_all] * self.size)
        self.pool.shutdown()


@pytest.fixture
def cast() -> builders.Cast:
    return builders.cast()


@pytest.fixture
def racers() -> Iterator[Callable[[int], Racers]]:
    made: list[Racers] = []

    def start(size: int) -> Racers:
        made.append(Racers(size))
        return made[-1]

    yield start
    for one in made:
        one.close()


def decided(outcomes: list[Any], refusal: type[Refusal]) -> None:
    """Exactly one went through, and every other was refused as it should be."""
    lost = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert len(lost) == len(outcomes) - 1, outcomes
    assert all(type(outcome) is refusal for outcome in lost), lost


# -- one round of each act -----------------------------------------------------------------------------


def race_assign(cast: builders.Cast, racers: Racers, number: int) -> None:
    problem, office = cast.problem, cast["office"]
    people = [f"第 {number} 轮第 {n} 人" for n in range(racers.size)]
    assign = partial(problems.assign, problem, by=office, seen=problem.version)
    acts = [partial(assign, responsible=one) for one in people]
    decided(racers.run(acts), Stale)
    assert cast.problem.version == problem.version + 1 and cast.problem.responsible in people


def race_edit(cast: builders.Cast, racers: Racers, number: int) -> None:
    problem, office = cast.problem, cast["office"]
    goals = [f"第 {number} 轮第 {n} 种写法" for n in range(racers.size)]
    acts = [partial(problems.edit, problem, by=office, seen=problem.version, goal=goal) for goal in goals]
    outcomes = racers.run(acts)
    decided(outcomes, Stale)
    won = cast.problem.goal
    for goal, outcome in zip(goals, outcomes, strict=True):
        if isinstance(outcome, Stale):
            assert [(d.mine, d.theirs) for d in outcome.differences] == [(goal, won)]


def race_progress(cast: builders.Cast, racers: Racers, number: int) -> None:
    add = partial(
        progress.add,
        cast.problem,
        by=cast["clerk"],
        text=f"第 {number} 次",
        idempotency_key=f"token-{number}",
    )
    notes = racers.run([add] * racers.size)
    assert {note.pk for note in notes} == {ProgressNote.objects.get(text=f"第 {number} 次").pk}
    assert AuditEntry.objects.filter(idempotency_key=f"token-{number}").count() == 1


def race_finish(cast: builders.Cast, racers: Racers, number: int) -> None:
    measure = measures.add(cast.problem, by=cast["clerk"], text=f"第 {number} 条")
    finish = partial(measures.finish, measure, by=cast["clerk"], seen=measure.version)
    drop = partial(measures.drop, measure, by=cast["clerk"], seen=measure.version, reason="不再需要")
    acts = [partial(finish, result=f"第 {n} 人办结") for n in range(racers.size - 1)]
    decided(racers.run([*acts, drop]), Stale)
    ended = Measure.objects.get(pk=measure.pk)
    assert ended.version == 2 and ended.states.count() == 2 and ended.status != MeasureStatus.OPEN


def race_link(cast: builders.Cast, racers: Racers, number: int) -> None:
    link = cast.problem.direction_links.get()
    confirm = link.status != "confirmed"
    entries = AuditEntry.objects.count()
    act = partial(problems.decide_link, link, by=cast["office"], confirm=confirm)
    decided(racers.run([act] * racers.size), WrongState)
    assert AuditEntry.objects.count() == entries + 1


def race_purge(cast: builders.Cast, racers: Racers, number: int) -> None:
    note = progress.add(cast.problem, by=cast["clerk"], text=f"误传 {number}", files=[builders.pdf()])
    ask = partial(purging.request, note, by=cast["office"], reason="误传个人信息")
    asked = racers.run([ask] * racers.size)
    decided(asked, WrongState)
    purge = next(outcome for outcome in asked if not isinstance(outcome, Refusal))
    confirm = partial(purging.confirm, purge, by=cast["sysadmin"])
    refuse = partial(purging.refuse, purge, by=cast["sysadmin"], reason="并非个人信息")
    decided(racers.run([*[confirm] * (racers.size - 1), refuse]), WrongState)


ROUNDS = [race_assign, race_edit, race_progress, race_finish, race_link, race_purge]


@pytest.mark.ci
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "rounds", [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.long)]
)
def test_one_wins_and_the_others_are_told(cast, racers, size, rounds):
    runners = racers(size)
    for number in range(rounds):
        for race in ROUNDS:
            race(cast, runners, number)
    call_command("verify_audit")


# -- whole processes -----------------------------------------------------------------------------------


def work(cast: builders.Cast, who: int, rounds: int, results: Any) -> None:
    """What one process does: acts of its own and acts on what all others change too."""
    close_old_connections()
    counted: Counter[str] = Counter()
    try:
        for number in range(rounds):
            progress.add(cast.problem, by=cast["clerk"], text=f"{who} 的第 {number} 次")
            problem = cast.problem
            try:
                problems.edit(problem, by=cast["office"], seen=problem.version, goal=f"{who}-{number}")
                counted["won"] += 1
            except Stale:
                counted["stale"] += 1
            own = measures.add(cast.problem, by=cast["clerk"], text=f"{who} 的第 {number} 条")
            measures.finish(own, by=cast["clerk"], seen=own.version, result="已办结")
    except BaseException as error:
        counted[f"{type(error).__name__}: {error}"] += 1
    finally:
        connections.close_all()
        results.put(counted)


@pytest.mark.ci
@pytest.mark.parametrize(
    ("size", "rounds"), [(2, 10), pytest.param(8, 100, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_processes_never_find_the_database_locked(cast, size, rounds):
    connections.close_all()  # a child must not share what the parent has open
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    children = [fork.Process(target=work, args=(cast, who, rounds, results)) for who in range(size)]
    for child in children:
        child.start()
    counted = sum((results.get(timeout=300) for _ in children), Counter())
    for child in children:
        child.join(60)
    assert set(counted) <= {"won", "stale"} and sum(counted.values()) == size * rounds, counted
    states = Problem.objects.get(pk=cast.problem.pk).states.filter(by_fact=False)
    assert cast.problem.version == states.count()
    assert ProgressNote.objects.count() == Measure.objects.count() == size * rounds
    call_command("verify_audit")

"""What somebody does between deciding and storing a load: it ends as if planned after that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.audit.chain import append_waiting
from rectify.errors import NotAllowed
from rectify.ledger.roundtrip import decided, load, merge
from rectify.ledger.roundtrip.decided import Decided
from rectify.ledger.roundtrip.reader import Returned
from rectify.models import AuditEntry, ImportBatch, Problem, Unit, User
from rectify.operations import measures, people, problems, progress, reference, search_index
from rectify.policies import may
from rectify.xlsx.reader import SheetCell
from tests.builders import Cast, cast
from tests.ledger.roundtrip.returned import code_of, edited, read, take
from tests.one_by_one import recorded

pytestmark = pytest.mark.django_db
WORLD = cast
Act = Callable[[Cast], Any]


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often all of a load was decided, and how often a part of it was planned again."""
    counts = {"decided": 0, "parts": 0}

    def count(owner: type, method: str, name: str) -> None:
        real = getattr(owner, method)

        def counting(*args: Any) -> Any:
            counts[name] += 1
            return real(*args)

        monkeypatch.setattr(owner, method, counting)

    count(Decided, "__init__", "decided")
    count(Decided, "_anew", "parts")
    return counts


@contextmanager
def between(made: Cast, *acts: Act) -> Iterator[None]:
    """One act each time a load is decided, before the lock is taken."""
    real, left = chain.lock, list(acts)

    def lock(reports: Any) -> Any:
        act = left.pop(0)
        with pytest.MonkeyPatch.context() as ordinary:
            ordinary.setattr(chain, "lock", real)
            act(made)
        if not left:
            chain.lock = real
        return real(reports)

    chain.lock = lock
    try:
        yield
    finally:
        chain.lock = real


def item(number: int) -> Problem:
    return Problem.objects.get(number=number)


def edits(number: int, **fields: str) -> Act:
    def act(made: Cast) -> None:
        problems.edit(item(number), by=made["office"], seen=item(number).version, **fields)

    return act


def notes(number: int, text: str = "别人写的", percent: int | None = None) -> Act:
    return lambda made: progress.add(item(number), by=made["office"], text=text, percent=percent)


def adds_measure(number: int, text: str) -> Act:
    return lambda made: measures.add(item(number), by=made["office"], text=text)


def withdraws(number: int) -> Act:
    def act(made: Cast) -> None:
        problems.withdraw(item(number), by=made["office"], seen=item(number).version, reason="重复")

    return act


def renames(name: str) -> Act:
    def act(made: Cast) -> None:
        unit = Unit.objects.get(pk=made.other_bureau.pk)
        unit.name = name
        reference.store(unit, by=made["sysadmin"], reason="更名")

    return act


def closes(role: str) -> Act:
    return lambda made: people.close_account(made[role], by=made["sysadmin"], reason="调离")


def together(*acts: Act) -> Act:
    def act(made: Cast) -> None:
        for one in acts:
            one(made)

    return act


def adds_problem(made: Cast) -> None:
    problems.add(made.report, by=made["office"], title="新查出的问题")


ONCE, FOR_PARTS, ANEW = (1, 0), (1, 1), (2, 0)
ANEW_FOR_PARTS = (1, 2)  # looked at under the lock, the part says something else: decided again before it
MANY_PARTS = (1, 2)  # each once, before the lock
MEANWHILE: dict[str, tuple[tuple[int, int], Act]] = {
    "the same field": (ANEW_FOR_PARTS, edits(1, goal="他人所改")),
    "the same field, to the same": (ANEW_FOR_PARTS, edits(1, goal="见效")),
    "another field of a touched item": (ANEW_FOR_PARTS, edits(1, remark="他人所加")),
    "a note on a touched item": (FOR_PARTS, notes(1)),
    "the very note of the file": (ANEW_FOR_PARTS, notes(1, "印发方案", 40)),
    "a measure of a touched item": (FOR_PARTS, adds_measure(1, "另一条")),
    "a measure of the file": (ANEW_FOR_PARTS, adds_measure(1, "排查")),
    "a touched item is gone": (ANEW_FOR_PARTS, withdraws(1)),
    "notes on as many items as a few": (FOR_PARTS, together(notes(1), notes(2))),
    "notes on more items than a few": (MANY_PARTS, together(notes(1), notes(2), notes(3))),
    "a note on an item that the file names and leaves": (FOR_PARTS, notes(4)),
    "a field of an item that the file names and leaves": (ANEW_FOR_PARTS, edits(4, goal="他人所改")),
    "an item that the file does not name": (ONCE, edits(5, goal="他人所改")),
    "a unit has another name": (ANEW, renames("乙县戊局")),
    "a clerk has left": (ANEW, closes("clerk")),
}  # fmt: skip


def file_of(made: Cast) -> Returned:
    """A file that names items 1 to 4 and changes the first three of them; 5 comes later."""
    problems.add(made.report, by=made["office"], title="第四项")
    one, two, three = (code_of(made, number) for number in (1, 2, 3))
    data = edited(
        take(made),
        {
            (one, "本次进展"): "印发方案", (one, "完成比例（%）"): 40,
            (one, "新增措施"): "排查\n【长久立】建章", (one, "整改目标"): "见效",
            (two, "责任单位"): "乙县丁局", (two, "本次进展"): "已交办",
            (three, "责任单位"): "乙县丙局", (three, "备注"): "注",
        },
    )  # fmt: skip
    problems.add(made.report, by=made["office"], title="第五项")
    append_waiting(made["office"])
    found = read(data)
    clerk = {"clerk": SheetCell("s", made["clerk"].name)}  # of the table on the page
    found.rows[2].cells = {**found.rows[2].cells, **clerk}
    return found


def apply(found: Returned, by: User, **more: Any) -> load.Loaded:
    return load.apply(found, by=by, may=may, name="填报表.xlsx", sha256="0" * 64, **more)


def outcome(done: load.Loaded, last: int) -> list[Any]:
    """What was answered and what was left: the plan, the batch, the record, the rows and their histories."""
    told = [(item.code, item.outcome, [change.plain for change in item.changes]) for item in done.plan.items]
    counts = done.batch and done.batch.counts
    faults = [fault.words for fault in done.plan.all_faults]
    return [done.moved, done.applied, counts, told, faults, *recorded(last)]


@contextmanager
def taken_back() -> Iterator[int]:
    """Everything inside at one moment and then undone; the number of the last entry before."""
    with clock.pretend(dt.datetime(2040, 1, 2, tzinfo=dt.UTC)), transaction.atomic():
        yield AuditEntry.objects.latest("pk").pk
        transaction.set_rollback(True)


@pytest.mark.ci
def test_whatever_happens_meanwhile_it_is_as_if_planned_after_it(made, counted, monkeypatch):
    monkeypatch.setattr(decided, "TOGETHER", 2)
    monkeypatch.setattr(decided, "AGAIN", 2)
    found = file_of(made)
    shown = merge.plan(found, made["office"], may=may).digest
    for name, (how, act) in MEANWHILE.items():
        for digest in ("", shown):
            with taken_back() as last:
                act(made)
                after = outcome(apply(found, made["office"], digest=digest), last)
            counted.update(decided=0, parts=0)
            with taken_back() as last, between(made, act):
                meanwhile = outcome(apply(found, made["office"], digest=digest), last)
                if not digest:
                    assert list(search_index.mismatches()) == []
                    call_command("verify_audit")
            for ours, theirs in zip(meanwhile, after, strict=True):
                assert ours == theirs, name
            if not digest:
                assert (counted["decided"], counted["parts"]) == how, name


def test_nothing_is_written_over_unless_it_is_chosen(made):
    found = file_of(made)
    with between(made, edits(1, goal="他人所改")):
        done = apply(found, made["office"])
    assert [item.code for item in done.plan.conflicts] == [code_of(made)]
    assert (made.problem.goal, made.problem.notes.get().text) == ("他人所改", "印发方案")
    call_command("verify_audit")


def test_a_new_problem_is_nothing_to_a_load(made, counted):
    found = file_of(made)
    with between(made, adds_problem):
        assert apply(found, made["office"]).applied == 3
    assert (counted["decided"], Problem.objects.count()) == (1, 6)
    call_command("verify_audit")


def test_what_never_stands_still_is_prepared_under_the_lock(made, counted):
    found = file_of(made)
    with between(made, renames("乙县戊局"), renames("乙县己局"), renames("乙县庚局")):
        done = apply(found, made["office"])
    assert (counted["decided"], done.applied, len(done.plan.errors)) == (4, 2, 1)
    assert item(2).lead_unit is None
    call_command("verify_audit")


def test_an_item_that_comes_into_sight_meanwhile_is_loaded_too(made):
    """What was left out because somebody else had it is not told to be theirs when it no longer is."""

    def gives(unit: Unit) -> Act:
        def act(made: Cast) -> None:
            problem = item(1)
            problems.assign(problem, by=made["office"], seen=problem.version, lead_unit=unit, clerk=None)

        return act

    problem = item(2)
    problems.assign(problem, by=made["office"], seen=problem.version, lead_unit=made.bureau)
    one, two = code_of(made), code_of(made, 2)
    found = read(edited(take(made, "clerk"), {(one, "本次进展"): "一", (two, "本次进展"): "二"}))
    gives(made.other_bureau)(made)
    with between(made, gives(made.bureau)):
        done = apply(found, made["clerk"])
    assert (done.applied, done.plan.all_faults) == (2, [])


def test_who_may_no_more_loads_nothing(made):
    found = file_of(made)
    with between(made, closes("office")), pytest.raises(NotAllowed):
        apply(found, made["office"])
    assert not ImportBatch.objects.exists()

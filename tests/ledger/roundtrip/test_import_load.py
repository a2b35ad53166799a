"""A confirmed plan: applied whole or not at all, by the ordinary acts, tied together by one number."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from rectify import clock
from rectify.audit.chain import append_waiting
from rectify.errors import Incomplete, NotAllowed
from rectify.ledger.roundtrip import load
from rectify.ledger.roundtrip.load import ItemRefused
from rectify.models import (
    AuditEntry,
    ImportBatch,
    Measure,
    MeasureState,
    Problem,
    ProblemState,
    ProgressNote,
)
from rectify.operations import problems, progress, search_index
from rectify.operations.together.items import ItemsTogether
from rectify.policies import may
from tests.builders import Cast, cast
from tests.ledger.roundtrip.returned import code_of, edited, loaded, plan_of, read, take
from tests.one_by_one import OneByOne, recorded

pytestmark = pytest.mark.django_db
MODELS = (Problem, Measure, ProgressNote, ProblemState, MeasureState, AuditEntry, ImportBatch)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


@pytest.fixture
def made() -> Cast:
    return cast()


def world() -> dict[str, list]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in MODELS}


def everything(made: Cast) -> bytes:
    """A file that leads to every act an import knows, on two items."""
    one, two = code_of(made), code_of(made, 2)
    return edited(
        take(made),
        {
            (one, "本次进展"): "印发方案", (one, "完成比例（%）"): 40,
            (one, "新增措施"): "排查\n【长久立】建章",
            (one, "整改目标"): "见效", (one, "责任人"): "张", (two, "责任单位"): "乙县丁局",
            (two, "整改时限"): "2098-06-30", (two, "备注"): "注", (two, "本次进展"): "已交办",
        },
    )  # fmt: skip


def test_a_load_writes_what_the_file_says_and_nothing_else(made):
    third = Problem.objects.filter(number=3).values().get()
    done = loaded(everything(made), made["office"])
    assert done.applied == 2
    one, two = made.problem, Problem.objects.get(number=2)
    assert (one.goal, one.responsible) == ("见效", "张")
    assert (two.lead_unit, two.deadline.isoformat(), two.remark) == (made.other_bureau, "2098-06-30", "注")
    notes = set(ProgressNote.objects.values_list("problem__number", "text", "percent", "author__username"))
    assert notes == {(1, "印发方案", 40, "office"), (2, "已交办", None, "office")}
    assert list(one.measures.values_list("text", "kind")) == [("排查", "now"), ("建章", "lasting")]
    assert Problem.objects.filter(number=3).values().get() == third


def test_one_number_ties_every_entry_together(made):
    data = everything(made)
    entries = AuditEntry.objects.count()
    batch = loaded(data, made["office"]).batch
    written = list(AuditEntry.objects.order_by("pk")[entries:])
    assert [json.loads(entry.payload)["import"] for entry in written] == [batch.pk] * len(written)
    numbers = [entry.number for entry in written]
    assert (batch.first_entry, batch.last_entry) == (numbers[0], numbers[-1])
    assert [entry.act for entry in written] == [
        "edit_problem", "assign", "add_measure", "add_measure", "add_progress",
        "edit_problem", "assign", "add_progress", "import",
    ]  # fmt: skip
    assert batch.counts == {
        "new": 0, "changed": 2, "unchanged": 1, "conflicts": 0, "errors": 0, "applied": 2,
    }  # fmt: skip
    assert {entry.reason for entry in written if entry.act in ("edit_problem", "assign")} == {
        "导入填报表《填报表.xlsx》"
    }


def test_the_record_still_verifies(made):
    loaded(everything(made), made["office"])
    call_command("verify_audit")


def test_a_clerk_brings_in_what_a_clerk_may(made):
    data = edited(take(made, "clerk"), {(code_of(made), "本次进展"): "开展排查"})
    assert loaded(data, made["clerk"]).applied == 1
    assert ProgressNote.objects.get().author == made["clerk"]


def test_nobody_without_a_part_in_it_imports(made):
    data = edited(take(made), {(code_of(made), "本次进展"): "写了"})
    with pytest.raises(NotAllowed):
        loaded(data, made["inspector"])
    assert not ProgressNote.objects.exists()


def test_a_conflict_keeps_theirs_unless_mine_is_chosen(made):
    data = take(made)
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="他人所改")
    code = code_of(made)
    data = edited(data, {(code, "整改目标"): "我所改", (code, "责任人"): "张"})
    assert loaded(data, made["office"]).applied == 1
    assert (made.problem.goal, made.problem.responsible) == ("他人所改", "张")
    assert loaded(data, made["office"], choices={f"{code}.goal": "theirs"}).batch is None
    assert loaded(data, made["office"], choices={f"{code}.goal": "mine"}).applied == 1
    assert made.problem.goal == "我所改"


def test_what_moved_since_the_preview_is_shown_again_not_loaded(made):
    data = everything(made)
    digest = plan_of(data, made["office"]).digest
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="刚刚改的")
    before = world()
    done = loaded(data, made["office"], digest=digest)
    assert done.moved and done.batch is None
    assert done.plan.conflicts[0].changes[0].old == "刚刚改的"
    assert world() == before
    assert loaded(data, made["office"], digest=done.plan.digest).batch


def test_what_an_operation_refuses_ends_the_whole_load(made, monkeypatch):
    """The plan lets it pass, the act does not: nothing is written, and the item is named."""
    ordinary = progress.check

    def picky(problem, *said):
        if problem.number == 2:
            raise Incomplete("今天不行。")
        return ordinary(problem, *said)

    monkeypatch.setattr(progress, "check", picky)
    data = everything(made)
    before = world()
    with pytest.raises(ItemRefused) as refused:
        loaded(data, made["office"])
    assert (refused.value.code, refused.value.words) == (code_of(made, 2), "今天不行。")
    assert world() == before
    done = loaded(data, made["office"], refusals={refused.value.code: refused.value.words})
    assert done.applied == 1 and done.plan.counts["errors"] == 1


class Fault(Exception):
    """A statement that fails."""


def failing_at(number: int):
    """Fails at the statement of that number."""
    seen = 0

    def wrapper(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == number:
            raise Fault
        return execute(sql, params, many, context)

    return wrapper


def count_statements(act) -> int:
    counted = 0

    def wrapper(execute, sql, params, many, context):
        nonlocal counted
        counted += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        act()
    return counted


@pytest.mark.ci
@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_a_fault_at_any_statement_leaves_the_database_before_or_after(made):
    """Whatever statement fails, nothing of the load is there; with none failing, all of it is."""
    found, user = read(everything(made)), made["office"]

    def act():
        return load.apply(found, by=user, may=may, name="填报表.xlsx", sha256="0" * 64)

    before = world()
    number = 1
    while True:
        try:
            with connection.execute_wrapper(failing_at(number)):
                act()
        except Fault:
            assert world() == before, f"statement {number}"
            number += 1
            continue
        break
    assert number > 30, "every statement of the load had its turn"
    assert world() != before
    assert ImportBatch.objects.get().counts["applied"] == 2
    assert count_statements(act) > 1 and ImportBatch.objects.count() == 1
    call_command("verify_audit")


def test_written_together_the_record_is_what_one_by_one_it_would_be(made, monkeypatch):
    second = Problem.objects.get(number=2)
    problems.assign(
        second, by=made["office"], seen=second.version, lead_unit=made.bureau, clerk=made["clerk"],
        supporting_units=[made.other_bureau],
    )  # fmt: skip
    one, two, three = (code_of(made, number) for number in (1, 2, 3))
    data = edited(
        take(made),
        {
            (one, "本次进展"): "写了1", (one, "整改目标"): "见底", (one, "责任人"): "张",
            (two, "本次进展"): "写了2", (two, "完成比例（%）"): 40, (two, "责任单位"): "乙县丁局",
            (two, "配合单位"): "乙县丙局", (two, "备注"): "注", (two, "整改类型"): "立行立改，并长期坚持",
            (three, "新增措施"): "排查\n【长久立】建章", (three, "整改时限"): "2098-06-30",
            (three, "责任单位"): "乙县丁局", (three, "责任领导"): "常务副县长", (three, "本次进展"): "写了3",
        },
    )  # fmt: skip
    append_waiting(made["office"])
    last = AuditEntry.objects.latest("pk").pk
    found = []
    for items in (ItemsTogether, OneByOne):
        monkeypatch.setattr("rectify.ledger.roundtrip.decided.ItemsTogether", items)
        with clock.pretend(dt.datetime(2040, 1, 2, tzinfo=dt.UTC)), transaction.atomic():
            assert loaded(data, made["office"]).applied == 3
            found.append(recorded(last))
            assert list(search_index.mismatches()) == []
            call_command("verify_audit")
            transaction.set_rollback(True)
    together, one_by_one = found
    assert len(together[0]) == 11
    for ours, theirs in zip(together, one_by_one, strict=True):
        assert ours == theirs

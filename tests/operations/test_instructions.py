"""Instructions: by the leader, or by the office for one without an account; handled by the unit, once."""

from __future__ import annotations

import json

import pytest

from rectify.choices import Action, NoticeKind
from rectify.errors import Incomplete, NotAllowed
from rectify.models import AuditEntry, Handling, Instruction, Notice, Problem, ProgressNote
from rectify.operations import instructions, people, problems, progress
from tests import builders

pytestmark = pytest.mark.django_db


WORLD = builders.cast


def written(cast: builders.Cast, **changes) -> Instruction:
    return instructions.instruct(cast.problem, **({"by": cast["leader"], "text": "本周内报方案。"} | changes))


def test_an_instruction_waits_for_the_unit(cast):
    row = written(cast)
    assert list(Instruction.objects.waiting()) == [row]
    entry = AuditEntry.objects.get(act=Action.INSTRUCT)
    assert json.loads(entry.payload)["row"]["text"] == "本周内报方案。" and entry.problem == cast.problem
    told = Notice.objects.filter(kind=NoticeKind.INSTRUCTION)
    assert {notice.user.username for notice in told} == {"clerk", "unit_head"}
    assert all("本周内" not in notice.text for notice in told)


def test_the_same_token_makes_one(cast):
    assert written(cast, idempotency_key="t") == written(cast, idempotency_key="t")
    assert Instruction.objects.count() == 1


@pytest.mark.parametrize("role", ["unit_head", "clerk", "inspector", "stranger", "sysadmin", "auditor"])
def test_who_does_not_lead_the_item_is_refused(cast, role):
    with pytest.raises(NotAllowed):
        written(cast, by=cast[role])


def test_a_leader_of_other_items_is_refused(cast):
    two = Problem.objects.get(report=cast.report, number=2)
    with pytest.raises(NotAllowed, match="负责这一项的领导"):
        instructions.instruct(two, by=cast["leader"], text="请抓紧。")


def test_the_office_writes_for_a_leader_without_an_account_only(cast):
    with pytest.raises(NotAllowed, match="有账号"):
        written(cast, by=cast["office"])
    silent = people.add_leader(by=None, post="县委书记", unit=cast.county)
    builders.assign(cast, cast.problem, leader=silent)
    row = written(cast, by=cast["office"])
    assert row.leader == silent and row.is_on_behalf


@pytest.mark.parametrize(("text", "words"), [(" ", "请填写批示"), ("长" * 2001, "最多 2000")])
def test_an_empty_or_overlong_text_is_refused(cast, text, words):
    with pytest.raises(Incomplete, match=words):
        written(cast, text=text)


def test_a_withdrawn_item_takes_none_and_waits_for_none(cast):
    row = written(cast)
    one = cast.problem
    problems.withdraw(one, by=cast["office"], seen=one.version, reason="重复")
    assert not Instruction.objects.waiting().exists()
    with pytest.raises(NotAllowed, match="已撤回"):
        written(cast)
    with pytest.raises(NotAllowed, match="已撤回"):
        instructions.acknowledge(row, by=cast["clerk"])


def test_taking_note_is_recorded_once_and_told_to_the_leader(cast):
    row = written(cast)
    handled = instructions.acknowledge(row, by=cast["clerk"])
    assert instructions.acknowledge(row, by=cast["clerk"]) == handled
    with pytest.raises(NotAllowed, match="已经办理"):
        instructions.acknowledge(row, by=cast["unit_head"])
    assert not Instruction.objects.waiting().exists()
    assert Notice.objects.get(kind=NoticeKind.ANSWER).user == cast["leader"]


@pytest.mark.parametrize("role", ["leader", "inspector", "stranger"])
def test_only_the_unit_handles_it(cast, role):
    with pytest.raises(NotAllowed):
        instructions.acknowledge(written(cast), by=cast[role])
    assert not Handling.objects.exists()


def test_a_progress_note_answers_it(cast):
    row = written(cast)
    note = progress.add(cast.problem, by=cast["clerk"], text="方案已报", answers=[row])
    assert Handling.objects.get(instruction=row).note == note


def test_an_instruction_of_another_item_leaves_nothing_half_done(cast):
    row = written(cast)
    two = builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
    with pytest.raises(Incomplete, match="不属于这一项"):
        progress.add(two, by=cast["clerk"], text="方案已报", answers=[row])
    assert not ProgressNote.objects.exists() and not Handling.objects.exists()

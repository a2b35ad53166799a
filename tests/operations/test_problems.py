"""Acts on a problem: result, stored rows, entry, refusals."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import DatabaseError, connection, transaction

from rectify.choices import Action, LinkStatus, Status
from rectify.errors import Incomplete, NotAllowed, Stale, WrongState
from rectify.models import AuditEntry, Problem, ProblemState
from rectify.operations import problems
from tests import builders

pytestmark = pytest.mark.django_db


WORLD = builders.cast


def test_assigning_opens_a_state_and_tells_old_and_new(cast):
    problem = builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
    states = list(problem.states.order_by("valid_from"))
    assert len(states) == 2 and states[0].valid_to == states[1].valid_from
    assert states[1].lead_unit == cast.bureau and states[0].lead_unit is None
    change = {row["field"]: row for row in json.loads(problem.entries.last().payload)["changes"]}
    assert change["deadline"]["new_text"] == "2099年6月30日" and change["leader"]["old_text"] == "（空）"
    assert problem.original_deadline == dt.date(2099, 6, 30)


@pytest.mark.parametrize(
    "fields", [{"deadline": dt.date(2099, 9, 1)}, {"deadline_text": "九月底前"}], ids=str
)
def test_assigning_is_no_way_round_an_extension(cast, fields):
    problem = cast.problem
    with pytest.raises(Incomplete) as refusal:
        problems.assign(problem, by=cast["office"], seen=problem.version, reason="雨季停工", **fields)
    assert "申请延期" in refusal.value.message and refusal.value.field == "deadline"
    assert cast.problem.deadline == dt.date(2099, 6, 30) and cast.problem.version == problem.version


def test_a_stale_edit_is_refused_with_both_texts(cast):
    problem = cast.problem
    problems.edit(problem, by=cast["office"], seen=problem.version, goal="先到的目标")
    with pytest.raises(Stale) as refusal:
        problems.edit(problem, by=cast["office"], seen=problem.version, goal="后到的目标")
    difference = refusal.value.differences[0]
    assert (difference.mine, difference.theirs) == ("后到的目标", "先到的目标")
    assert "没有丢失" in refusal.value.message and cast.problem.goal == "先到的目标"


def test_nothing_is_written_when_nothing_differs(cast):
    problem, entries = cast.problem, AuditEntry.objects.count()
    problems.edit(problem, by=cast["office"], seen=problem.version, title=problem.title)
    assert cast.problem.version == problem.version and AuditEntry.objects.count() == entries


@pytest.mark.parametrize("status", [Status.CLOSED, Status.STANDING, Status.IN_REVIEW, "nonsense"])
def test_status_set_by_hand_never_closes(cast, status):
    problem = cast.problem
    with pytest.raises(WrongState):
        problems.set_status(problem, by=cast["office"], seen=problem.version, status=status)
    assert cast.problem.status == Status.NOT_STARTED


def test_status_moves_among_the_three(cast):
    problem = cast.problem
    changed = problems.set_status(problem, by=cast["clerk"], seen=problem.version, status=Status.IN_PROGRESS)
    assert changed.status == Status.IN_PROGRESS
    assert ProblemState.objects.current().get(problem=problem).status == Status.IN_PROGRESS


@pytest.mark.parametrize(
    "role", ["clerk", "unit_head", "leader", "inspector", "sysadmin", "auditor", "stranger"]
)
def test_only_the_office_assigns(cast, role):
    problem = cast.problem
    with pytest.raises(NotAllowed):
        problems.assign(problem, by=cast[role], seen=problem.version, deadline=dt.date(2099, 9, 1))
    assert cast.problem.deadline == dt.date(2099, 6, 30)


def test_withdraw_needs_a_reason_and_is_kept(cast):
    problem = cast.problem
    with pytest.raises(Incomplete):
        problems.withdraw(problem, by=cast["office"], seen=problem.version, reason="")
    gone = problems.withdraw(problem, by=cast["office"], seen=problem.version, reason="与第 2 项重复")
    assert gone.withdrawn and Problem.objects.count() == 3
    back = problems.restore(gone, by=cast["office"], seen=gone.version, reason="并非重复")
    assert not back.withdrawn


def test_adding_twice_with_one_token_makes_one_problem(cast):
    first = problems.add(cast.report, by=cast["office"], title="停车难", idempotency_key="same")
    again = problems.add(cast.report, by=cast["office"], title="停车难", idempotency_key="same")
    assert first == again and first.code == "2025-04" and first.states.count() == 1


def test_an_inferred_link_is_confirmed_by_the_office_only(cast):
    link = cast.problem.direction_links.get()
    with pytest.raises(NotAllowed):
        problems.decide_link(link, by=cast["clerk"], confirm=True)
    problems.decide_link(link, by=cast["office"], confirm=True)
    link.refresh_from_db()
    assert link.status == LinkStatus.CONFIRMED and link.decided_by == cast["office"]
    assert AuditEntry.objects.filter(act=Action.CONFIRM_LINK).count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rectify_auditentry SET reason = 'x'",
        "DELETE FROM rectify_auditentry",
        "UPDATE rectify_problemstate SET title = 'x'",
        "DELETE FROM rectify_problemstate",
    ],
)
def test_the_database_itself_refuses_to_rewrite_history(cast, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

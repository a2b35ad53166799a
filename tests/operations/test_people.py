"""Accounts, leaders and handing over."""

from __future__ import annotations

import pytest

from rectify.choices import Action, Role
from rectify.errors import Incomplete, NotAllowed
from rectify.models import AuditEntry, Problem, User
from rectify.operations import people
from tests import builders

pytestmark = pytest.mark.django_db


WORLD = builders.cast


def test_everything_a_clerk_holds_moves_in_one_act(cast):
    taker = builders.account("successor", cast.bureau, Role.CLERK)
    moved = people.hand_over(cast["clerk"], by=cast["office"], taker=taker, reason="岗位调整")
    assert moved == 1 and cast.problem.clerk == taker
    assert AuditEntry.objects.filter(act=Action.HAND_OVER, problem=cast.problem, reason="岗位调整").exists()


def test_a_taker_of_another_unit_is_refused_and_nothing_moves(cast):
    with pytest.raises(Incomplete, match="不能接收"):
        people.hand_over(cast["clerk"], by=cast["office"], taker=cast["stranger"], reason="岗位调整")
    assert cast.problem.clerk == cast["clerk"]


@pytest.mark.parametrize("role", ["clerk", "unit_head", "leader", "inspector", "auditor"])
def test_only_the_office_hands_over(cast, role):
    with pytest.raises(NotAllowed):
        people.hand_over(cast["clerk"], by=cast[role], taker=cast["unit_head"], reason="岗位调整")


@pytest.mark.parametrize("role", ["office", "clerk", "unit_head", "leader", "inspector", "auditor"])
def test_only_the_administrator_adds_accounts(cast, role):
    with pytest.raises(NotAllowed):
        people.add_account(by=cast[role], username="new", name="新人", password="ce-shi-mi-ma-2")
    assert not User.objects.filter(username="new").exists()


def test_a_password_set_by_another_must_be_changed(cast):
    user = people.set_password(cast["clerk"], by=cast["sysadmin"], password="ce-shi-mi-ma-3")
    assert user.must_change_password and user.check_password("ce-shi-mi-ma-3")
    assert not people.set_password(user, by=user, password="ce-shi-mi-ma-4").must_change_password
    assert "ce-shi" not in "".join(AuditEntry.objects.values_list("payload", flat=True))


def test_who_sees_which_problems(cast):
    builders.another_ledger(cast)
    seen = {
        role: set(Problem.objects.visible_to(cast[role]).values_list("code", "report__unit__name"))
        for role in cast.people
    }
    own = {("2025-01", "乙县")}
    assert len(seen["office"]) == 3 and {unit for _, unit in seen["office"]} == {"乙县"}
    assert len(seen["inspector"]) == 6
    assert seen["clerk"] == seen["unit_head"] == seen["leader"] == own
    assert seen["sysadmin"] == seen["auditor"] == seen["stranger"] == set()

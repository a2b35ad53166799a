"""Accounts, leaders, and who sees what."""

from __future__ import annotations

import pytest

from rectify.errors import NotAllowed
from rectify.models import AuditEntry, Problem, User
from rectify.operations import people
from tests import builders

pytestmark = pytest.mark.django_db


WORLD = builders.cast


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

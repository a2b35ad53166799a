"""What waits for a second person is void after a set time, and whoever asked is told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command

from rectify import clock
from rectify.audit.verify import read_chains
from rectify.choices import Action, DutyKind, DutyStatus, NoticeKind, Role
from rectify.errors import WrongState
from rectify.models import AuditEntry, DutyRequest, Membership, Notice, User
from rectify.models.duties import WAITS
from rectify.operations import duties, people, reference
from tests import builders

pytestmark = pytest.mark.django_db
WORLD = builders.cast

LATER = WAITS + dt.timedelta(minutes=1)


def asked(made: builders.Cast) -> DutyRequest:
    """The administrator gives the auditor's post to somebody new."""
    people.add_account(
        by=made["sysadmin"], username="xin", name="新同志", password="xin-she-mi-ma-1",
        memberships=[(made.county, Role.AUDITOR)], reason="新到岗",
    )  # fmt: skip
    return DutyRequest.objects.get(kind=DutyKind.POST)


def test_after_the_time_a_post_is_void_and_whoever_asked_is_told(made: builders.Cast) -> None:
    request = asked(made)
    with clock.pretend(clock.now() + WAITS - dt.timedelta(minutes=1)):
        assert duties.expire() == 0
    with clock.pretend(clock.now() + LATER):
        with pytest.raises(WrongState, match="已作废"):
            duties.confirm(request, by=made["office"])
        assert duties.expire() == 1 and duties.expire() == 0
    request.refresh_from_db()
    assert request.status == DutyStatus.EXPIRED and not request.membership.active
    notice = Notice.objects.get(kind=NoticeKind.DUTY)
    assert notice.user == made["sysadmin"] and "14 天没有人确认，已作废" in notice.text
    entry = AuditEntry.objects.get(act=Action.EXPIRE_DUTY)
    assert entry.actor is None and f'"dutyrequest",{request.pk},' in entry.rows.replace(" ", "")
    assert not [fault for chain in read_chains("default") for fault in chain.breaks]


def test_a_password_nobody_agreed_to_does_not_begin_to_work(made: builders.Cast) -> None:
    people.set_password(made["clerk"], by=made["sysadmin"], password="xin-she-mi-ma-1")
    with clock.pretend(clock.now() + LATER):
        assert duties.expire() == 1
    assert not made["clerk"].is_active
    assert "账号已停用" in Notice.objects.get(kind=NoticeKind.DUTY).text


def test_it_can_be_asked_for_again(made: builders.Cast) -> None:
    request = asked(made)
    with clock.pretend(clock.now() + LATER):
        duties.expire()
        post = Membership.objects.get(pk=request.membership_id)
        post.active = True
        reference.store(post, by=made["sysadmin"], reason="再次提请")
        duties.confirm(DutyRequest.objects.waiting().get(), by=made["office"])
    assert User.objects.get(username="xin").roles == {Role.AUDITOR}


def test_the_background_work_does_it(made: builders.Cast, capsys: pytest.CaptureFixture[str]) -> None:
    asked(made)
    with clock.pretend(clock.now() + LATER):
        call_command("tick")
    assert '"expired": 1' in capsys.readouterr().out
    assert DutyRequest.objects.get(kind=DutyKind.POST).status == DutyStatus.EXPIRED

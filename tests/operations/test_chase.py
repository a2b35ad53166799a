"""Chasing all who have not reported, in one act: whom it reaches, and never twice a day."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import Action, Channel, NoticeKind
from rectify.errors import NotAllowed, WrongState
from rectify.models import AuditEntry, Notice, Problem
from rectify.operations import chasing, progress
from tests import builders

pytestmark = pytest.mark.django_db


def history() -> builders.Cast:
    """Three items known for a hundred days; the first is led by the bureau, the others by nobody."""
    with clock.pretend(clock.now() - dt.timedelta(days=100)):
        return builders.cast()


WORLD = history


def chase(cast: builders.Cast, role: str = "office", idempotency_key: str | None = None) -> tuple[int, int]:
    return chasing.chase_unreported(cast.report, by=cast[role], idempotency_key=idempotency_key)


def test_everybody_who_owes_a_report_gets_one_message(cast):
    builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
    assert chase(cast) == (2, 3)
    clerk = Notice.objects.get(kind=NoticeKind.CHASE, user=cast["clerk"])
    assert len(clerk.items) == 2 and "2 项" in clerk.text
    office = Notice.objects.get(kind=NoticeKind.CHASE, user=cast["office"])
    assert "责任单位还没有明确" in office.items[0]["words"]
    assert AuditEntry.objects.filter(act=Action.CHASE_UNREPORTED).count() == 1


def test_whoever_reported_is_left_in_peace(cast):
    progress.add(cast.problem, by=cast["clerk"], text="已推进")
    assert chase(cast) == (1, 2)
    assert not Notice.objects.filter(kind=NoticeKind.CHASE, user=cast["clerk"]).exists()


def test_an_overdue_item_without_a_note_is_unreported_too(cast):
    builders.assign(cast, cast.problem, deadline=clock.today() - dt.timedelta(days=3))
    assert cast.problem in Problem.objects.stale(clock.today())
    assert chase(cast)[1] == 3


def test_the_same_person_is_chased_once_a_day(cast):
    chase(cast)
    with pytest.raises(WrongState, match="今天已经催过"):
        chase(cast)
    with clock.pretend(clock.now() + dt.timedelta(days=1)):
        assert chase(cast)[0] == 2
    assert Notice.objects.filter(kind=NoticeKind.CHASE, channel=Channel.INBOX).count() == 4


def test_the_same_token_is_one_act(cast):
    assert chase(cast, idempotency_key="t") == chase(cast, idempotency_key="t")
    assert AuditEntry.objects.filter(act=Action.CHASE_UNREPORTED).count() == 1


def test_nothing_to_chase_is_said(cast):
    report = builders.another_ledger(cast)
    with pytest.raises(WrongState, match="不需要催报"):
        chasing.chase_unreported(report, by=report.created_by)


@pytest.mark.parametrize("role", ["leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor"])
def test_only_the_office_chases(cast, role):
    with pytest.raises(NotAllowed):
        chase(cast, role)
    assert not Notice.objects.exists()

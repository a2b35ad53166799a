"""Purging: two people, everywhere, and the chain still verifies each digest."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.audit.verify import read_chains
from rectify.choices import Action, PurgeStatus
from rectify.digests import digest_of
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.ledger.rows import ledger_rows
from rectify.models import AuditEntry, Evidence, Manifestation, Problem, ProgressNote
from rectify.models.progress import PURGED
from rectify.operations import progress, purging, reports
from tests import builders
from tests.filed import file_one

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> builders.Cast:
    return builders.cast()


def test_content_goes_everywhere_and_the_chain_keeps_its_digests(cast):
    note = progress.add(cast.problem, by=cast["clerk"], text="身份证号某某", files=[builders.pdf("名单.pdf")])
    path = Evidence.objects.get(note=note).path
    purge = purging.request(note, by=cast["office"], reason="误传个人信息")
    done = purging.confirm(purge, by=cast["sysadmin"])
    note.refresh_from_db()
    assert done.status == PurgeStatus.DONE and note.text == PURGED and not path.exists()
    assert Evidence.objects.get(note=note).name == PURGED
    assert not AuditEntry.objects.filter(payload__contains="身份证").exists()
    entry = AuditEntry.objects.get(act=Action.ADD_PROGRESS)
    assert entry.is_purged and entry.digest == entry.compute_digest()
    assert entry.payload_digest != digest_of(entry.payload)
    final = AuditEntry.objects.get(act=Action.CONFIRM_PURGE)
    assert final.reason == "误传个人信息" and final.details["purged_entries"] == [entry.pk]


def test_nobody_confirms_their_own_request(cast):
    note = progress.add(cast.problem, by=cast["clerk"], text="误传")
    purge = purging.request(note, by=cast["office"], reason="误传")
    with pytest.raises(NotAllowed, match="两人"):
        purging.confirm(purge, by=cast["office"])
    assert ProgressNote.objects.get().text == "误传"


@pytest.mark.ci
@pytest.mark.parametrize("role", ["clerk", "unit_head", "leader", "inspector", "auditor", "stranger"])
def test_only_the_office_asks(cast, role):
    note = progress.add(cast.problem, by=cast["clerk"], text="误传")
    with pytest.raises(NotAllowed):
        purging.request(note, by=cast[role], reason="误传")


def test_a_purge_needs_a_reason_and_is_decided_once(cast):
    note = progress.add(cast.problem, by=cast["clerk"], text="误传")
    with pytest.raises(Incomplete):
        purging.request(note, by=cast["office"], reason="")
    purge = purging.request(note, by=cast["office"], reason="误传")
    with pytest.raises(WrongState):
        purging.request(note, by=cast["office"], reason="误传")
    purging.refuse(purge, by=cast["sysadmin"], reason="并非个人信息")
    with pytest.raises(WrongState):
        purging.confirm(purge, by=cast["sysadmin"])


def said(problem: Problem, on: dt.date | None = None) -> str:
    """What the ledger prints as the manifestations of the problem, today or as a past day ended."""
    rows = ledger_rows(Problem.objects.filter(pk=problem.pk), today=clock.today(), on=on, using="default")
    return next(rows).manifestations


def test_the_manifestations_of_a_problem_go_with_its_text(cast):
    row = reports.add_part(
        cast.report, Manifestation, by=cast["office"], problem=cast.problem, text="张某某等人名单外泄"
    )
    reports.edit_part(row, by=cast["office"], reason="改写", text="名单管理不严")
    quoted = file_one(cast, manifestations="1. 学用结合不紧\n2. 张某某等人名单外泄")
    purge = purging.request(cast.problem, by=cast["office"], reason="误传个人信息")
    purging.confirm(purge, by=cast["sysadmin"])
    left = Manifestation.objects.filter(problem=cast.problem).values_list("text", flat=True)
    assert len(left) > 1 and set(left) == {PURGED}
    for words in ("张某某", "名单管理不严"):
        assert not AuditEntry.objects.filter(payload__contains=words).exists()
    quoted.refresh_from_db()
    assert quoted.is_purged and not quoted.path.exists()
    assert not [fault for chain in read_chains("default") for fault in chain.breaks]


def test_a_past_day_does_not_bring_purged_manifestations_back(cast):
    row = reports.add_part(
        cast.report, Manifestation, by=cast["office"], problem=cast.problem, text="张某某等人名单外泄"
    )
    day = clock.today()
    with clock.pretend(clock.now() + dt.timedelta(days=1)):
        reports.edit_part(row, by=cast["office"], reason="改写", text="名单管理不严")
        assert "张某某" in said(cast.problem, day)
        purge = purging.request(cast.problem, by=cast["office"], reason="误传个人信息")
        purging.confirm(purge, by=cast["sysadmin"])
        assert "张某某" not in said(cast.problem, day) and PURGED in said(cast.problem, day)

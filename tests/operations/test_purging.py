"""Purging: two people, everywhere, and the chain still verifies each digest."""

from __future__ import annotations

import pytest

from rectify.choices import Act, PurgeStatus
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.models import AuditEntry, Evidence, ProgressNote
from rectify.models.audit import digest_of
from rectify.models.progress import PURGED
from rectify.operations import progress, purging
from tests import builders

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
    entry = AuditEntry.objects.get(act=Act.ADD_PROGRESS)
    assert entry.is_purged and entry.digest == entry.compute_digest()
    assert entry.payload_digest != digest_of(entry.payload)
    final = AuditEntry.objects.get(act=Act.CONFIRM_PURGE)
    assert final.reason == "误传个人信息" and final.details["purged_entries"] == [entry.pk]


def test_nobody_confirms_their_own_request(cast):
    note = progress.add(cast.problem, by=cast["clerk"], text="误传")
    purge = purging.request(note, by=cast["office"], reason="误传")
    with pytest.raises(NotAllowed, match="两人"):
        purging.confirm(purge, by=cast["office"])
    assert ProgressNote.objects.get().text == "误传"


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

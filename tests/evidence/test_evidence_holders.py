"""One list of what holds evidence: complete, and each file can be purged, packed and verified."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.management.base import CommandError

from rectify import clock
from rectify.audit import append_only_triggers
from rectify.choices import Finding, SupervisionLevel
from rectify.ledger.pack.evidence import problems_with_proofs
from rectify.models import AuditEntry, Evidence, Problem
from rectify.models.evidence import HOLDERS
from rectify.models.progress import PURGED
from rectify.operations import progress, purging, supervision
from rectify.operations.closing import close_out, decisions
from tests import builders

pytestmark = pytest.mark.django_db

# Foreign keys of a file that say where it is and who brought it, not what it proves.
NOT_PROVEN = {"problem", "by", "replaces"}
WORDS = {
    "note": "的进展",
    "measure": "措施 1",
    "reply": "督办回复",
    "close_out_step": "销号环节",
    "extension_step": "延期环节",
    "follow_up": "回头看",
}


def history() -> builders.Cast:
    """Every holder with a file of its own."""
    made = builders.cast()
    reply_to(made)
    asked = builders.asked_later(made)
    decisions.decide(asked, by=made["unit_head"], step="confirm", files=[builders.pdf("延期.pdf")])
    decisions.return_application(asked, by=made["office"], step="review", comment="按期完成")
    progress.add(made.problem, by=made["clerk"], text="已办", files=[builders.pdf("进展.pdf")])
    application = builders.applied(made)
    decisions.decide(application, by=made["unit_head"], step="confirm", files=[builders.pdf("销号.pdf")])
    decisions.decide(application, by=made["office"], step="review")
    decisions.decide(application, by=made["leader"], step="sign")
    close_out.record_follow_up(
        made.problem,
        by=made["inspector"],
        finding="成效保持",
        outcome=Finding.HOLDS,
        files=[builders.pdf("回头看.pdf")],
    )
    return made


def reply_to(made: builders.Cast) -> None:
    paper = supervision.issue(
        [made.problem],
        by=made["office"],
        level=SupervisionLevel.NORMAL,
        reason="请说明原因",
        reply_by=clock.today() + dt.timedelta(days=3),
        units=[made.bureau],
        leaders=[],
    )
    to = paper.addressees.get()
    supervision.acknowledge(to, by=made["clerk"])
    supervision.reply(to, by=made["clerk"], text="已整改", files=[builders.pdf("回复.pdf")])


WORLD = history


def file_of(holder: str) -> Evidence:
    return Evidence.objects.filter(**{f"{holder}__isnull": False}).order_by("pk")[0]


def test_the_list_holds_every_foreign_key_that_a_file_may_prove() -> None:
    keys = {field.name for field in Evidence._meta.fields if field.is_relation}
    assert set(HOLDERS) == keys - NOT_PROVEN
    assert set(WORDS) == set(HOLDERS)


@pytest.mark.parametrize("holder", HOLDERS)
def test_the_file_of_each_holder_can_be_purged(
    made: builders.Cast, run: Callable[..., str], holder: str, django_capture_on_commit_callbacks
) -> None:
    file = file_of(holder)
    name = file.name
    assert file.holder == getattr(file, holder) and file.path.exists()
    assert AuditEntry.objects.filter(payload__contains=name).exists()
    purge = purging.request(file, by=made["office"], reason="误传")
    with django_capture_on_commit_callbacks(execute=True):
        purging.confirm(purge, by=made["sysadmin"])
    file.refresh_from_db()
    assert file.name == PURGED and not file.path.exists()
    assert not AuditEntry.objects.filter(payload__contains=name).exists()
    assert "核对通过" in run("verify_audit")


@pytest.mark.parametrize("holder", HOLDERS)
def test_the_thing_goes_with_its_files(
    made: builders.Cast, holder: str, django_capture_on_commit_callbacks
) -> None:
    file = file_of(holder)
    held = getattr(file, holder)
    target = held.application if holder.endswith("step") else held
    purge = purging.request(target, by=made["office"], reason="误传")
    with django_capture_on_commit_callbacks(execute=True):
        purging.confirm(purge, by=made["sysadmin"])
    file.refresh_from_db()
    assert file.name == PURGED and not file.path.exists()


@pytest.mark.parametrize("holder", HOLDERS)
def test_the_pack_says_what_each_file_proves(made: builders.Cast, holder: str, monkeypatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")
    file = file_of(holder)
    _, proofs = problems_with_proofs(Problem.objects.filter(report=made.report), as_of=clock.today())
    proof = next(proof for proof in proofs[made.problem.code] if proof.path == file.path)
    assert proof.proves.endswith(WORDS[holder])


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_file_of_each_holder_that_was_changed_is_found(
    made: builders.Cast, run: Callable[..., str], holder: str
) -> None:
    with append_only_triggers.lifted():
        Evidence.objects.filter(pk=file_of(holder).pk).update(sha256="0" * 64)
    with pytest.raises(CommandError, match=r"佐证材料（编号 .*与第 .* 条的记录不符"):
        run("verify_audit")

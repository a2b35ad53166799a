"""Every way of bending what was chased is found by verify_audit."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management.base import CommandError

from rectify import clock
from rectify.audit import append_only_triggers
from rectify.choices import NoticeKind, SupervisionLevel
from rectify.models import (
    Addressee,
    Evidence,
    Handling,
    Instruction,
    Notice,
    NoticeAttempt,
    Problem,
    Receipt,
    Reply,
    Supervision,
)
from rectify.models.progress import PURGED
from rectify.notifications import outbox, reminders
from rectify.operations import instructions, progress, purging, supervision
from tests import builders

pytestmark = pytest.mark.django_db


def history() -> builders.Cast:
    """A paper signed for and answered with evidence, an instruction answered by a note, and reminders."""
    cast = builders.cast()
    builders.assign(cast, cast.problem, deadline=clock.today())
    paper = supervision.issue(
        [cast.problem],
        by=cast["office"],
        level=SupervisionLevel.NORMAL,
        reason="请说明原因",
        reply_by=clock.today() + dt.timedelta(days=3),
        units=[cast.bureau],
        leaders=[cast.leader],
    )
    to = paper.addressees.get(unit=cast.bureau)
    supervision.acknowledge(to, by=cast["clerk"])
    supervision.reply(to, by=cast["clerk"], text="已整改", files=[builders.pdf()])
    row = instructions.instruct(cast.problem, by=cast["leader"], text="请抓紧")
    progress.add(cast.problem, by=cast["clerk"], text="已抓紧", answers=[row])
    reminders.remind()
    return cast


WORLD = history


def test_the_whole_record_passes(made, run):
    assert "核对通过" in run("verify_audit")


def test_reading_and_delivering_bend_nothing(made, run):
    outbox.mark_read(made["clerk"])
    assert "核对通过" in run("verify_audit")


CHANGES = {
    "reason": lambda: Supervision.objects.update(reason="改过"),
    "date": lambda: Supervision.objects.update(reply_by=dt.date(2099, 1, 1)),
    "number": lambda: Supervision.objects.update(number=7),
    "items": lambda: Supervision.objects.get().problems.set([Problem.objects.get(number=2)]),
    "addressee": lambda: Addressee.objects.filter(leader__isnull=False).delete(),
    "signer": lambda: Receipt.objects.update(by_label="别人"),
    "receipt gone": lambda: Receipt.objects.all().delete(),
    "reply": lambda: Reply.objects.update(text="改过"),
    "reply time": lambda: Reply.objects.update(at=clock.now()),
    "proof": lambda: Evidence.objects.filter(reply__isnull=False).update(sha256="0" * 64),
    "proof gone": lambda: Evidence.objects.filter(reply__isnull=False).delete(),
    "instruction": lambda: Instruction.objects.update(text="改过"),
    "handling": lambda: Handling.objects.update(note=None),
    "handling gone": lambda: Handling.objects.all().delete(),
    "message": lambda: Notice.objects.filter(kind=NoticeKind.INSTRUCTION).update(text="改过"),
    "message gone": lambda: Notice.objects.filter(kind=NoticeKind.SUPERVISION).first().delete(),
    "reminder": lambda: Notice.objects.filter(kind=NoticeKind.DAILY).update(items=[]),
    "reminder gone": lambda: Notice.objects.filter(kind=NoticeKind.DAILY).delete(),
}


@pytest.mark.once
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_an_edit_is_found(made, run, change):
    with append_only_triggers.lifted():
        change()
    with pytest.raises(CommandError) as caught:
        run("verify_audit")
    assert "不符" in str(caught.value) or "不见了" in str(caught.value)


def test_a_message_added_by_hand_is_found(made, run):
    notice = Notice.objects.filter(kind=NoticeKind.INSTRUCTION).first()
    notice.pk, notice.text = None, "假消息"
    notice.save(force_insert=True)
    with pytest.raises(CommandError, match="消息与记录不符"):
        run("verify_audit")


def test_the_attempts_are_kept_too(made):
    NoticeAttempt.objects.create(notice=Notice.objects.first(), at=clock.now(), succeeded=True, detail="好")
    with pytest.raises(Exception, match="append-only"):
        NoticeAttempt.objects.update(succeeded=False)


@pytest.mark.parametrize("model", [Supervision, Reply, Instruction], ids=lambda model: model.__name__)
def test_a_purged_text_is_gone_and_the_record_still_holds(made, run, model):
    purge = purging.request(model.objects.get(), by=made["office"], reason="误写个人信息")
    purging.confirm(purge, by=made["sysadmin"])
    row = model.objects.get()
    assert PURGED in (getattr(row, "reason", ""), getattr(row, "text", ""))
    assert "核对通过" in run("verify_audit")

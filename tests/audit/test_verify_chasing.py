"""The record of what was chased holds: after reading, delivering and a purge."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import SupervisionLevel
from rectify.models import (
    Instruction,
    Notice,
    NoticeAttempt,
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

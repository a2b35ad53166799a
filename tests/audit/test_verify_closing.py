"""The record of close-outs, extensions and follow-ups holds: refused to be rewritten, true after a purge."""

from __future__ import annotations

import pytest
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from rectify.audit import append_only_triggers
from rectify.choices import Action, Finding, Step
from rectify.models import (
    AuditEntry,
    CloseOut,
    CloseOutStep,
    Evidence,
    Extension,
    FollowUp,
    Problem,
)
from rectify.models.progress import PURGED
from rectify.operations import carry_over, purging
from rectify.operations.closing import close_out, decisions
from tests import builders

pytestmark = pytest.mark.django_db


def history() -> builders.Cast:
    """A ledger in which one problem was extended and closed, looked at, relapsed; another is in review."""
    cast = builders.cast()
    application = builders.applied(
        cast, builders.ready(cast, builders.extended(cast)), files=[builders.pdf()]
    )
    application = decisions.return_application(
        application, by=cast["unit_head"], step=Step.CONFIRM, comment="缺照片"
    )
    problem = builders.closed(cast, cast.problem)
    given = {"by": cast["inspector"], "files": [builders.pdf("照片.pdf")]}
    close_out.record_follow_up(problem, finding="保持", outcome=Finding.HOLDS, **given)
    close_out.record_follow_up(problem, finding="又有了", outcome=Finding.RELAPSED, **given)
    second = builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
    builders.applied(cast, builders.ready(cast, second))
    third = builders.assign(cast, Problem.objects.get(report=cast.report, number=3))
    builders.closed(cast, builders.ready(cast, third), kind="standing")
    return cast


WORLD = history


def test_a_whole_record_passes(made, run):
    assert "核对通过" in run("verify_audit")
    carry_over.carry_over(
        made.report, [Problem.objects.get(report=made.report, number=3)], by=made["office"], reason="结转"
    )
    assert "核对通过" in run("verify_audit")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rectify_closeoutstep SET comment = 'x'",
        "DELETE FROM rectify_closeoutstep",
        "UPDATE rectify_closeout SET statement = 'x'",
        "UPDATE rectify_closeout SET outcome = 'withdrawn' WHERE ended_at IS NOT NULL",
        "UPDATE rectify_extension SET new_date = '2100-01-01'",
        "UPDATE rectify_extensionstep SET by_label = 'x'",
        "UPDATE rectify_followup SET finding = 'x' WHERE recorded_at IS NOT NULL",
        "UPDATE rectify_followup SET planned_on = '2020-01-01'",
        "DELETE FROM rectify_followup",
    ],
)
def test_the_database_itself_refuses_to_rewrite_them(made, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_purge_takes_the_text_and_keeps_the_record_true(made, run):
    targets = [
        CloseOut.objects.filter(outcome="returned").get(),
        Extension.objects.get(),
        FollowUp.objects.get(outcome="holds"),
        Evidence.objects.filter(close_out_step__isnull=False, name__contains="验收")[0],
    ]
    for target in targets:
        asked = purging.request(target, by=made["office"], reason="误传个人信息")
        purging.confirm(asked, by=made["sysadmin"])
        assert "核对通过" in run("verify_audit")
    assert CloseOut.objects.filter(outcome="returned").get().statement == PURGED
    assert CloseOutStep.objects.get(outcome="return").comment == PURGED
    assert (
        Extension.objects.get().reason == PURGED and FollowUp.objects.get(outcome="holds").finding == PURGED
    )
    texts = "".join(AuditEntry.objects.exclude(act=Action.REQUEST_PURGE).values_list("payload", flat=True))
    assert "缺照片" not in texts and "雨季停工" not in texts
    with append_only_triggers.lifted():
        CloseOut.objects.filter(outcome="returned").update(outcome="withdrawn")
    with pytest.raises(CommandError, match="销号申请（编号"):
        run("verify_audit")

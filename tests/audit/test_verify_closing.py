"""Every way of bending a close-out, an extension or a follow-up is found, and named."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from rectify import clock
from rectify.audit import append_only_triggers
from rectify.choices import Action, Finding, Step
from rectify.models import (
    AuditEntry,
    CloseOut,
    CloseOutStep,
    Evidence,
    Extension,
    ExtensionStep,
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


def refusal(run) -> str:
    with pytest.raises(CommandError) as caught:
        run("verify_audit")
    return str(caught.value)


def bend(model, change, **which):
    with append_only_triggers.lifted():
        model.objects.filter(pk=model.objects.filter(**which).order_by("pk")[0].pk).update(**change)


def test_a_whole_record_passes(made, run):
    assert "核对通过" in run("verify_audit")
    carry_over.carry_over(
        made.report, [Problem.objects.get(report=made.report, number=3)], by=made["office"], reason="结转"
    )
    assert "核对通过" in run("verify_audit")


MOMENT = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
BENT = [
    (CloseOut, {"statement": "悄悄改过"}, {}),
    (CloseOut, {"statement": PURGED}, {}),
    (CloseOut, {"deadline": dt.date(2098, 1, 1)}, {}),
    (CloseOut, {"kind": "standing"}, {}),
    (CloseOut, {"path": "review"}, {}),
    (CloseOut, {"outcome": "withdrawn"}, {"outcome": "returned"}),
    (CloseOut, {"waiting": "sign"}, {"outcome": ""}),
    (
        CloseOut,
        {"outcome": "passed", "waiting": "", "ended_at": MOMENT, "decided_on": dt.date(2020, 1, 1)},
        {"outcome": ""},
    ),
    (
        CloseOut,
        {"waiting": "confirm", "outcome": "", "ended_at": None},
        {"outcome": "returned"},
    ),
    (CloseOutStep, {"comment": "没问题"}, {"outcome": "return"}),
    (CloseOutStep, {"comment": PURGED}, {"outcome": "return"}),
    (CloseOutStep, {"by_label": "别人"}, {"step": "sign"}),
    (CloseOutStep, {"role": "office"}, {"step": "sign"}),
    (CloseOutStep, {"step": "review"}, {"outcome": "return"}),
    (Extension, {"new_date": dt.date(2100, 6, 1)}, {}),
    (Extension, {"late": True}, {}),
    (Extension, {"reason": "别的理由"}, {}),
    (ExtensionStep, {"comment": "改过"}, {"step": "sign"}),
    (FollowUp, {"finding": "改过"}, {"outcome": "holds"}),
    (FollowUp, {"outcome": "holds"}, {"outcome": "relapsed"}),
    (FollowUp, {"done_on": dt.date(2020, 1, 1)}, {"outcome": "holds"}),
    (FollowUp, {"planned_on": dt.date(2020, 1, 1)}, {"outcome": ""}),
]


@pytest.mark.once
@pytest.mark.parametrize(("model", "change", "which"), BENT, ids=lambda value: str(value)[:40])
def test_a_bent_row_is_named(made, run, model, change, which):
    row = model.objects.filter(**which).order_by("pk")[0]
    bend(model, change, **which)
    assert f"{model._meta.verbose_name}（编号 {row.pk}）：与第" in refusal(run)


def test_a_decider_who_was_swapped_is_found(made, run):
    other = builders.account("swapped", made.county, "leader")
    bend(CloseOutStep, {"by": other}, step="sign")
    assert "销号环节（编号" in refusal(run)
    bend(CloseOut, {"applicant": other}, outcome="returned")
    assert "销号申请（编号" in refusal(run)


@pytest.mark.parametrize("holder", ["close_out_step", "follow_up"])
def test_proofs_that_were_changed_or_taken_away_are_found(made, run, holder):
    file = Evidence.objects.filter(**{f"{holder}__isnull": False})[0]
    with append_only_triggers.lifted():
        Evidence.objects.filter(pk=file.pk).update(sha256="0" * 64)
    assert f"佐证材料（编号 {file.pk}）：与第" in refusal(run)
    with append_only_triggers.lifted():
        Evidence.objects.filter(pk=file.pk).delete()
    assert "记录了这一行，现在不见了" in refusal(run)


def test_rows_that_vanished_are_found(made, run):
    with append_only_triggers.lifted():
        CloseOutStep.objects.filter(step="sign").order_by("pk")[0].delete()
    assert "销号环节（编号" in refusal(run) and "现在不见了" in refusal(run)


def test_a_follow_up_and_an_application_that_vanished_are_found(made, run):
    with append_only_triggers.lifted():
        FollowUp.objects.filter(outcome="")[0].delete()
    assert "回头看（编号" in refusal(run)
    waiting = CloseOut.objects.get(outcome="")
    with append_only_triggers.lifted():
        Evidence.objects.filter(close_out_step__application=waiting).delete()
        waiting.steps.all().delete()
        waiting.delete()
    assert "销号申请（编号" in refusal(run)


def test_rows_nobody_recorded_are_found(made, run):
    FollowUp.objects.create(problem=made.problem, round=1, planned_on=dt.date(2099, 1, 1))
    assert "没有任何记录提到" in refusal(run)


def test_a_step_nobody_recorded_is_found(made, run):
    waiting = CloseOut.objects.get(outcome="")
    CloseOutStep.objects.create(
        application=waiting,
        applicant=waiting.applicant,
        step=Step.CONFIRM,
        outcome="pass",
        at=clock.now(),
        by=made["unit_head"],
        by_label="某人",
        role="unit_head",
    )
    CloseOut.objects.filter(pk=waiting.pk).update(waiting=Step.REVIEW)
    assert "没有任何记录提到" in refusal(run)


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
    bend(CloseOut, {"outcome": "withdrawn"}, outcome="returned")
    assert "销号申请（编号" in refusal(run)

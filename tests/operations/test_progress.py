"""Adding and correcting progress: the note, its evidence, the entry, and every refusal."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.choices import Action
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.models import AuditEntry, Evidence, Problem, ProgressNote
from rectify.operations import problems, progress
from tests import builders

pytestmark = pytest.mark.django_db


WORLD = builders.cast


def test_a_note_with_evidence_is_kept_with_its_entry(cast):
    note = progress.add(cast.problem, by=cast["clerk"], text="印发方案", percent=30, files=[builders.pdf()])
    evidence = Evidence.objects.get(note=note)
    assert evidence.path.read_bytes() == builders.PDF
    assert evidence.name == "验收单.pdf" and evidence.name not in str(evidence.path)
    entry = AuditEntry.objects.get(act=Action.ADD_PROGRESS)
    assert json.loads(entry.payload)["note"]["text"] == "印发方案"
    assert json.loads(entry.payload)["evidence"][0]["sha256"] == evidence.sha256
    assert entry.report == cast.report and entry.actor == cast["clerk"]


def test_a_note_does_not_bump_the_version(cast):
    seen = cast.problem.version
    progress.add(cast.problem, by=cast["clerk"], text="印发方案")
    assert cast.problem.version == seen


def test_the_same_token_makes_one_row(cast):
    first = progress.add(cast.problem, by=cast["clerk"], text="印发方案", idempotency_key="t-1")
    again = progress.add(cast.problem, by=cast["clerk"], text="印发方案", idempotency_key="t-1")
    assert first == again and ProgressNote.objects.count() == 1
    assert AuditEntry.objects.filter(act=Action.ADD_PROGRESS).count() == 1


@pytest.mark.parametrize("role", ["stranger", "leader", "inspector", "sysadmin", "auditor"])
def test_who_is_not_of_the_unit_is_refused(cast, role):
    with pytest.raises(NotAllowed):
        progress.add(cast.problem, by=cast[role], text="印发方案")
    assert not ProgressNote.objects.exists()


def test_empty_and_overlong_text_is_refused(cast):
    with pytest.raises(Incomplete):
        progress.add(cast.problem, by=cast["clerk"], text="  ")
    with pytest.raises(Incomplete, match="最多 10000 个字"):
        progress.add(cast.problem, by=cast["clerk"], text="长" * 10_001)


def test_a_withdrawn_problem_takes_no_progress(cast):
    problem = cast.problem
    problems.withdraw(problem, by=cast["office"], seen=problem.version, reason="重复")
    with pytest.raises(NotAllowed, match="已撤回"):
        progress.add(cast.problem, by=cast["clerk"], text="印发方案")


def test_a_correction_is_a_new_note_that_points_at_the_old(cast):
    old = progress.add(cast.problem, by=cast["clerk"], text="完成 38 户")
    new = progress.correct(old, by=cast["clerk"], text="完成 36 户", reason="两户重复计算")
    assert new.corrects == old and ProgressNote.objects.count() == 2
    assert list(ProgressNote.objects.in_force()) == [new]
    with pytest.raises(WrongState):
        progress.correct(old, by=cast["clerk"], text="完成 35 户", reason="再改")


def test_a_correction_needs_a_reason(cast):
    old = progress.add(cast.problem, by=cast["clerk"], text="完成 38 户")
    with pytest.raises(Incomplete, match="理由"):
        progress.correct(old, by=cast["clerk"], text="完成 36 户", reason=" ")


def test_a_clock_that_was_set_back_makes_no_problem_look_unreported(cast):
    now = clock.now()
    progress.add(cast.problem, by=cast["clerk"], text="印发方案")
    newest = ProgressNote.objects.get().at
    with clock.pretend(now - dt.timedelta(days=40)):
        progress.add(cast.problem, by=cast["clerk"], text="钟走慢了")
    assert Problem.objects.get(pk=cast.problem.pk).reported_at == newest
    call_command("verify_audit")


def test_nor_does_it_for_somebody_who_saw_the_item_before(cast):
    seen_before, now = cast.problem, clock.now()
    newest = progress.add(cast.problem, by=cast["clerk"], text="印发方案").at
    with clock.pretend(now - dt.timedelta(days=40)):
        old = progress.add(seen_before, by=cast["clerk"], text="钟走慢了")
    assert Problem.objects.get(pk=cast.problem.pk).reported_at == newest
    later = progress.correct(old, by=cast["clerk"], text="更正", reason="写错了").at
    assert Problem.objects.get(pk=cast.problem.pk).reported_at == later


def test_a_note_with_a_file_asks_no_more_than_it_needs(cast, client):
    client.force_login(cast["clerk"])
    address = f"{cast.problem.get_absolute_url()}progress/"
    client.post(address, {"text": "先报一次", "idempotency_key": "0" * 32})  # what a first request brings
    sent = {"text": "印发方案", "idempotency_key": "1" * 32, "files": builders.pdf()}
    with CaptureQueriesContext(connection) as asked:
        assert client.post(address, sent).status_code == 302
    assert len(asked) <= 17, [one["sql"][:80] for one in asked]

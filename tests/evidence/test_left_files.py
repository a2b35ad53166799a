"""A submit that is refused or repeated leaves no file behind that no row names."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError

from rectify.choices import Status
from rectify.errors import Incomplete, NotAllowed, Refusal, Stale, WrongState
from rectify.evidence import storage
from rectify.models import Evidence, IntakeDraft
from rectify.operations import measures, problems, progress
from rectify.operations.closing import close_out
from rectify.operations.exchange import intake_drafts
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> builders.Cast:
    return builders.cast()


def on_disk() -> set[str]:
    return {path.name for path in Path(settings.EVIDENCE_DIR).rglob("*") if path.is_file()}


def test_what_is_accepted_stays(cast):
    before = on_disk()
    note = progress.add(cast.problem, by=cast["clerk"], text="已办", files=[builders.pdf()])
    assert on_disk() - before == {Evidence.objects.get(note=note).stored}


def test_a_repeated_submit_keeps_the_first_files_only(cast):
    given = {"by": cast["clerk"], "text": "已办", "idempotency_key": "a" * 64}
    note = progress.add(cast.problem, files=[builders.pdf()], **given)
    before = on_disk()
    assert progress.add(cast.problem, files=[builders.pdf()], **given) == note
    assert on_disk() == before and Evidence.objects.get(note=note).stored in before


def test_a_refused_submit_leaves_no_file(cast):
    office = cast["office"]
    problem = problems.set_status(
        cast.problem, by=office, seen=cast.problem.version, status=Status.IN_PROGRESS
    )
    measure = measures.add(problem, by=office, text="建章立制")
    note = progress.add(problem, by=cast["clerk"], text="已办")
    progress.correct(note, by=cast["clerk"], text="已办结", reason="笔误")
    before = on_disk()
    refused: list[tuple[type[Refusal], object]] = [
        (Stale, lambda proof: measures.finish(measure, by=office, seen=99, result="已建", files=proof)),
        (
            WrongState,
            lambda proof: progress.correct(note, by=cast["clerk"], text="又改", reason="笔误", files=proof),
        ),
        (
            Incomplete,
            lambda proof: close_out.apply_close_out(
                problem, by=cast["clerk"], seen=problem.version, statement="已完成", files=proof
            ),
        ),
        (NotAllowed, lambda proof: progress.add(problem, by=cast["leader"], text="代报", files=proof)),
    ]
    for error, act in refused:
        with pytest.raises(error):
            act([builders.pdf(), builders.pdf("另一份.pdf")])
        assert on_disk() == before


def test_an_upload_that_breaks_off_leaves_nothing(cast):
    class Broken:
        name = "断开.pdf"

        def seek(self, position: int) -> None: ...

        def read(self, size: int) -> bytes:
            raise OSError("connection reset")

    before = on_disk()
    with pytest.raises(OSError, match="reset"):
        progress.add(cast.problem, by=cast["clerk"], text="已办", files=[builders.pdf(), Broken()])
    assert on_disk() == before


def test_a_database_that_does_not_answer_takes_no_file_away(cast):
    """Its last commit may have gone through: the file must be there for the row."""
    before = on_disk()
    with pytest.raises(OperationalError), storage.keeping([builders.pdf()]) as kept:
        raise OperationalError("server closed the connection unexpectedly")
    assert on_disk() - before == {kept[0].stored}


def test_the_same_report_uploaded_twice_is_kept_once(cast):
    new = [intake_drafts.NewDraft("一份报告", "报告", {})]
    before = on_disk()
    for _ in range(2):
        with storage.keeping([builders.pdf("报告.pdf")]) as kept:
            intake_drafts.start(
                kept[0], new, by=cast["office"], unit=cast.county, year=2026, idempotency_key="b" * 64
            )
    assert on_disk() - before == {IntakeDraft.objects.get().stored}

"""Progress notes: add one with its evidence, or correct one with a new note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action
from rectify.digests import digest_of
from rectify.errors import Incomplete, WrongState
from rectify.evidence import storage as evidence_files
from rectify.models import Instruction, Measure, Problem, ProgressNote, User
from rectify.models.each import insert, update_each
from rectify.operations import instructions, recording

TEXT_MAX = 10_000


def add(
    problem: Problem,
    *,
    by: User,
    text: str,
    percent: int | None = None,
    measure: Measure | None = None,
    files: Sequence[Any] = (),
    answers: Sequence[Instruction] = (),
    idempotency_key: str | None = None,
) -> ProgressNote:
    """Record what was done, and which instructions it answers.

    The problem's version stays; the same key again returns the same note.
    """
    check(problem, text, percent, measure)
    if files:  # nothing is written for somebody who may not; the act itself asks again
        recording.require(by, Action.ADD_PROGRESS, problem)
    with evidence_files.keeping(files) as kept, transaction.atomic():
        chain.lock([problem.report])
        problem = recording.as_it_stands(problem)
        recording.require(by, Action.ADD_PROGRESS, problem)
        if earlier := chain.find_duplicate(by, idempotency_key):
            return ProgressNote.objects.get(pk=earlier)
        note = _record(
            problem, by, Action.ADD_PROGRESS, text, percent, measure, kept, idempotency_key=idempotency_key
        )
        instructions.answer(note, answers, by=by)
        return note


def correct(
    note: ProgressNote,
    *,
    by: User,
    text: str,
    reason: str,
    percent: int | None = None,
    files: Sequence[Any] = (),
    idempotency_key: str | None = None,
) -> ProgressNote:
    """Replace what a note says by a new note; the old one stays, marked as corrected."""
    check(note.problem, text, percent, None)
    reason = recording.need_reason(reason)
    recording.require(by, Action.CORRECT_NOTE, note)
    with evidence_files.keeping(files) as kept, transaction.atomic():
        chain.lock([note.problem.report])
        if earlier := chain.find_duplicate(by, idempotency_key):
            return ProgressNote.objects.get(pk=earlier)
        current = ProgressNote.objects.get(pk=note.pk)
        if ProgressNote.objects.filter(corrects=current).exists():
            raise WrongState("这条进展刚刚已被更正，您填写的内容没有丢失。请在更正后的那一条上再更正。")
        recording.require(by, Action.CORRECT_NOTE, current)
        return _record(
            current.problem,
            by,
            Action.CORRECT_NOTE,
            text,
            percent,
            current.measure,
            kept,
            corrects=current,
            reason=reason,
            idempotency_key=idempotency_key,
        )


def _record(
    problem: Problem,
    by: User,
    act: str,
    text: str,
    percent: int | None,
    measure: Measure | None,
    kept: Sequence[evidence_files.Kept],
    *,
    corrects: ProgressNote | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> ProgressNote:
    note = new_note(problem, by, text=text, percent=percent, measure=measure, corrects=corrects)
    insert(note)
    began = recording.begin_work(problem)
    _tell_problem(problem, note.at)
    evidence_files.attach(kept, note, problem=problem, by=by)
    chain.append_entry(
        by=by,
        act=act,
        report=problem.report,
        target=note,
        label=f"{problem.code} 进展",
        payload={"note": facts_of(note), "evidence": [file.facts for file in kept], **began},
        reason=reason,
        problem=problem,
        idempotency_key=idempotency_key,
    )
    return note


def new_note(problem: Problem, by: User, *, text: str, percent: int | None, **of: Any) -> ProgressNote:
    """A note of now, not yet stored."""
    return ProgressNote(
        problem=problem, at=clock.now(), author=by, author_label=by.label[:160], text=text.strip(),
        percent=percent, **of,
    )  # fmt: skip


def _tell_problem(problem: Problem, at: dt.datetime) -> None:
    """The problem, as it stands now that its ledger's chain is locked, knows when it was last reported."""
    # A clock that was set back does not make the newest note older.
    if problem.reported_at is None or problem.reported_at < at:
        problem.reported_at = at
        update_each([problem], ("reported_at",))


def facts_of(note: ProgressNote) -> dict[str, Any]:
    """What the record keeps of a note."""
    measure, corrected = note.measure, note.corrects
    return {
        "id": note.pk,
        "text": note.text,
        "text_digest": digest_of(note.text),
        "percent": note.percent,
        "measure": measure.number if measure else None,
        "corrects": corrected.pk if corrected else None,
        "old_text": corrected.text if corrected else None,
    }


def check(problem: Problem, text: str, percent: int | None, measure: Measure | None) -> None:
    if not text.strip():
        raise Incomplete("请填写进展内容。", ["进展"], field="text")
    if len(text) > TEXT_MAX:
        raise Incomplete(f"进展最多 {TEXT_MAX} 个字，现在 {len(text)} 个字，请精简。", field="text")
    if percent is not None and not 0 <= percent <= 100:
        raise Incomplete("完成比例应在 0 到 100 之间。", field="percent")
    if measure is not None and measure.problem_id != problem.pk:
        raise Incomplete("所选措施不属于这一项，请重新选择。", field="measure")

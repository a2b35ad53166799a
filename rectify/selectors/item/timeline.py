"""What was done about an item, the newest first: notes, applications, follow-ups, instructions, papers and
decisions, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import QuerySet

from rectify.choices import SupervisionState
from rectify.models import FollowUp, Problem, ProgressNote, Supervision
from rectify.models.compiled import compiled
from rectify.selectors.item.chasing import InstructionRow
from rectify.selectors.item.history import NOTES, HistoryLine
from rectify.selectors.item.parts import hand_out
from rectify.selectors.item.procedures import ApplicationRow, Procedures

SHOWN = 4


@dataclass(frozen=True)
class Moment:
    """One thing that was done, which of its kinds says what; `waits`: somebody has still to answer."""

    at: Any
    note: ProgressNote | None = None
    older: Sequence[ProgressNote] = ()
    decision: HistoryLine | None = None
    application: ApplicationRow | None = None
    look: FollowUp | None = None
    instruction: InstructionRow | None = None
    paper: tuple[Supervision, str] | None = None
    round: int = 0
    waits: bool = False


def timeline(
    problem: Problem,
    decisions: Sequence[HistoryLine],
    reviewed: Procedures,
    instructions: Sequence[InstructionRow],
    papers: Sequence[tuple[Supervision, str]],
    whole: bool,
) -> dict[str, Any]:
    """All moments, how many of them are notes; the newest, the last note and what still
    waits are shown, the others fold."""
    notes, cut = _notes(problem, whole)
    others = [Moment(line.entry.at, decision=line) for line in decisions]
    others += [*_procedures(problem, reviewed), *_chasing(instructions, papers)]
    if cut:
        since = min(row.at for row in notes)
        others = [row for row in others if row.waits or row.at >= since]
    rows = sorted([*notes, *others], key=lambda row: row.at, reverse=True)
    return {
        "rows": rows,
        **_folded(rows),
        "cut": cut,
        "notes": len(notes),
        "others": len(rows) - len(notes),
    }


def _folded(rows: Sequence[Moment]) -> dict[str, list[Moment]]:
    last_note = next((row for row in rows if row.note), None)
    shown = [row for place, row in enumerate(rows) if place < SHOWN or row.waits or row is last_note]
    return {"shown": shown, "older": [row for row in rows if row not in shown]}


def _newest(whole: bool, problem: int) -> QuerySet[ProgressNote]:
    query = ProgressNote.objects.filter(problem=problem).select_related("measure").newest_first()
    return query if whole else query[: NOTES + 1]


def _notes(problem: Problem, whole: bool) -> tuple[list[Moment], bool]:
    """The notes in force with what they replaced; and whether there are more."""
    notes = compiled(("notes", whole), partial(_newest, whole), problem.pk)
    for note in notes:
        note.problem = problem
    cut = not whole and len(notes) > NOTES
    notes = notes[:NOTES] if cut else notes
    hand_out(problem, notes)
    by_id = {note.pk: note for note in notes}
    replaced = {note.corrects_id for note in notes if note.corrects_id}
    rows = []
    for note in notes:
        if note.pk in replaced:
            continue
        older, step = [], by_id.get(note.corrects_id)
        while step is not None:
            older.append(step)
            step = by_id.get(step.corrects_id)
        rows.append(Moment(note.at, note=note, older=older))
    return rows, cut


def _procedures(problem: Problem, reviewed: Procedures) -> Iterator[Moment]:
    """An application stands where its last step was taken."""
    for round_row in reviewed.rounds:
        number = round_row.number if problem.round > 1 else 0
        for row in round_row.applications:
            at = row.steps[-1].step.at if row.steps else row.application.applied_at
            yield Moment(at, application=row, round=number, waits=row.application.is_open)
        for look in round_row.follow_ups:
            if look.recorded_at:
                yield Moment(look.recorded_at, look=look, round=number)


def _chasing(
    instructions: Sequence[InstructionRow], papers: Sequence[tuple[Supervision, str]]
) -> Iterator[Moment]:
    for row in instructions:
        yield Moment(row.instruction.at, instruction=row, waits=not row.is_handled)
    for paper, label in papers:
        answered = paper.state == SupervisionState.REPLIED  # type: ignore[attr-defined]
        yield Moment(paper.issued_at, paper=(paper, label), waits=not answered)

"""Progress notes that a returned copy brings, stored together; the entry of each is made in its turn."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Q

from rectify import clock
from rectify.audit import chain, written
from rectify.choices import Action
from rectify.models import Problem, ProgressNote, User
from rectify.operations import recording
from rectify.operations.exchange.begin_together import TOGETHER, Begun, begin_work_together
from rectify.operations.progress import check, facts_of


class NotesTogether:
    """The notes of one import: `add` them all, `store` them, then `enter` each in the turn of its item."""

    def __init__(self, by: User) -> None:
        self.by, self.at = by, clock.now()
        self._notes: dict[int, list[ProgressNote]] = defaultdict(list)
        self._alone: dict[int, Problem] = {}
        self._begun: dict[int, Begun] = {}

    def add(self, problem: Problem, text: str, percent: int | None, *, alone: bool) -> None:
        """A note to be stored; `alone` where nothing else happens to the item in this import."""
        check(problem, text, percent, None)
        note = ProgressNote(
            problem=problem, at=self.at, author=self.by, author_label=self.by.label[:160],
            text=text.strip(), percent=percent,
        )  # fmt: skip
        self._notes[problem.pk].append(note)
        if alone:
            self._alone[problem.pk] = problem

    def store(self) -> None:
        """The rows of all notes. Inside the import, which holds the chain locked."""
        ProgressNote.objects.bulk_create([note for notes in self._notes.values() for note in notes])
        self._begun = begin_work_together(list(self._alone.values()))
        older, ids = Q(reported_at__isnull=True) | Q(reported_at__lt=self.at), list(self._notes)
        for start in range(0, len(ids), TOGETHER):
            chunk = ids[start : start + TOGETHER]
            Problem.objects.filter(older, pk__in=chunk).update(reported_at=self.at)

    def enter(self, problem: Problem) -> None:
        """The entry of the note on this item, which may have been changed since the notes were stored."""
        recording.require(self.by, Action.ADD_PROGRESS, problem)
        note = self._notes[problem.pk].pop(0)
        written.wrote(note)
        payload: dict[str, Any] = {"note": facts_of(note), "evidence": []}
        if begun := self._begun.pop(problem.pk, None):
            written.wrote(*begun.rows)
            payload |= begun.facts
        else:
            payload |= recording.begin_work(problem)
        chain.append_entry(
            by=self.by, act=Action.ADD_PROGRESS, report=problem.report, target=note,
            label=f"{problem.code} 进展", payload=payload, problem=problem,
        )  # fmt: skip

"""Acts on many items: each decided in its turn before anything is written, then all stored together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import prefetch_related_objects

from rectify import clock
from rectify.audit import chain, entries_ahead, field_values, written
from rectify.audit.written import Written
from rectify.choices import Action, MeasureStatus, Status
from rectify.digests import canonical
from rectify.models import AuditEntry, Measure, Problem, ProblemState, User
from rectify.models.audit import EntryColumns
from rectify.models.each import EachRow
from rectify.models.search.texts import FIELDS, Searched
from rectify.models.sets import put_set, read_sets
from rectify.notifications import telling
from rectify.notifications.telling import Occasion
from rectify.operations import measures, problems, progress, recording, search_index
from rectify.operations.together.rows import RowsTogether

TOGETHER = 400  # items whose rows are stored together
Rows = Sequence[models.Model | Written]


@dataclass(frozen=True)
class _Act:
    """What is entered of one act once its rows have their ids."""

    act: str
    target: models.Model
    label: str
    problem: Problem
    payload: Callable[[], dict[str, Any]]
    rows: Rows
    reason: str = ""


@dataclass(frozen=True)
class ItemsReady:
    """Acts on some items as the database takes them: under the lock nothing is left but to store them."""

    by: User
    rows: Sequence[EachRow]
    searched: Sequence[Searched]
    occasions: Sequence[Occasion]
    entries: Sequence[EntryColumns]

    def store(self) -> None:
        """The rows of all acts, then their entries in the order of the acts."""
        for each in self.rows:
            each.run()
        search_index.keep_ahead(self.searched)
        for occasion in self.occasions:
            telling.notices_of(occasion)
        chain.append_ahead(self.entries, self.by)


class ItemsTogether:
    """The acts on some items, in a few statements: the record is what one by one it would be.

    They are decided on the items as they stand, before or under the lock of their chains; what `ready` makes
    of them is stored under it, when the items still stand so. Of an import nobody is told: its items wait in
    the inbox. `tie` is what every entry says of the one act that all of them are.
    """

    def __init__(
        self, items: Sequence[Problem], *, by: User, reason: str, tie: dict[str, Any], tells: bool = False
    ) -> None:
        self.by, self.reason, self.tie, self.tells = by, reason, tie, tells
        self._occasions: list[Occasion] = []
        self._acts: list[_Act] = []
        self._rows = RowsTogether()
        self._reworded: set[int] = set()  # items of which something else will be found
        self._items, self._has_measures = items, False
        read_sets(items, Problem.TRACKED_SETS)
        prefetch_related_objects(items, "clerk__memberships")
        self._states = _current_states(items)

    def edit(self, problem: Problem, fields: dict[str, Any]) -> None:
        problems.check_edit(fields)
        recording.require(self.by, Action.EDIT_PROBLEM, problem)
        self._update(problem, Action.EDIT_PROBLEM, fields)

    def assign(self, problem: Problem, fields: dict[str, Any]) -> None:
        if not fields.keys().isdisjoint(
            ("lead_unit", "supporting_units")
        ):  # then a measure may be left behind
            problem.open_measures = [  # type: ignore[attr-defined]
                measure for measure in self._measures_of(problem) if measure.status == MeasureStatus.OPEN
            ]
        self._update(problem, Action.ASSIGN, problems.assignment(problem, self.by, fields))

    def set_status(self, problem: Problem, status: str) -> None:
        problems.check_status(problem, status)
        recording.require(self.by, Action.SET_STATUS, problem)
        self._update(problem, Action.SET_STATUS, {"status": status})

    def add_measures(self, problem: Problem, wanted: Sequence[tuple[str, str]]) -> None:
        if not wanted:
            return
        last = max((measure.number for measure in self._measures_of(problem)), default=0)
        for number, (text, kind) in enumerate(wanted, last + 1):
            measures.check(problem, {"text": text})
            recording.require(self.by, Action.ADD_MEASURE, problem)
            self._add_measure(
                Measure(
                    problem=problem, number=number, text=text.strip(), kind=kind, unit=problem.lead_unit,
                    created_at=clock.now(),
                )
            )  # fmt: skip

    def add_note(self, problem: Problem, text: str, percent: int | None) -> None:
        progress.check(problem, text, percent, None)
        recording.require(self.by, Action.ADD_PROGRESS, problem)
        note = progress.new_note(problem, self.by, text=text, percent=percent)
        begun, rows = self._begin_work(problem)
        if problem.reported_at is None or problem.reported_at < note.at:
            problem.reported_at = note.at
            self._rows.change(problem, {"reported_at"})
        self._rows.add(note)
        self._enter(
            Action.ADD_PROGRESS, note, f"{problem.code} 进展", problem,
            lambda: {"note": progress.facts_of(note), "evidence": [], **begun},
            [written.as_it_is(note), *rows],
        )  # fmt: skip

    def ready(self) -> ItemsReady:
        """All of it made ready to be stored."""
        rows = self._rows.made_ready()
        named = [[_written(row) for row in act.rows] for act in self._acts]
        entries = [self._filled(act, rows) for act, rows in zip(self._acts, named, strict=True)]
        anew = (row for written in named for row in written if self._is_found_anew(row))
        return ItemsReady(self.by, rows, search_index.ahead(anew), self._occasions, entries)

    def _filled(self, act: _Act, rows: Sequence[Written]) -> EntryColumns:
        entry = AuditEntry(
            report_id=act.problem.report_id, actor=self.by, act=act.act,
            target_kind=field_values.kind_of(act.target), target_id=act.target.pk,
            target_label=act.label[:120],
            problem_id=act.problem.pk, reason=act.reason, payload=canonical(act.payload() | self.tie),
        )  # fmt: skip
        return entries_ahead.filled(entry, rows)

    def _is_found_anew(self, row: Written) -> bool:
        """Of an item whose searched fields stay nothing else is found."""
        return row.shape.model is not Problem or row.pk in self._reworded

    def _measures_of(self, problem: Problem) -> Any:
        """They are read of all items as soon as one act asks for them."""
        if not self._has_measures:
            prefetch_related_objects(self._items, "measures__unit")
            self._has_measures = True
        return problem.measures.all()

    def _update(self, problem: Problem, act: str, fields: dict[str, Any]) -> None:
        changing = recording.differing(problem, fields)
        if not changing:
            return
        former = {name: field_values.value_of(problem, name) for name in changing}
        problem.version += 1
        self._rows.change(problem, {"version"})
        changes, rows = self._change(problem, changing)
        if self.tells:
            self._occasions.append(Occasion(act, self.by, _as_it_is(problem), former))
        label = field_values.label_of(problem)
        self._enter(act, problem, label, problem, lambda: {"changes": changes}, rows, self.reason)

    def _add_measure(self, measure: Measure) -> None:
        problem, state = measure.problem, recording.next_state(measure, None)
        begun, rows = self._begin_work(problem)
        self._rows.add(measure, state)
        self._enter(
            Action.ADD_MEASURE, measure, field_values.label_of(measure), problem,
            lambda: {"state": field_values.stored(measure), **begun},
            [written.as_it_is(measure), *rows, state],
        )  # fmt: skip

    def _begin_work(self, problem: Problem) -> tuple[dict[str, Any], Rows]:
        """With its first measure or note an item is under way: a fact, so that its version stays."""
        if problem.status != Status.NOT_STARTED:
            return {}, []
        changes, rows = self._change(problem, {"status": Status.IN_PROGRESS}, by_fact=True)
        return {"changes": changes}, rows

    def _change(
        self, problem: Problem, values: dict[str, Any], **how: bool
    ) -> tuple[list[dict[str, Any]], list[Written]]:
        """Give the item new values and its next state; what the entry says of that, and the rows it names."""
        changes = [field_values.describe(problem, name, value) for name, value in values.items()]
        self._rows.change(problem, set(values))
        if not values.keys().isdisjoint(FIELDS["problem"]):
            self._reworded.add(problem.pk)
        for name, value in values.items():
            if name in Problem.TRACKED_SETS:
                put_set(problem, name, value)
            else:
                setattr(problem, name, value)
        before = self._states.get(problem.pk)
        state = recording.next_state(problem, before, **how)
        for name in Problem.TRACKED_SETS:
            put_set(state, name, getattr(problem, name).all())
        self._states[problem.pk] = state
        self._rows.succeed(before, state)
        return changes, [written.as_it_is(row) for row in (problem, before, state) if row is not None]

    def _enter(self, *said: Any) -> None:
        self._acts.append(_Act(*said))


def _current_states(items: Sequence[Problem]) -> dict[int, ProblemState]:
    current = ProblemState.objects.current().filter(problem__in=items)
    states = {state.problem_id: state for state in current}
    read_sets(list(states.values()), Problem.TRACKED_SETS)
    for problem in items:
        if state := states.get(problem.pk):
            state.problem = problem  # or its ledger is read again for each
    return states


def _written(row: models.Model | Written) -> Written:
    return row if isinstance(row, Written) else written.as_it_is(row)


def _as_it_is(problem: Problem) -> Problem:
    """The item after this act, whatever the next one does to it."""
    now = copy(problem)
    vars(now)["_prefetched_objects_cache"] = dict(vars(problem)["_prefetched_objects_cache"])
    return now

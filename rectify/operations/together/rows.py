"""Rows of many acts stored together: what is new, what changes, and the sets of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models, transaction

from rectify.models import Measure, MeasureState, Problem, ProblemState, ProgressNote
from rectify.models.each import EachRow, inserting, inserting_values, reserve_ids, updating

IN_ORDER = (Measure, MeasureState, ProgressNote, ProblemState)  # what is named by others comes first


class RowsTogether:
    """Collects, then makes ready. A problem that changes several times is stored as it stands at the end."""

    def __init__(self) -> None:
        self._new: dict[type, list[Any]] = {model: [] for model in IN_ORDER}
        self._changed: dict[int, Problem] = {}
        self._names: dict[int, set[str]] = defaultdict(set)  # of each that changes
        self._moved: dict[str, dict[int, Problem]] = {name: {} for name in Problem.TRACKED_SETS}
        self._ended: list[ProblemState] = []

    def add(self, *rows: models.Model) -> None:
        for row in rows:
            self._new[type(row)].append(row)

    def change(self, problem: Problem, names: set[str]) -> None:
        self._changed[problem.pk] = problem
        self._names[problem.pk] |= names - self._moved.keys()
        for name in names & self._moved.keys():
            self._moved[name][problem.pk] = problem

    def succeed(self, before: ProblemState | None, state: ProblemState) -> None:
        if before is not None and before.pk:
            self._ended.append(before)
        self.add(state)

    def made_ready(self) -> list[EachRow]:
        """Every new row gets its id; the statements that store all of it, in their order."""
        with transaction.atomic():
            for model, rows in self._new.items():
                for row, pk in zip(rows, reserve_ids(model, len(rows)) if rows else (), strict=True):
                    row.pk = pk
        for state in self._new[MeasureState]:
            state.measure = state.measure  # which has its id only now
        return list(self._statements())

    def _statements(self) -> Iterator[EachRow]:
        if self._ended:
            yield updating(self._ended, ["valid_to"])  # of a problem only one state is open
        for rows in self._new.values():
            if rows:
                yield inserting(rows, with_ids=True)
        for names, problems in self._by_names().items():
            yield updating(problems, names)
        for name, moved in self._moved.items():
            if moved:
                yield _forgetting_links(name, moved)
            yield _linking(name, Problem, moved.values())
            yield _linking(name, ProblemState, self._new[ProblemState])

    def _by_names(self) -> dict[tuple[str, ...], list[Problem]]:
        """What changes alike together: a column that is written has its indexes written too."""
        groups = defaultdict(list)
        for pk, problem in self._changed.items():
            groups[tuple(sorted(self._names[pk]))].append(problem)
        return {names: problems for names, problems in groups.items() if names}


def _forgetting_links(name: str, problems: Iterable[int]) -> EachRow:
    table = getattr(Problem, name).through._meta.db_table
    return EachRow(f'DELETE FROM "{table}" WHERE "problem_id" = %s', [(pk,) for pk in problems])


def _linking(name: str, model: Any, rows: Iterable[Any]) -> EachRow:
    field = model._meta.get_field(name)
    through, owner, other = field.remote_field.through, field.m2m_field_name(), field.m2m_reverse_field_name()
    fields = [through._meta.get_field(name) for name in (owner, other)]
    links = ((row.pk, linked.pk) for row in rows for linked in getattr(row, name).all())
    return inserting_values(through, fields, links)

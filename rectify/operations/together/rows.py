"""Rows of many acts stored together: what is new, what changes, and the sets of both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from rectify.models import Measure, MeasureState, Problem, ProblemState, ProgressNote
from rectify.models.each import insert_values, update_each

IN_ORDER = (Measure, MeasureState, ProgressNote, ProblemState)  # what is named by others comes first


class RowsTogether:
    """Collects, then stores. A problem may change several times: it is stored as it stands at the end."""

    def __init__(self) -> None:
        self._new: dict[type, list[Any]] = {model: [] for model in IN_ORDER}
        self._changed: dict[int, Problem] = {}
        self._names: set[str] = set()
        self._moved: dict[str, dict[int, Problem]] = {name: {} for name in Problem.TRACKED_SETS}
        self._ended: list[ProblemState] = []

    def add(self, *rows: models.Model) -> None:
        for row in rows:
            self._new[type(row)].append(row)

    def change(self, problem: Problem, names: set[str]) -> None:
        self._changed[problem.pk] = problem
        self._names |= names - self._moved.keys()
        for name in names & self._moved.keys():
            self._moved[name][problem.pk] = problem

    def succeed(self, before: ProblemState | None, state: ProblemState) -> None:
        if before is not None and before.pk:
            self._ended.append(before)
        self.add(state)

    def store(self) -> None:
        update_each(self._ended, ["valid_to"])  # of a problem only one state is open
        for model, rows in self._new.items():
            model._default_manager.bulk_create(rows)  # type: ignore[attr-defined]
        update_each(list(self._changed.values()), sorted(self._names))
        for name, problems in self._moved.items():
            _forget_links(name, problems)
            _link(name, Problem, problems.values())
            _link(name, ProblemState, self._new[ProblemState])


def _forget_links(name: str, problems: Iterable[int]) -> None:
    if ids := list(problems):
        getattr(Problem, name).through.objects.filter(problem__in=ids).delete()


def _link(name: str, model: Any, rows: Iterable[Any]) -> None:
    field = model._meta.get_field(name)
    through, owner, other = field.remote_field.through, field.m2m_field_name(), field.m2m_reverse_field_name()
    fields = [through._meta.get_field(name) for name in (owner, other)]
    links = ((row.pk, linked.pk) for row in rows for linked in getattr(row, name).all())
    insert_values(through, fields, links)

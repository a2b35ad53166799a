"""Many items are put under way at once, by an import: in a few statements, and what each entry says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import models

from rectify import clock
from rectify.audit.chain import TICK
from rectify.audit.field_values import describe
from rectify.choices import Status
from rectify.models import Problem, ProblemState
from rectify.operations.recording import share_ledger, tracked_values

TOGETHER = 400  # rows of one statement


class Begun(NamedTuple):
    """That an item is under way: what the entry says of it, and the rows that it names."""

    facts: dict[str, Any]
    rows: tuple[models.Model, ...]


def begin_work_together(problems: Sequence[Problem]) -> dict[int, Begun]:
    """What `begin_work` does, for many items of one ledger; what each act has to say of it, by item."""
    begun: dict[int, Begun] = {}
    waiting = [problem for problem in problems if problem.status == Status.NOT_STARTED]
    for start in range(0, len(waiting), TOGETHER):
        begun |= _begin_work_together(waiting[start : start + TOGETHER])
    return begun


def _begin_work_together(problems: Sequence[Problem]) -> dict[int, Begun]:
    ids = [problem.pk for problem in problems]
    changes = {problem.pk: describe(problem, "status", Status.IN_PROGRESS) for problem in problems}
    Problem.objects.filter(pk__in=ids).update(status=Status.IN_PROGRESS)
    fresh = Problem.objects.prefetch_related(*Problem.TRACKED_SETS).in_bulk(ids)
    before = ProblemState.objects.current().filter(problem__in=ids).prefetch_related(*Problem.TRACKED_SETS)
    states = {state.problem_id: state for state in before}
    for problem in problems:
        share_ledger(problem, fresh[problem.pk])
        problem.status = Status.IN_PROGRESS
    opened = _next_states([fresh[pk] for pk in ids], states)
    return {
        pk: Begun({"changes": [changes[pk]]}, (fresh[pk], *filter(None, [states.get(pk)]), opened[pk]))
        for pk in ids
    }


def _next_states(problems: Sequence[Problem], states: dict[int, ProblemState]) -> dict[int, ProblemState]:
    """Each current state ends, and the next one begins with the values of today."""
    at = clock.now()
    for state in states.values():
        state.valid_to = max(at, state.valid_from + TICK)
    for moment in {state.valid_to for state in states.values()}:
        ended = [state.pk for state in states.values() if state.valid_to == moment]
        ProblemState.objects.filter(pk__in=ended).update(valid_to=moment)
    opened = []
    for problem in problems:
        values = tracked_values(problem)
        before = states.get(problem.pk)
        begins = (before and before.valid_to) or at
        opened.append(ProblemState(problem=problem, valid_from=begins, by_fact=True, **values))
    ProblemState.objects.bulk_create(opened)
    for name in Problem.TRACKED_SETS:
        _copy_set(name, problems, opened)
    return {state.problem_id: state for state in opened}


def _copy_set(name: str, problems: Sequence[Problem], states: Sequence[ProblemState]) -> None:
    field: Any = ProblemState._meta.get_field(name)
    through, owner, other = field.remote_field.through, field.m2m_field_name(), field.m2m_reverse_field_name()
    links = []
    for problem, state in zip(problems, states, strict=True):
        rows = list(getattr(problem, name).all())
        # The record reads the sets of a new row where they are at hand.
        vars(state).setdefault("_prefetched_objects_cache", {})[name] = rows
        links += [through(**{f"{owner}_id": state.pk, f"{other}_id": row.pk}) for row in rows]
    through.objects.bulk_create(links)

"""Problems as the working copy holds them: read for an export, and read again for the comparison."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from rectify.ledger.roundtrip.columns import FILLED, MERGED, SHOWN
from rectify.ledger.rows import CHUNK, ledger_rows
from rectify.models import Leader, Membership, Problem, ProgressNote, Report, Unit, User
from rectify.models.field_registry import FIELDS
from rectify.models.sets import read_sets
from rectify.roles import REPORTING
from rectify.wording import kind_words
from rectify.xlsx.values import normal

RELATED = ("report__unit", "aspect", "leader__unit", "lead_unit", "clerk")


@dataclass(slots=True)
class WorkingRow:
    """One problem: `cells` in the form in which they are compared; `open` may be filled in."""

    problem: Any  # models.Problem; its writer and its tests know only the rest
    code: str
    version: int
    cells: dict[str, str] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    reason: str = ""
    export: int | None = None  # of a row given back: the copy that it came from


class Names:
    """What units and leaders are called in a ledger, so that each name means one of them."""

    def __init__(self, report: Report) -> None:
        self.path = report.unit.path
        units = list(report.unit.subtree())
        leaders = Leader.objects.filter(unit__path__startswith=report.unit.path).select_related("unit")
        parents = {unit.path: unit.name for unit in units}
        self._units = _labelled(
            [(unit, unit.name, parents.get(unit.path[: -Unit.steplen], "")) for unit in units]
        )
        self._leaders = _labelled([(leader, leader.post, leader.unit.name) for leader in leaders])

    def unit(self, unit: Unit | None) -> str:
        return self._units.get(unit.pk, (unit, unit.name))[1] if unit else ""

    def leader(self, leader: Leader | None) -> str:
        return self._leaders.get(leader.pk, (leader, leader.post))[1] if leader else ""

    def find_unit(self, name: str) -> Unit | None:
        return next((unit for unit, label in self._units.values() if label == name and unit.active), None)

    def find_leader(self, name: str) -> Leader | None:
        return next((one for one, label in self._leaders.values() if label == name and one.active), None)

    @cached_property
    def _clerks(self) -> dict[int, tuple[User, str]]:
        people = {post.user_id: (post.user, post.user.name, post.unit.name) for post in self._posts}
        return _labelled(list(people.values()))

    @cached_property
    def _posts(self) -> list[Membership]:
        """Who may be the clerk of an item: the clerks and heads of the ledger's units."""
        posts = Membership.objects.filter(role__in=REPORTING, active=True, user__is_active=True)
        posts = posts.filter(unit__path__startswith=self.path).select_related("user", "unit")
        posts = posts.prefetch_related("user__memberships")  # who is named clerk is asked for them
        return list(posts.order_by("user__name", "user_id", "pk"))

    def clerk(self, user: User | None) -> str:
        return self._clerks.get(user.pk, (user, user.name))[1] if user else ""

    def find_clerk(self, name: str, units: set[int]) -> User | None:
        """The one of these units who is called so in the lists, or plainly."""
        here = {post.user_id for post in self._posts if post.unit_id in units}
        listed = [self._clerks[pk] for pk in here]
        for called in (lambda user, label: {label}, lambda user, label: {normal(user.name), user.label}):
            named = [user for user, label in listed if name in called(user, label)]
            if len(named) == 1:
                return named[0]
        return None

    @property
    def clerks_by_unit(self) -> dict[str, list[str]]:
        """What the cell of a clerk may hold, by the name of the unit."""
        offered: dict[str, list[str]] = {}
        for post in self._posts:
            names = offered.setdefault(self.unit(post.unit), [])
            if (label := self._clerks[post.user_id][1]) not in names:
                names.append(label)
        return offered

    @property
    def units(self) -> list[str]:
        return [label for unit, label in self._units.values() if unit.active]

    @property
    def leaders(self) -> list[str]:
        return [label for leader, label in self._leaders.values() if leader.active]


def _labelled(rows: list[tuple[Any, str, str]]) -> dict[int, tuple[Any, str]]:
    """Name, then name and place where several share it, then its number too."""
    once = Counter(normal(name) for _, name, _ in rows)
    twice = Counter((normal(name), place) for _, name, place in rows)
    labels = {}
    for row, name, place in rows:
        label = normal(name)
        if twice[label, place] > 1:
            label = f"{label}（{normal(place)} {row.pk}）"
        elif once[label] > 1:
            label = f"{label}（{normal(place)}）"
        labels[row.pk] = (row, label)
    return labels


def working_rows(
    problems: QuerySet[Problem], names: Names, *, opens: Any, today: dt.date, using: str
) -> list[WorkingRow]:
    """The problems in the order of the ledger; `opens(problem, act)` says what the exporter may fill in."""
    printed = {row.code: row for row in ledger_rows(problems, today=today, using=using)}
    found = {
        problem.code: problem
        for problem in problems.using(using)
        .filter(code__in=list(printed))
        .select_related(*RELATED)
        .prefetch_related("supporting_units")
    }
    rows = []
    for code, print_row in printed.items():
        problem = found[code]
        row = WorkingRow(problem, code, problem.version, stored_cells(problem, names))
        steps = [f"{n}. 【{m.kind}】{m.text}" for n, m in enumerate(print_row.measures, 1)]
        row.cells |= {
            "number": str(print_row.number),
            "code": code,
            "aspect": normal(print_row.aspect),
            "problem": normal(print_row.title),
            "manifestations": normal(print_row.manifestations),
            "measures": normal("\n".join(steps)),
            "completion": normal(print_row.completion),
            "latest": normal(print_row.progress),
        }
        allowed = {act for act in {column.act for column in MERGED} if opens(problem, act)}
        row.open = frozenset(column.key for column in MERGED if column.act in allowed)
        if problem.deadline:  # once set, it is moved by an extension alone
            row.open -= {"deadline"}
        rows.append(row)
    return rows


def stored_cells(problem: Problem, names: Names) -> dict[str, str]:
    """What the cells that can be filled in say today, in the form in which they are compared."""
    typed = [field.name for field in FIELDS if field.is_words and field.filled_width]
    words = {name: normal(getattr(problem, name)) for name in typed}
    return words | {
        "progress": "",
        "percent": "",
        "new_measures": "",
        "leader": names.leader(problem.leader),
        "lead_unit": names.unit(problem.lead_unit),
        "clerk": names.clerk(problem.clerk),
        "supporting_units": "、".join(names.unit(unit) for unit in _by_path(problem)),
        "kind": kind_words(problem.kind, problem.also_standing),
        "deadline": problem.deadline.isoformat() if problem.deadline else "",
    }


def _by_path(problem: Problem) -> list[Unit]:
    return sorted(problem.supporting_units.all(), key=lambda unit: unit.path)


def kept_rows(rows: Iterable[WorkingRow]) -> dict[str, Any]:
    """The base of the later comparison, by item code."""
    keys = [column.key for column in SHOWN if column.key not in ("number", "code")]
    return {
        row.code: {
            "version": row.version,
            "cells": {column.key: row.cells[column.key] for column in FILLED if not column.adds},
            "open": sorted(row.open),
            "shown": {key: short_digest(row.cells[key]) for key in keys},
        }
        for row in rows
    }


def short_digest(text: str) -> str:
    """Enough to see that a cell is no longer what left, without keeping what it said."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def standing(report: Report, codes: list[str], visible: QuerySet[Problem]) -> dict[str, Problem]:
    """The problems of these codes as they are today, as far as they may be seen."""
    found: dict[str, Problem] = {}
    for start in range(0, len(codes), CHUNK):
        chunk = visible.filter(report=report, code__in=codes[start : start + CHUNK])
        problems = list(chunk.prefetch_related("leader__unit", "lead_unit", "clerk"))
        read_sets(problems, ("supporting_units",))
        for problem in problems:
            problem.report = report
            found[problem.code] = problem
    return found


def notes_since(ids: list[int], since: dt.datetime) -> set[tuple[int, str, int | None]]:
    """What was reported since a copy left: problem, text, percent."""
    notes: set[tuple[int, str, int | None]] = set()
    for start in range(0, len(ids), CHUNK):
        found = ProgressNote.objects.filter(problem__in=ids[start : start + CHUNK], at__gte=since)
        rows = found.order_by().values_list("problem_id", "text", "percent")
        notes |= {(problem, normal(text), percent) for problem, text, percent in rows}
    return notes

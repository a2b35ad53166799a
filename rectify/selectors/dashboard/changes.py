"""What happened between two days, and what is due: each number with the condition that lists it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, Q, QuerySet, Value

from rectify.choices import Happened
from rectify.models.compiled import compiled
from rectify.selectors.dashboard.lasting import lasting
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.problem_changes import follow_up_due, happened

COMPARED = (Happened.ADDED, Happened.REMOVED, Happened.CHANGED)
EVENTS = (Happened.CLOSED, Happened.SLIPPED, Happened.EXTENDED, Happened.RETURNED)
LIT = "light="


@dataclass
class Changes:
    """Since the end of a day."""

    since: dt.date
    counts: Counter[str] = field(default_factory=Counter)
    lights: Counter[str] = field(default_factory=Counter)  # as of the end, where that was asked for

    def _said(self, names: Iterable[Happened]) -> list[tuple[str, str, int, str]]:
        return [(name.value, str(name.label), self.counts[name], self.query(name)) for name in names]

    def query(self, name: str) -> str:
        return f"happened={name}&since={self.since.isoformat()}"

    @property
    def compared(self) -> list[tuple[str, str, int, str]]:
        """(value, label, count, condition) of the legend: added, removed, changed."""
        return self._said(COMPARED)

    @property
    def events(self) -> list[tuple[str, str, int, str]]:
        return self._said(EVENTS)

    @property
    def happened(self) -> list[tuple[str, str, int, str]]:
        """Whatever happened at all, for a sentence."""
        return [row for row in self._said((*COMPARED[:2], *EVENTS, COMPARED[2])) if row[2]]

    @property
    def follow_ups(self) -> int:
        return self.counts["follow_up"]

    @property
    def lasting(self) -> tuple[int, int]:
        """Problems with a lasting result in place, and with one still to come."""
        return self.counts["lasting_done"], self.counts["lasting_open"]


def changes(
    scope: Scope,
    since: dt.date,
    names: Iterable[str] = (*COMPARED, *EVENTS),
    due: bool = True,
    lights: bool = False,
) -> Changes:
    """All of it from few queries; what is due only as of today."""
    found, asked, is_due = Changes(since), tuple(names), due and not scope.is_past
    key = scope.as_key("changes", since, asked, is_due, lights)
    for name, n in compiled(key, lambda: _asked(scope, since, asked, is_due, lights)):
        if name.startswith(LIT):
            found.lights[name.removeprefix(LIT)] = n
        else:
            found.counts[name] += n
    if is_due:
        found.counts.update({f"lasting_{status}": n for status, n in lasting(scope).items()})
    return found


def _asked(scope: Scope, since: dt.date, names: Iterable[str], is_due: bool, lights: bool) -> QuerySet:
    rules: dict[str, Q] = {name: happened(name, since, scope.day) for name in names}
    if is_due:
        rules["follow_up"] = follow_up_due(scope.day)
    rows = dict.fromkeys(rules, scope.present())
    rows[Happened.REMOVED] = scope.narrowed(scope.problems)
    parts = [_counted(rows[name], name, rule) for name, rule in rules.items()]
    if lights:
        lit = scope.rows().light_conditions(scope.day, scope.rules)
        parts += [_counted(scope.rows(), f"{LIT}{light}", rule) for light, rule in lit.items()]
    return parts[0].union(*parts[1:], all=True)


def _counted(rows: Any, name: str, rule: Q) -> Any:
    what = Value(str(name), output_field=CharField())
    return rows.filter(rule).order_by().annotate(what=what).values_list("what").annotate(n=Count("*"))

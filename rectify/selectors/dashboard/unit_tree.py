"""The counts of units rolled up along their tree: one row for each branch below the unit scope at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rectify.models import Unit
from rectify.models.compiled import compiled
from rectify.selectors.dashboard.tallies import Tally


@dataclass
class UnitRow:
    """A branch of the tree, or the unit itself, with what it counts and the condition that lists it."""

    tally: Tally
    query: str
    opens: int | None = None  # the unit to look at next, where there is more below it


@dataclass
class UnitTree:
    """Where one stands in the tree, and the branches below."""

    rows: list[UnitRow] = field(default_factory=list)
    crumbs: list[Unit] = field(default_factory=list)


def by_subtree(units: Iterable[Tally], unit: Unit | None) -> UnitTree:
    """Fold the counts of single units into branches; one query for the names of the branches."""
    units = list(units)
    paths = [one.path for one in units if one.path]
    base = unit.path if unit else _common(paths)
    branches: dict[str, list[Tally]] = {}
    for one in units:
        branches.setdefault(one.path[: len(base) + Unit.steplen] if one.path else "", []).append(one)
    wanted = {path for path in branches if path} | set(_above(unit.path if unit else ""))
    branch_key = ("branches", frozenset(wanted))
    found = compiled(branch_key, lambda: Unit.objects.filter(path__in=wanted)) if wanted else []
    named = {one.path: one for one in found}
    rows = [_row(branch, tallies, base, named) for branch, tallies in branches.items()]
    rows.sort(key=lambda row: (row.tally.key is None, -row.tally.overdue, -row.tally.yellow, row.tally.rank))
    crumbs = [named[path] for path in _above(unit.path if unit else "") if path in named]
    return UnitTree(rows, crumbs)


def _row(branch: str, tallies: list[Tally], base: str, named: dict[str, Unit]) -> UnitRow:
    if len(tallies) == 1 and (not branch or tallies[0].path == branch):
        return UnitRow(tallies[0], f"unit={tallies[0].param}")
    if branch == base:
        return UnitRow(tallies[0], f"unit={tallies[0].param}")
    head = named[branch]
    whole = Tally(head.pk, head.name, (branch,), path=branch)
    for one in tallies:
        whole.lights.update(one.lights)
        whole.stale += one.stale
    return UnitRow(whole, f"within={head.pk}", head.pk)


def _common(paths: list[str]) -> str:
    """The deepest unit that holds all of them."""
    if not paths:
        return ""
    first, last, length = min(paths), max(paths), 0
    while first[length : length + Unit.steplen] == last[length : length + Unit.steplen] and first[length:]:
        length += Unit.steplen
    return first[:length]


def _above(path: str) -> list[str]:
    return [path[:end] for end in range(Unit.steplen, len(path) + 1, Unit.steplen)]

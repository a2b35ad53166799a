"""Rows with a cell that could not be read: what is wrong with their other cells is told at once."""

from __future__ import annotations

from collections.abc import Iterable

from rectify.selectors.roster.people import Accounts, wrong_account
from rectify.selectors.roster.rows import LEADERS, PEOPLE, UNITS, Fault, HalfRow
from rectify.selectors.roster.tree import UP, Tree

PLACES = {UNITS: ("parent", UP), PEOPLE: ("unit", "单位"), LEADERS: ("unit", "所在单位")}


def refuse_units(rows: Iterable[HalfRow], tree: Tree) -> None:
    """Whoever names such a unit is sent to its row."""
    for half in rows:
        if half.sheet == UNITS and "name" in half.values:
            tree.refuse(half.values["name"], half.row)


def other_faults(rows: Iterable[HalfRow], tree: Tree, accounts: Accounts, faults: list[Fault]) -> None:
    for half in rows:
        key, heading = PLACES.get(half.sheet, ("", ""))
        if place := half.values.get(key):
            tree.place(place, half.sheet, half.row, heading, faults)
        if half.sheet == PEOPLE and (username := half.values.get("username")):
            faults += wrong_account(half.row, username, accounts)

"""A roster compared with what is there: what loading it would do, leaders and holidays included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from rectify.models import Holiday, User
from rectify.selectors.roster.half_rows import other_faults, refuse_units
from rectify.selectors.roster.leaders import Leaders, leader_steps
from rectify.selectors.roster.people import Accounts, account_steps, post_steps
from rectify.selectors.roster.rows import (
    HOLIDAYS,
    SHEETS,
    Fault,
    HolidayRow,
    Repeats,
    Roster,
)
from rectify.selectors.roster.steps import RosterPlan, Step, differences
from rectify.selectors.roster.tree import Tree, unit_steps


def make_plan(roster: Roster, by: User | None) -> RosterPlan:
    """What loading would do for this administrator (None: on the console); writes nothing."""
    plan = RosterPlan(faults=list(roster.faults))
    tree = Tree(by)
    refuse_units(roster.half_rows, tree)
    plan.units = unit_steps(roster.units, tree, plan.faults)
    names = {row.username for row in roster.people} | {row.username for row in roster.leaders}
    names |= {half.values.get("username", "") for half in roster.half_rows}
    accounts = Accounts(by, names - {""})
    plan.accounts = account_steps(roster.people, accounts, plan.faults)
    plan.posts = post_steps(roster.people, accounts, tree, plan.faults)
    known = Leaders(roster.people, plan.posts, accounts)
    plan.leaders = leader_steps(roster.leaders, known, tree, plan.faults)
    plan.holidays = _holiday_steps(roster.holidays, plan.faults)
    other_faults(roster.half_rows, tree, accounts, plan.faults)
    plan.faults.sort(key=lambda fault: (SHEETS.index(fault.sheet), fault.row))
    return plan


def _holiday_steps(rows: Iterable[HolidayRow], faults: list[Fault]) -> list[Step]:
    known = {one.day.isoformat(): one for one in Holiday.objects.all()}
    steps: list[Step] = []
    repeats = Repeats(HOLIDAYS, "日期", faults)
    for row in rows:
        if repeats.repeats(row.row, row.day, row.day):
            continue
        values = {"day": dt.date.fromisoformat(row.day), "name": row.name, "is_workday": row.is_workday}
        old = known.get(row.day)
        changes = differences(old, values, {"name": "名称", "is_workday": "调休上班"})
        steps.append(Step(HOLIDAYS, row.row, f"{row.day} {row.name}", old, values, changes))
    return steps

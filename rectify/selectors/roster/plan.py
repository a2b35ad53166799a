"""A roster compared with what is there: what loading it would do, leaders and holidays included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from rectify.choices import Role
from rectify.models import Holiday, Leader, User
from rectify.selectors.roster.people import Accounts, account_steps, post_steps
from rectify.selectors.roster.rows import HOLIDAYS, LEADERS, SHEETS, Fault, HolidayRow, LeaderRow, Roster
from rectify.selectors.roster.steps import Difference, RosterPlan, Step, UnitPlace, differences
from rectify.selectors.roster.tree import Tree, unit_steps


def make_plan(roster: Roster, by: User | None) -> RosterPlan:
    """What loading would do for this administrator (None: on the console); writes nothing."""
    plan = RosterPlan(faults=list(roster.faults))
    tree = Tree(by)
    plan.units = unit_steps(roster.units, tree, plan.faults)
    names = {row.username for row in roster.people} | {row.username for row in roster.leaders}
    accounts = Accounts(by, names - {""})
    plan.accounts = account_steps(roster.people, accounts, plan.faults)
    plan.posts = post_steps(roster.people, accounts, tree, plan.faults)
    plan.leaders = _leader_steps(roster.leaders, plan.posts, accounts, tree, plan.faults)
    plan.holidays = _holiday_steps(roster.holidays, plan.faults)
    plan.faults.sort(key=lambda fault: (SHEETS.index(fault.sheet), fault.row))
    return plan


def _leader_steps(
    rows: Iterable[LeaderRow], posts: list[Step], accounts: Accounts, tree: Tree, faults: list[Fault]
) -> list[Step]:
    leading = {one.username for one in posts if one.values["role"] == Role.LEADER and one.values["active"]}
    known = {(row.unit_id, row.post): row for row in Leader.objects.select_related("user").order_by("active")}
    taken = {row.user.username: row for row in known.values() if row.user}
    steps: list[Step] = []
    seen: dict[object, int] = {}
    for row in rows:
        place = tree.place(row.unit, LEADERS, row.row, "所在单位", faults)
        if place is None:
            continue
        old = known.get((place.unit.pk, row.post)) if place.unit else None
        keys: tuple[object, ...] = ((id(place), row.post), *([row.username] if row.username else []))
        if first := next((seen[key] for key in keys if key in seen), 0):
            faults.append(
                Fault(LEADERS, row.row, "姓名或职务", row.post, f"与第 {first} 行重复", "请删去其中一行")
            )
            continue
        seen |= dict.fromkeys(keys, row.row)
        if fault := _wrong_leader(row, old, leading, taken, accounts):
            faults.append(fault)
        steps.append(_leader_step(row, old, place))
    return [step for step in steps if not (step.is_new and not step.values["active"])]


def _leader_step(row: LeaderRow, old: Leader | None, place: UnitPlace) -> Step:
    values = {"post": row.post, "rank": row.rank, "active": row.active, "username": row.username}
    changes = differences(old, values, {"rank": "排序", "active": "在任"})
    if old is not None and row.username and row.username != (before := old.user.username if old.user else ""):
        changes.append(Difference("账号", before or "（空）", row.username))
    label = f"{row.post}（{place.words}）"
    return Step(LEADERS, row.row, label, old, values, changes, place, row.username)


def _wrong_leader(
    row: LeaderRow, old: Leader | None, leading: set[str], taken: dict[str, Leader], accounts: Accounts
) -> Fault | None:
    if not row.username or not row.active:
        return None
    user = accounts.find(row.username)
    there = Role.LEADER in (accounts.roles(row.username).values() if user else ())
    if row.username not in leading and not there:
        words = "这个账号没有“责任领导”任职，登录后看不到自己负责的事项"
        remedy = "请在“人员”表里给这个登录名加一行“责任领导”；没有账号的领导，账号一栏留空"
        return Fault(LEADERS, row.row, "账号（登录名）", row.username, words, remedy)
    other = taken.get(row.username)
    if other is not None and other != old:
        words = f"这个账号已经是“{other}”的账号"
        return Fault(
            LEADERS, row.row, "账号（登录名）", row.username, words, "一个账号只对应一位领导，请核对"
        )
    return None


def _holiday_steps(rows: Iterable[HolidayRow], faults: list[Fault]) -> list[Step]:
    known = {one.day.isoformat(): one for one in Holiday.objects.all()}
    steps: list[Step] = []
    seen: dict[str, int] = {}
    for row in rows:
        if first := seen.get(row.day):
            faults.append(Fault(HOLIDAYS, row.row, "日期", row.day, f"与第 {first} 行重复", "请删去其中一行"))
            continue
        seen[row.day] = row.row
        values = {"day": dt.date.fromisoformat(row.day), "name": row.name, "is_workday": row.is_workday}
        old = known.get(row.day)
        changes = differences(old, values, {"name": "名称", "is_workday": "调休上班"})
        steps.append(Step(HOLIDAYS, row.row, f"{row.day} {row.name}", old, values, changes))
    return steps

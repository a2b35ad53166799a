"""A roster compared with what is there: what loading it would do, leaders and holidays included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable

from rectify.choices import Role
from rectify.models import Holiday, Leader, User
from rectify.selectors.roster.half_rows import other_faults, refuse_units
from rectify.selectors.roster.people import Accounts, account_steps, post_steps
from rectify.selectors.roster.rows import (
    HOLIDAYS,
    LEADERS,
    SHEETS,
    Fault,
    HolidayRow,
    LeaderRow,
    Repeats,
    Roster,
)
from rectify.selectors.roster.steps import Difference, RosterPlan, Step, UnitPlace, differences
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
    plan.leaders = _leader_steps(roster.leaders, plan.posts, accounts, tree, plan.faults)
    plan.holidays = _holiday_steps(roster.holidays, plan.faults)
    other_faults(roster.half_rows, tree, accounts, plan.faults)
    plan.faults.sort(key=lambda fault: (SHEETS.index(fault.sheet), fault.row))
    return plan


def _leader_steps(
    rows: Iterable[LeaderRow], posts: list[Step], accounts: Accounts, tree: Tree, faults: list[Fault]
) -> list[Step]:
    known = _Leaders(posts, accounts)
    repeats = Repeats(LEADERS, "姓名或职务", faults)
    steps: list[Step] = []
    for row in rows:
        place = tree.place(row.unit, LEADERS, row.row, "所在单位", faults)
        keys: list[Hashable] = [(id(place), row.post), *filter(None, [row.username])]
        if place is None or repeats.repeats(row.row, row.post, *keys):
            continue
        old = known.find(row.post, place)
        if row.username and row.active:
            faults += known.wrong_account(row, old)
        steps.append(_leader_step(row, old, place))
    return [step for step in steps if step.old is not None or step.values["active"]]


class _Leaders:
    """The leaders that are there, and which accounts may be a leader's."""

    def __init__(self, posts: list[Step], accounts: Accounts) -> None:
        rows = Leader.objects.select_related("user").order_by("active")
        self._rows = {(row.unit_id, row.post): row for row in rows}
        self._of_account = {row.user.username: row for row in rows if row.user}
        leading = [one for one in posts if one.values["role"] == Role.LEADER and one.values["active"]]
        self._leading = {one.username for one in leading}
        self._accounts = accounts

    def find(self, post: str, place: UnitPlace) -> Leader | None:
        return self._rows.get((place.unit.pk, post)) if place.unit else None

    def wrong_account(self, row: LeaderRow, old: Leader | None) -> list[Fault]:
        """The account has not the post that opens the items, or is another leader's."""
        wrong = []
        if (
            row.username not in self._leading
            and Role.LEADER not in self._accounts.roles(row.username).values()
        ):
            words = "这个账号没有“责任领导”任职，登录后看不到自己负责的事项"
            remedy = "请在“人员”表里给这个登录名加一行“责任领导”；没有账号的领导，账号一栏留空"
            wrong.append((words, remedy))
        if (other := self._of_account.get(row.username)) not in (None, old):
            wrong.append((f"这个账号已经是“{other}”的账号", "一个账号只对应一位领导，请核对"))
        return [Fault(LEADERS, row.row, "账号（登录名）", row.username, *words) for words in wrong]


def _leader_step(row: LeaderRow, old: Leader | None, place: UnitPlace) -> Step:
    values = {"post": row.post, "rank": row.rank, "active": row.active, "username": row.username}
    changes = differences(old, values, {"rank": "排序", "active": "在任"})
    if old is not None and row.username and row.username != (before := old.user.username if old.user else ""):
        changes.append(Difference("账号", before or "（空）", row.username))
    label = f"{row.post}（{place.words}）"
    return Step(LEADERS, row.row, label, old, values, changes, place, row.username)


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

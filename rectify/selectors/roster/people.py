"""Accounts and posts of a roster: who is new, what changes, what excludes each other, what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from django.core.exceptions import ValidationError

from rectify.choices import DutyKind, Role
from rectify.models import DutyRequest, Membership, User
from rectify.models.duties import is_strict
from rectify.roles import WATCHING
from rectify.selectors.roster.apart import not_apart
from rectify.selectors.roster.rows import PEOPLE, Fault, PersonRow, Repeats
from rectify.selectors.roster.steps import Step, UnitPlace, differences
from rectify.selectors.roster.tree import Tree

OWN_POST = "本人的任职由另一位同志变更，不能自己改"


class Accounts:
    """The accounts that the sheet names, with the posts they hold and those that wait."""

    def __init__(self, by: User | None, usernames: set[str]) -> None:
        self.by = by
        known = User.objects.filter(username__in=usernames).prefetch_related("memberships__unit")
        self._users = {user.username: user for user in known}
        mine = User.objects.administered_by(by) if by else User.objects.all()
        self._mine = set(mine.filter(username__in=usernames).values_list("username", flat=True))
        waiting = DutyRequest.objects.waiting().filter(kind=DutyKind.POST, user__username__in=usernames)
        self._waiting = set(waiting.values_list("membership_id", flat=True))
        self._strict: dict[str, bool] = {}

    def find(self, username: str) -> User | None:
        return self._users.get(username)

    def is_out_of_reach(self, username: str) -> bool:
        return username in self._users and username not in self._mine

    def post(self, username: str, place: UnitPlace, role: str) -> Membership | None:
        user = self._users.get(username)
        posts = user.memberships.all() if user and place.unit else []
        unit = place.unit.pk if place.unit else None
        return next((one for one in posts if one.unit_id == unit and one.role == role), None)

    def waits(self, post: Membership | None) -> bool:
        return post is not None and post.pk in self._waiting

    def are_exclusive(self, place: UnitPlace) -> bool:
        """Whether duties exclude each other there; a new unit is as strict as the one above it."""
        there: UnitPlace | None = place
        while there is not None and there.unit is None:
            there = there.parent
        if there is None or there.unit is None:
            return True
        path = there.unit.path
        if path not in self._strict:
            self._strict[path] = is_strict(path)
        return self._strict[path]

    def roles(self, username: str) -> dict[int, str]:
        """By post: the roles in force or waiting."""
        user = self._users.get(username)
        posts = user.memberships.all() if user else []
        return {one.pk: one.role for one in posts if one.active or one.pk in self._waiting}


def account_steps(rows: Iterable[PersonRow], accounts: Accounts, faults: list[Fault]) -> list[Step]:
    """One step for each account, of all its rows."""
    of_account: dict[str, list[PersonRow]] = defaultdict(list)
    for row in rows:
        of_account[row.username].append(row)
    return [_account_step(mine, accounts, faults) for mine in of_account.values()]


def _account_step(rows: list[PersonRow], accounts: Accounts, faults: list[Fault]) -> Step:
    first, old = rows[0], accounts.find(rows[0].username)
    faults += wrong_account(first.row, first.username, accounts)
    for row in rows[1:]:
        faults += _not_one_person(first, row)
    values = {"name": first.name, "phone": next((row.phone for row in rows if row.phone), "")}
    changes = differences(old, values, {"name": "姓名或职务", "phone": "联系电话"})
    label = f"{first.name}（{first.username}）"
    return Step(PEOPLE, first.row, label, old, values, changes, username=first.username)


def _not_one_person(first: PersonRow, row: PersonRow) -> list[Fault]:
    """What two rows of one account say otherwise of the person."""
    wrong = []
    if row.name != first.name:
        words = f"与第 {first.row} 行的登录名相同，姓名却不同"
        wrong.append(Fault(PEOPLE, row.row, "登录名", row.username, words, "一人一个登录名，请核对"))
    if row.phone and first.phone and row.phone != first.phone:
        words = f"与第 {first.row} 行是同一个账号，电话却不同"
        wrong.append(Fault(PEOPLE, row.row, "联系电话", row.phone, words, "请核对，只在一行里填写也可以"))
    return wrong


def wrong_account(row: int, username: str, accounts: Accounts) -> list[Fault]:
    """Why this cannot be the login name of the row."""
    found = _why_not(username, accounts)
    return [Fault(PEOPLE, row, "登录名", username, *found)] if found else []


def _why_not(username: str, accounts: Accounts) -> tuple[str, str] | None:
    """Reason and remedy."""
    try:
        User.username_validator(username)
    except ValidationError:
        return "登录名只能用字母、数字和 @ . + - _ 这些符号", "请改正，例如用姓名的拼音"
    if accounts.is_out_of_reach(username):
        words = "这个登录名已经有人使用，或者这个账号不由您管理"
        return words, "请换一个登录名，或请上级系统管理员办理"
    if (old := accounts.find(username)) is not None and not old.is_active:
        return "这个账号已经停用", "请先在“管理—账号”里启用，或另选一人"
    return None


def post_steps(rows: Iterable[PersonRow], accounts: Accounts, tree: Tree, faults: list[Fault]) -> list[Step]:
    """One step for each post; the three that exclude each other are looked at over all of a person's."""
    of_person: dict[str, list[Step]] = defaultdict(list)
    repeats = Repeats(PEOPLE, "登录名", faults)
    named: dict[Hashable, PersonRow] = {}
    for row in rows:
        place = tree.place(row.unit, PEOPLE, row.row, "单位", faults)
        if place and not repeats.repeats(row.row, row.username, (row.username, id(place), row.role)):
            of_person[row.username].append(_post_step(row, place, accounts))
            faults += _named_twice(named.setdefault((row.name, id(place), row.role), row), row, accounts)
    for username, steps in of_person.items():
        faults += _wrong_posts(username, steps, accounts)
    steps = [step for mine in of_person.values() for step in mine]
    return [step for step in steps if step.old is not None or step.values["active"]]


def _named_twice(first: PersonRow, row: PersonRow, accounts: Accounts) -> list[Fault]:
    """A second account for what looks like the same person in the same post."""
    if row.username == first.username or (accounts.find(first.username) and accounts.find(row.username)):
        return []
    words = f"与第 {first.row} 行的姓名、单位、角色都相同，登录名却不同（{first.username}）"
    remedy = "同一个人请删去一行；确是两个人的，请在姓名后注明，例如 张三（一科）"
    return [Fault(PEOPLE, row.row, "姓名或职务", row.name, words, remedy)]


def _wrong_posts(username: str, steps: list[Step], accounts: Accounts) -> list[Fault]:
    if accounts.by and accounts.by.username == username:
        changing = [step for step in steps if not step.does_nothing]
        return [Fault(PEOPLE, one.row, "登录名", username, OWN_POST, "请删去这一行") for one in changing]
    return not_apart(steps, accounts.roles(username), accounts)


def _post_step(row: PersonRow, place: UnitPlace, accounts: Accounts) -> Step:
    old = accounts.post(row.username, place, row.role)
    values: dict[str, Any] = {"role": row.role, "active": row.active}
    changes = [] if accounts.waits(old) else differences(old, values, {"active": "在任"})
    starts = row.active and (old is None or bool(changes))
    second = starts and accounts.by is not None and row.role in WATCHING and accounts.are_exclusive(place)
    label = f"{row.name}（{row.username}）：{place.words} {Role(row.role).label}"
    return Step(PEOPLE, row.row, label, old, values, changes, place, row.username, second)

"""Accounts and posts of a roster: who is new, what changes, what excludes each other, what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from rectify.choices import DutyKind, Role
from rectify.models import DutyRequest, Membership, User
from rectify.models.duties import is_strict
from rectify.roles import WATCHING
from rectify.selectors.roster.rows import PEOPLE, Fault, PersonRow, Repeats
from rectify.selectors.roster.steps import Step, UnitPlace, differences
from rectify.selectors.roster.tree import Tree

APART = "三员分立：系统管理员、安全审计员和业务岗位不能由同一人担任"
OWN_POST = "本人的任职由另一位同志变更，不能自己改"


def duty_of(role: str) -> str:
    """Which of the three a post belongs to."""
    return role if role in (Role.SYSADMIN, Role.AUDITOR) else "business"


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

    def are_apart(self, place: UnitPlace) -> bool:
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
    """One step for each account, from the first of its rows."""
    steps: dict[str, Step] = {}
    for row in rows:
        if (first := steps.get(row.username)) is not None:
            if first.values["name"] != row.name:
                words = f"与第 {first.row} 行的登录名相同，姓名却不同"
                faults.append(Fault(PEOPLE, row.row, "登录名", row.username, words, "一人一个登录名，请核对"))
            continue
        old = accounts.find(row.username)
        faults += wrong_account(row.row, row.username, accounts)
        values = {"name": row.name, "phone": row.phone}
        changes = differences(old, values, {"name": "姓名或职务", "phone": "联系电话"})
        label = f"{row.name}（{row.username}）"
        steps[row.username] = Step(PEOPLE, row.row, label, old, values, changes, username=row.username)
    return list(steps.values())


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
    for row in rows:
        place = tree.place(row.unit, PEOPLE, row.row, "单位", faults)
        if place and not repeats.repeats(row.row, row.username, (row.username, id(place), row.role)):
            of_person[row.username].append(_post_step(row, place, accounts))
    for username, steps in of_person.items():
        faults += _wrong_posts(username, steps, accounts)
    steps = [step for mine in of_person.values() for step in mine]
    return [step for step in steps if step.old is not None or step.values["active"]]


def _wrong_posts(username: str, steps: list[Step], accounts: Accounts) -> list[Fault]:
    if accounts.by and accounts.by.username == username:
        changing = [step for step in steps if not step.does_nothing]
        return [Fault(PEOPLE, one.row, "登录名", username, OWN_POST, "请删去这一行") for one in changing]
    return [] if _are_apart(steps, accounts.roles(username), accounts) else [_not_apart(steps[-1])]


def _post_step(row: PersonRow, place: UnitPlace, accounts: Accounts) -> Step:
    old = accounts.post(row.username, place, row.role)
    values: dict[str, Any] = {"role": row.role, "active": row.active}
    changes = [] if accounts.waits(old) else differences(old, values, {"active": "在任"})
    starts = row.active and (old is None or bool(changes))
    second = starts and accounts.by is not None and row.role in WATCHING and accounts.are_apart(place)
    label = f"{row.name}（{row.username}）：{place.words} {Role(row.role).label}"
    return Step(PEOPLE, row.row, label, old, values, changes, place, row.username, second)


def _are_apart(steps: list[Step], held: dict[int, str], accounts: Accounts) -> bool:
    """Whether the posts of the sheet, with the others the person holds, are of one of the three kinds."""
    others = held.keys() - {step.old.pk for step in steps if step.old is not None}
    given = [
        step for step in steps if step.values["active"] and step.place and accounts.are_apart(step.place)
    ]
    duties = {duty_of(held[pk]) for pk in others} | {duty_of(step.values["role"]) for step in given}
    return not given or len(duties) < 2


def _not_apart(step: Step) -> Fault:
    role = str(Role(step.values["role"]).label)
    return Fault(PEOPLE, step.row, "角色", role, APART, "请另选一人，或先停用原来的任职")

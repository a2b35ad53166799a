"""Leaders of a roster: who is new, what changes, whose account is whose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rectify.choices import Role
from rectify.models import Leader
from rectify.selectors.roster.people import Accounts
from rectify.selectors.roster.rows import LEADERS, Fault, LeaderRow, PersonRow, Repeats
from rectify.selectors.roster.steps import Difference, Step, UnitPlace, differences
from rectify.selectors.roster.tree import Tree

ACCOUNT = "账号（登录名）"


def leader_steps(rows: Iterable[LeaderRow], known: Leaders, tree: Tree, faults: list[Fault]) -> list[Step]:
    posts = Repeats(LEADERS, "姓名或职务", faults)
    accounts = Repeats(LEADERS, ACCOUNT, faults, "是同一个账号", "一个账号只对应一位领导，请核对")
    steps: list[Step] = []
    for row in rows:
        place = tree.place(row.unit, LEADERS, row.row, "所在单位", faults)
        if place is None or posts.repeats(row.row, row.post, (id(place), row.post)):
            continue
        old = known.find(row.post, place)
        if row.username and row.active and not accounts.repeats(row.row, row.username, row.username):
            faults += known.wrong_account(row, old)
        steps.append(_leader_step(row, old, place))
    return [step for step in steps if step.old is not None or step.values["active"]]


class Leaders:
    """The leaders that are there, and which accounts may be a leader's."""

    def __init__(self, people: Iterable[PersonRow], posts: list[Step], accounts: Accounts) -> None:
        rows = Leader.objects.select_related("user").order_by("active")
        self._rows = {(row.unit_id, row.post): row for row in rows}
        self._of_account = {row.user.username: row for row in rows if row.user}
        self._posts = [one for one in posts if one.values["role"] == Role.LEADER]
        self._accounts = accounts
        self._name_of = {row.username: row.name for row in people}
        self._accounts_of: dict[str, set[str]] = defaultdict(set)
        for row in people:
            self._accounts_of[row.name].add(row.username)

    def find(self, post: str, place: UnitPlace) -> Leader | None:
        return self._rows.get((place.unit.pk, post)) if place.unit else None

    def wrong_account(self, row: LeaderRow, old: Leader | None) -> list[Fault]:
        """The account has not the post that opens the items, or is somebody else's."""
        wrong = []
        if not self._leads(row.username):
            words = "这个账号没有“责任领导”任职，登录后看不到自己负责的事项"
            remedy = "请在“人员”表里给这个登录名加一行“责任领导”；没有账号的领导，账号一栏留空"
            wrong.append((words, remedy))
        if (other := self._of_account.get(row.username)) not in (None, old):
            words = "一个账号只对应一位领导：请填本人的登录名，或先在“管理”里改掉那位领导的账号"
            wrong.append((f"这个账号已经是“{other}”的账号", words))
        elif other is None and (own := self._own_accounts(row)):
            words = f"这个账号是“{self._owner(row.username)}”的，不是“{row.post}”的"
            wrong.append((words, f"“人员”表里“{row.post}”的登录名是 {own}，请改正"))
        return [Fault(LEADERS, row.row, ACCOUNT, row.username, *words) for words in wrong]

    def _leads(self, username: str) -> bool:
        """Whether the account will have the post: by the sheet, or as it has now."""
        mine = [one for one in self._posts if one.username == username]
        named = {one.old.pk for one in mine if one.old is not None}
        held = self._accounts.roles(username)
        others = [role for pk, role in held.items() if pk not in named]
        return Role.LEADER in others or any(one.values["active"] for one in mine)

    def _own_accounts(self, row: LeaderRow) -> str:
        """The accounts of whoever has this name in the sheet, where the one that is given is none of them."""
        own = self._accounts_of.get(row.post, set())
        return "" if row.username in own else "、".join(sorted(own))

    def _owner(self, username: str) -> str:
        user = self._accounts.find(username)
        return self._name_of.get(username) or (user.name if user else "") or username


def _leader_step(row: LeaderRow, old: Leader | None, place: UnitPlace) -> Step:
    username = row.username if row.active else ""  # who leaves keeps the account that is on record
    values = {"post": row.post, "rank": row.rank, "active": row.active, "username": username}
    changes = differences(old, values, {"rank": "排序", "active": "在任"})
    if old is not None and username and username != (before := old.user.username if old.user else ""):
        changes.append(Difference("账号", before or "（空）", username))
    label = f"{row.post}（{place.words}）"
    return Step(LEADERS, row.row, label, old, values, changes, place, username)

"""Loading a roster: units, accounts, posts, leaders and holidays in one act, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action, DutyKind, Role
from rectify.errors import Incomplete, WrongState
from rectify.models import DutyRequest, Holiday, Leader, Membership, Notice, Unit, User
from rectify.notifications import outbox
from rectify.operations import recording
from rectify.operations.sign_in.sessions import end_sessions
from rectify.operations.staffing import duty_batches
from rectify.operations.staffing.left_behind import left_behind
from rectify.operations.staffing.slips import Slip, held, one_time_password, quickly_hashed
from rectify.selectors.roster.plan import make_plan
from rectify.selectors.roster.rows import Roster
from rectify.selectors.roster.steps import RosterPlan, Step

MOVED = "还没有写入：在您核对期间，系统里的单位或人员又有改动。下面是重新比对的结果，请核对后再次确认。"


@dataclass(frozen=True)
class Loaded:
    plan: RosterPlan
    slips: list[Slip]
    waiting: int  # acts that wait for a second person
    left: list[str]  # what those whose posts end still hold


def load(roster: Roster, *, by: User | None, digest: str, reason: str) -> Loaded:
    """Carry out what the person has looked at. Raises Incomplete for a sheet with faults, WrongState where
    the plan is another one by now; then nothing is written."""
    with transaction.atomic():
        chain.lock([None])
        recording.require(by, Action.LOAD_ROSTER)
        plan = make_plan(roster, by)
        if plan.faults:
            raise Incomplete(
                "没有写入任何内容，请先改正表里的错误。", [one.words for one in plan.faults], field="file"
            )
        if plan.digest != digest:
            raise WrongState(MOVED)
        if not plan.steps:
            return Loaded(plan, [], 0, [])
        loading = _Loading(by)
        loading.carry_out(plan)
        _enter(plan, loading, by, reason)
        if by is not None:
            duty_batches.ask_together(loading.to_confirm, by=by, reason=reason)
        return Loaded(plan, loading.slips, len(loading.to_confirm), loading.left)


class _Loading:
    """The steps in their order: a unit before its posts, an account before its leader."""

    def __init__(self, by: User | None) -> None:
        self.by = by
        self.slips: list[Slip] = []
        self.to_confirm: list[DutyRequest] = []
        self.left: list[str] = []
        self.notices: list[Notice] = []
        self._users: dict[str, User] = {}
        self._new: dict[str, tuple[User, str]] = {}
        self._posts: dict[str, list[Step]] = {}

    def carry_out(self, plan: RosterPlan) -> None:
        for step in plan.units:
            self._unit(step)
        for step in plan.posts:
            self._posts.setdefault(step.username, []).append(step)
        for step in plan.accounts:
            self._account(step)
        for step in plan.posts:
            self._post(step)
        for step in plan.leaders:
            self._leader(step)
        for step in plan.holidays:
            self._store(step, Holiday)
        for user, password in self._new.values():
            self.slips.append(self._slip(user, password))
        users = [user for user, _ in self._new.values()]
        self.to_confirm += held(users, by=self.by, kind=DutyKind.ACCOUNT)

    def _unit(self, step: Step) -> None:
        place = step.place
        if place is None or step.does_nothing:
            return
        if place.unit is not None:
            place.unit.short = place.short = step.values["short"]
            place.unit.save(update_fields=["short"])
            return
        values = {"name": place.name, "short": place.short}
        above = place.parent.unit if place.parent else None
        # Read anew: the tree counts the children in the row itself.
        parent = Unit.objects.get(pk=above.pk) if above else None
        place.unit = Unit.objects.add_child(parent, values) if parent else Unit.objects.add_root(values)

    def _account(self, step: Step) -> None:
        values = {key: value for key, value in step.values.items() if value}
        if not step.is_new:
            self._users[step.username] = _changed(step, values)
            return
        password = one_time_password()
        user = User(username=step.username, must_change_password=True, **values)
        user.password, user.password_set_at = quickly_hashed(password), clock.now()
        roles = {one.values["role"] for one in self._posts.get(step.username, ())}
        user.is_staff = bool(roles & {Role.SYSADMIN, Role.OFFICE})
        user.save()
        self._users[step.username] = user
        self._new[step.username] = user, password

    def _post(self, step: Step) -> None:
        if step.does_nothing or step.place is None or step.place.unit is None:
            return
        user, unit = self._users[step.username], step.place.unit
        post = step.old or Membership(user=user, unit=unit, role=step.values["role"])
        post.active = step.values["active"] and not step.second
        post.save()
        if step.username not in self._new:
            end_sessions(user)
        if step.second:
            self.to_confirm.append(DutyRequest(kind=DutyKind.POST, unit=unit, user=user, membership=post))
        if not step.values["active"]:
            self._ended(post)

    def _leader(self, step: Step) -> None:
        if step.does_nothing or step.place is None:
            return
        leader = step.old or Leader(post=step.values["post"], unit=step.place.unit)
        if step.values["rank"] is not None:
            leader.rank = step.values["rank"]
        if step.username:
            leader.user = self._users.get(step.username) or User.objects.get(username=step.username)
        leader.active = step.values["active"]
        leader.save()
        if not leader.active:
            self._ended(leader)

    def _store(self, step: Step, model: type[Holiday]) -> None:
        if not step.does_nothing:
            row = step.old or model()
            for name, value in step.values.items():
                setattr(row, name, value)
            row.save()

    def _ended(self, row: Membership | Leader) -> None:
        words, notices = left_behind(row)
        self.notices += notices
        if words:
            self.left.append(words)

    def _slip(self, user: User, password: str) -> Slip:
        posts = self._posts.get(user.username, [])
        unit = posts[0].place.words if posts and posts[0].place else ""
        roles = "、".join(dict.fromkeys(str(Role(one.values["role"]).label) for one in posts))
        return Slip(unit.rpartition("/")[2], user.name, user.username, password, roles)


def _changed(step: Step, values: dict[str, Any]) -> User:
    user: User = step.old
    if step.differences:
        for name, value in values.items():
            setattr(user, name, value)
        user.save(update_fields=list(values))
    return user


def _enter(plan: RosterPlan, loading: _Loading, by: User | None, reason: str) -> None:
    """One entry names every row that was written and says in words what each step did."""
    steps = plan.steps
    facts = {
        "words": plan.words,
        "new": [f"{one.sheet} {one.label}" for one in steps if one.is_new],
        "changed": [
            f"{one.sheet} {one.label}："
            + "，".join(f"{d.heading} {d.old} → {d.new}" for d in one.differences)
            for one in steps
            if not one.is_new
        ],
        "left": loading.left,
    }
    told = {"notices": outbox.summary(loading.notices)} if loading.notices else {}
    entry = chain.append_entry(
        by=by, act=Action.LOAD_ROSTER, report=None, target=None, label=plan.words[:120],
        payload={"facts": facts} | told, reason=reason,
    )  # fmt: skip
    outbox.post(loading.notices, entry)

"""Who is told: the accounts behind clerks, unit heads and leaders, or the office where there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rectify.choices import Role
from rectify.models import Addressee, DeliverySettings, Membership, Problem, User
from rectify.models.people import Unit

ROLES = (Role.OFFICE, Role.UNIT_HEAD, Role.CLERK)


@dataclass(frozen=True)
class Told:
    """A person to tell; `instead` says in words of whom, when that one has no account."""

    user_id: int
    instead: str = ""


@dataclass(frozen=True)
class Owners:
    """Who answers for an item, as far as a message needs to know."""

    clerk_id: int | None
    unit_id: int | None
    unit_name: str
    leader_name: str
    leader_user_id: int | None
    report_path: str

    @classmethod
    def of(cls, problem: Problem) -> Owners:
        unit, leader = problem.lead_unit, problem.leader
        known = vars(problem)  # where a list was read with its accounts
        clerk = known["clerk_account"] if "clerk_account" in known else _clerk_of(problem)
        return cls(
            clerk,
            problem.lead_unit_id,
            str(unit or ""),
            str(leader or ""),
            leader.account_id if leader else None,
            problem.report.unit.path,
        )


def _clerk_of(problem: Problem) -> int | None:
    """The clerk, as far as the item can be opened by that person."""
    if problem.clerk_id is None:
        return None
    rows = Problem.objects.filter(pk=problem.pk).with_accounts()
    return rows.values_list("clerk_account", flat=True).get()


class Directory:
    """The active accounts by post, read once: the number of queries does not follow the messages."""

    def __init__(self) -> None:
        self.posts: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.offices: dict[str, list[int]] = defaultdict(list)
        rows = Membership.objects.filter(active=True, user__is_active=True, role__in=ROLES)
        for role, unit, path, user in rows.order_by("id").values_list(
            "role", "unit_id", "unit__path", "user_id"
        ):
            self.posts[role, unit].append(user)
            if role == Role.OFFICE:
                self.offices[path].append(user)

    @cached_property
    def active(self) -> set[int]:
        return set(User.objects.filter(is_active=True).values_list("pk", flat=True))

    @cached_property
    def emails(self) -> dict[int, str]:
        return dict(User.objects.filter(is_active=True).exclude(email="").values_list("pk", "email"))

    def office(self, path: str, instead: str = "") -> list[Told]:
        """The nearest office at or above a unit."""
        for end in range(len(path), 0, -Unit.steplen):
            if found := self.offices.get(path[:end]):
                return [Told(user, instead) for user in found]
        return []

    def clerks(self, owners: Owners) -> list[Told]:
        """The clerk of the item; else those of its unit, its head, or the office."""
        if owners.clerk_id in self.active:
            return [Told(owners.clerk_id)]
        if owners.unit_id is None:
            return self.office(owners.report_path, "责任单位还没有明确，请先明确")
        found = self.posts.get((Role.CLERK, owners.unit_id)) or self.posts.get(
            (Role.UNIT_HEAD, owners.unit_id)
        )
        if found:
            return [Told(user) for user in found]
        return self.office(owners.report_path, f"{owners.unit_name}没有账号，请转告")

    def heads(self, owners: Owners) -> list[Told]:
        if owners.unit_id is None:
            return self.office(owners.report_path, "责任单位还没有明确，请先明确")
        if found := self.posts.get((Role.UNIT_HEAD, owners.unit_id)):
            return [Told(user) for user in found]
        return self.office(owners.report_path, f"{owners.unit_name}负责人没有账号，请转告")

    def leaders(self, owners: Owners) -> list[Told]:
        if owners.leader_user_id in self.active:
            return [Told(owners.leader_user_id)]
        named = f"责任领导{owners.leader_name}没有账号，请转告"
        return self.office(
            owners.report_path, named if owners.leader_name else "责任领导还没有明确，请先明确"
        )

    def addressed(self, addressee: Addressee) -> list[Told]:
        """Everybody who may sign for and answer a 督办单 of this addressee."""
        path = addressee.supervision.report.unit.path
        if addressee.leader is not None:
            if addressee.leader.account_id in self.active:
                return [Told(addressee.leader.account_id)]
            return self.office(path, f"{addressee}没有账号，请转告并代为签收")
        unit = addressee.unit_id or 0
        found = [*self.posts.get((Role.UNIT_HEAD, unit), []), *self.posts.get((Role.CLERK, unit), [])]
        if found:
            return [Told(user) for user in dict.fromkeys(found)]
        return self.office(path, f"{addressee}没有账号，请转告并代为签收")


def channels_of(reports: Iterable[int]) -> dict[int, DeliverySettings]:
    """How the messages of these ledgers leave the house; ledgers that keep them inside are left out."""
    return {row.report_id: row for row in DeliverySettings.objects.filter(report__in=set(reports))}

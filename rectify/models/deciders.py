"""Who decides a step of a reviewed application: one table, asked of one problem and as a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Exists, OuterRef, Q

from rectify.choices import Role, Step
from rectify.models.people import Membership, User, within
from rectify.models.report import Problem


@dataclass(frozen=True)
class Decider:
    """Whose step it is: the role of a post, and where the post must meet the problem."""

    role: str
    key: str  # what of a post
    field: str  # stands in which field of the problem
    subtree: bool = False  # or above what stands there


DECIDERS: dict[str, Decider] = {
    Step.CONFIRM: Decider(Role.UNIT_HEAD, "unit_id", "lead_unit_id"),
    Step.REVIEW: Decider(Role.OFFICE, "path", "report__unit__path", subtree=True),
    Step.SIGN: Decider(Role.LEADER, "user_id", "leader__user_id"),
}


class Key(NamedTuple):
    """What a post lets a person decide on, and for whom they stand in."""

    value: Any
    stands_for: int | None = None


def keys(user: User, step: str) -> list[Key]:
    """The keys of a person for a step: their own first. A leader is an account, not a post at a unit, and
    only while in office."""
    decider = DECIDERS[step]
    if decider.role == Role.LEADER:
        own = [user.pk] if user.has_role(Role.LEADER) and user.leader_id else []
    else:
        own = [getattr(post, decider.key) for post in user.posts if post.role == decider.role]
    deputed = [post for post in user.deputed if post.role == decider.role]
    if decider.role == Role.LEADER:
        deputed = [post for post in deputed if post.leader_id]
    return [*map(Key, own), *(Key(getattr(post, decider.key), post.user_id) for post in deputed)]


def key_to(user: User, step: str, problem: Problem) -> Key | None:
    """The key with which the person takes this step of an application of the problem."""
    decider = DECIDERS[step]
    value: Any = problem
    for name in decider.field.split("__"):
        value = getattr(value, name, None)
    for key in keys(user, step):
        if str(value).startswith(key.value) if decider.subtree else value == key.value:
            return key
    return None


def holds(user: User, step: str) -> Q:
    """The same of all applications: those whose step the person has a key to."""
    decider, values = DECIDERS[step], [key.value for key in keys(user, step)]
    field = f"problem__{decider.field}"
    return within(field, values) if decider.subtree else Q(**{f"{field}__in": values})


def paper_signer(step: str, problem: Problem) -> str:
    """Who signs on paper because no account could do it on the screen; empty when one could."""
    if step == Step.CONFIRM and problem.lead_unit and not heads_of(problem.lead_unit).exists():
        return f"{problem.lead_unit}负责人"
    leader = problem.leader if step == Step.SIGN else None
    if leader and leader.active and (leader.user is None or not leader.user.is_active):
        return leader.post
    return ""


def on_paper(user: User, step: str) -> Q:
    """The same of all applications: what the office registers for one who has no account."""
    runs = within("problem__report__unit__path", user.paths(Role.OFFICE))
    if step == Step.CONFIRM:
        nobody = ~Q(Exists(heads_of(OuterRef("problem__lead_unit"))))
        return runs & Q(problem__lead_unit__isnull=False) & nobody
    if step == Step.SIGN:
        runs &= Q(problem__leader__active=True)
        return runs & (Q(problem__leader__user__isnull=True) | Q(problem__leader__user__is_active=False))
    return Q(pk__in=[])


def heads_of(unit: Any) -> models.QuerySet[Membership]:
    """Accounts that head a unit."""
    return Membership.objects.filter(unit=unit, role=Role.UNIT_HEAD, active=True, user__is_active=True)

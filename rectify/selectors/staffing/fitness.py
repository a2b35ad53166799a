"""Who is fit for what: to stand in for somebody, and to hold a post of somebody who leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from rectify.choices import DutyKind, Role
from rectify.models import DutyRequest, Membership, Relaxation, User
from rectify.models.people import counties_of, within
from rectify.roles import DEPUTIES, SIGNERS

# The duties that no business post may be joined with in strict mode.
APART = (Role.SYSADMIN, Role.AUDITOR)


class StandInRules:
    """Who may stand in for some people, from a fixed number of queries.

    There must be something to sign; the stand-in works in the business of the county of each deciding post,
    and holds (or waits for) no duty that such a post excludes.
    """

    def __init__(self, absent: Iterable[User]) -> None:
        self.absent = list(absent)
        posts = Membership.objects.filter(active=True)
        theirs = posts.filter(user__in=self.absent, role__in=SIGNERS)
        self.deciding = _by_user(theirs)
        paths = {path for found in self.deciding.values() for path in found}
        self.counties = counties_of(paths)
        near = within("unit__path", sorted(set(self.counties.values())))
        self.business = _by_user(posts.filter(near, role__in=DEPUTIES, user__is_active=True))
        asked = DutyRequest.objects.waiting().filter(kind=DutyKind.POST, membership__role__in=APART)
        apart = User.objects.filter(
            Q(pk__in=asked.values("user")) | Q(pk__in=posts.filter(role__in=APART).values("user"))
        )
        self.apart = set(apart.values_list("pk", flat=True))
        relaxed = list(Relaxation.objects.in_force().values_list("unit__path", flat=True))
        self.strict = {path for path in paths if not any(path.startswith(one) for one in relaxed)}

    def why_not(self, absent: User, substitute: User) -> str:
        """A sentence; empty where the person may."""
        paths = self.deciding.get(absent.pk, [])
        if not substitute.is_active or not substitute.posts:
            return "代办人的账号已停用或没有任职，请另选一位。"
        if not paths:
            return f"{absent.label}没有确认、审核或签字的任职，不需要代办。"
        if not self._works_there(paths, substitute.pk):
            return f"{substitute.label}不在{absent.label}任职的县里办理业务，不能代办，请另选一位。"
        if substitute.pk in self.apart and self.strict & set(paths):
            return (
                f"{substitute.label}担任（或正申请担任）系统管理员、安全审计员，按三员分立不能代办业务，"
                "请另选一位。"
            )
        return ""

    def fit(self) -> set[int]:
        """The accounts that may stand in for at least one of them."""
        found = set()
        for absent in self.absent:
            paths = self.deciding.get(absent.pk, [])
            barred = self.apart if self.strict & set(paths) else set()
            able = {user for user in self.business if paths and self._works_there(paths, user)}
            found |= able - barred - {absent.pk}
        return found

    def _works_there(self, paths: list[str], user: int) -> bool:
        own = self.business.get(user, [])
        return all(any(mine.startswith(self.counties[path]) for mine in own) for path in paths)


def _by_user(posts: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for user, path in posts.values_list("user_id", "unit__path"):
        found[user].append(path)
    return dict(found)


def holders(unit_id: int, *roles: str) -> frozenset[int]:
    """The accounts that hold one of the roles at a unit."""
    posts = Membership.objects.filter(unit=unit_id, role__in=roles, active=True, user__is_active=True)
    return frozenset(posts.values_list("user_id", flat=True))


def officers_over(path: str) -> frozenset[int]:
    """The office at or above a unit."""
    above = [path[:end] for end in range(1, len(path) + 1)]
    posts = Membership.objects.filter(
        Q(unit__path__in=above), role=Role.OFFICE, active=True, user__is_active=True
    )
    return frozenset(posts.values_list("user_id", flat=True))

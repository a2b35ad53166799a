"""The people of the subtrees a person looks after: who they are, which posts they have, what they hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from rectify import clock
from rectify.choices import Role
from rectify.models import Leader, Membership, SecondFactor, StandIn, User
from rectify.models.people import within
from rectify.roles import ADMINISTRATORS
from rectify.selectors.staffing.holdings import Holding, holdings


@dataclass(frozen=True)
class PersonFacts:
    """One person as the office or the administrator above them sees them."""

    person: User
    posts: Sequence[Membership]
    leader: Leader | None
    stand_ins: Sequence[StandIn]
    held: Sequence[Holding]
    shows_codes: bool  # which items those are, told to those who may read them
    has_factor: bool

    @property
    def state(self) -> str:
        return state_of(self.person)


def persons(viewer: User, words: str = "") -> QuerySet[User]:
    """Accounts with a post, or a post that ended, in the viewer's subtrees; of the posts only those."""
    posts = _posts(viewer)
    people = User.objects.filter(Exists(posts.filter(user=OuterRef("pk"))))
    for word in words.split():
        named = Q(name__icontains=word) | Q(username__icontains=word) | Q(phone__icontains=word)
        at = Exists(posts.filter(user=OuterRef("pk"), unit__name__icontains=word))
        people = people.filter(named | at)
    shown = Prefetch("memberships", posts.select_related("unit").order_by("-active", "pk"), "shown_posts")
    return people.prefetch_related(shown).order_by("-is_active", "name", "pk")


def person_facts(viewer: User, person: User) -> PersonFacts:
    """`person` is one of `persons`."""
    paths = viewer.paths(*ADMINISTRATORS)
    leader = Leader.objects.filter(within("unit__path", paths), user=person).select_related("unit").first()
    return PersonFacts(
        person,
        person.shown_posts,  # type: ignore[attr-defined]
        leader,
        _stand_ins(person, paths, clock.today()),
        holdings(person, paths),
        viewer.has_role(Role.OFFICE),
        SecondFactor.objects.filter(user=person).exists(),
    )


def state_of(person: User) -> str:
    """Whether the account can be used, in words."""
    if not person.is_active:
        return "已停用"
    if person.last_login is None:
        return "还没有登录过"
    return "下次登录须换密码" if person.must_change_password else "在用"


def _posts(viewer: User) -> QuerySet[Membership]:
    return Membership.objects.filter(within("unit__path", viewer.paths(*ADMINISTRATORS)))


def _stand_ins(person: User, paths: list[str], today: dt.date) -> list[StandIn]:
    """In force or still to come, for a post in these subtrees."""
    rows = StandIn.objects.standing(today).filter(Q(absent=person) | Q(substitute=person))
    inside = rows.filter(within("absent__memberships__unit__path", paths)).distinct()
    return list(inside.select_related("absent", "substitute"))

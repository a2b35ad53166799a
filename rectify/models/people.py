"""People and units: accounts, the tree of units, roles held at a unit, leaders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.crypto import salted_hmac
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from rectify import clock
from rectify.addresses import address
from rectify.choices import Channel, Role
from rectify.models.compiled import compiled
from rectify.models.literal import Literal
from rectify.roles import DEPUTIES, HOLDERS, REPORTING, SIGNERS, WIDE


@dataclass(frozen=True)
class Post:
    """One role held at one unit."""

    role: str
    unit_id: int
    path: str
    unit_name: str


@dataclass(frozen=True)
class Deputed:
    """A post of somebody who is away, and for whom a person signs today."""

    user_id: int
    name: str
    role: str
    unit_id: int
    path: str
    leader_id: int | None


class AccountQuerySet(models.QuerySet["User"]):
    def administered_by(self, user: User) -> AccountQuerySet:
        """The accounts all of whose posts, those that ended too, lie in the subtree the person administers;
        one that never had a post belongs to whoever administers everything."""
        paths = user.paths(Role.SYSADMIN)
        if user.covers_all(paths):
            return self
        held = Membership.objects.filter(user=models.OuterRef("pk"))
        inside = within("unit__path", paths)
        return self.filter(models.Exists(held.filter(inside)), ~models.Exists(held.exclude(inside)))

    def working_at(self, units: Iterable[int]) -> AccountQuerySet:
        """Clerks and heads of these units."""
        posts = Membership.objects.filter(unit__in=set(units), role__in=REPORTING, active=True)
        return self.filter(pk__in=posts.values("user"), is_active=True)


class AccountManager(UserManager.from_queryset(AccountQuerySet)):  # type: ignore[misc]
    """Django's own, with our sets."""

    use_in_migrations = False


class User(AbstractUser):
    """An account. The name shown is by person or by post, as the office decides."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("姓名或职务", max_length=50)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    must_change_password = models.BooleanField("下次登录须修改密码", default=True)
    password_set_at = models.DateTimeField("设置密码的时间", null=True)
    # Part of every session's proof: counting it up ends all of them.
    session_round = models.PositiveIntegerField("登录轮次", default=0)

    REQUIRED_FIELDS = ["name"]

    objects = AccountManager()  # type: ignore[misc]

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="user_has_name")]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Of the password, as Django does, and of the round."""
        proof = f"{self.password} {self.session_round}"
        return salted_hmac("rectify.session", proof, secret=secret, algorithm="sha256").hexdigest()

    @property
    def password_is_old(self) -> bool:
        """Whether the installation sets an age for passwords, and this one has passed it."""
        days = settings.PASSWORD_MAX_DAYS
        oldest = clock.now() - dt.timedelta(days=days)
        return days > 0 and (self.password_set_at is None or self.password_set_at < oldest)

    @cached_property
    def _memberships(self) -> list[Membership]:
        """The posts of this person and of those they stand in for today; read once for a request."""
        today = clock.today()
        return compiled(("posts", today), lambda pk: _posts_of(pk, today), self.pk)

    @cached_property
    def posts(self) -> tuple[Post, ...]:
        """The roles this person holds now."""
        mine = (one for one in self._memberships if one.user_id == self.pk)
        return tuple(Post(one.role, one.unit_id, one.unit.path, one.unit.name) for one in mine)

    @cached_property
    def deputed(self) -> tuple[Deputed, ...]:
        """The deciding posts of those this person stands in for today, where the person is fit for them."""
        theirs = [one for one in self._memberships if one.user_id != self.pk and one.role in SIGNERS]
        return tuple(
            Deputed(one.user_id, one.user.name, one.role, one.unit_id, one.unit.path, _leader_of(one.user))
            for one in theirs
            if self.may_deputize(one.unit.path)
        )

    def may_deputize(self, path: str) -> bool:
        """Whether the person may sign for a post at this unit: with a business post in the same county."""
        own = self.paths(*DEPUTIES)
        return bool(own) and any(mine.startswith(county_of(path)) for mine in own)

    @cached_property
    def borders(self) -> list[str]:
        """The subtrees whose units and people one may know of: those of one's posts, or their county."""
        wide = self.paths(*WIDE) + [one.path for one in self.deputed if one.role == Role.OFFICE]
        narrow = set(self.paths(*HOLDERS))
        return sorted({*wide, *(county_of(path) for path in narrow)})

    @cached_property
    def leader_id(self) -> int | None:
        """The leader this person is, while they hold a post."""
        return next((_leader_of(one.user) for one in self._memberships if one.user_id == self.pk), None)

    @cached_property
    def unread(self) -> int:
        """Messages not read when the request began to ask."""
        return self.unread_notices.count()

    @property
    def unread_notices(self) -> models.QuerySet:
        return self.notices.filter(channel=Literal(Channel.INBOX), read_at__isnull=True)

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(post.role for post in self.posts)

    def unit_ids(self, *roles: str) -> list[int]:
        return [post.unit_id for post in self.posts if post.role in roles]

    def paths(self, *roles: str) -> list[str]:
        return [post.path for post in self.posts if post.role in roles]

    def covers_all(self, paths: list[str]) -> bool:
        """Whether these subtrees hold every unit there is; asked once for a request."""
        return any(len(path) == Unit.steplen for path in paths) and self._roots <= set(paths)

    @cached_property
    def _roots(self) -> frozenset[str]:
        tops = compiled("roots", lambda: Unit.objects.filter(depth=1).values_list("path", flat=True))
        return frozenset(tops)

    @cached_property
    def scope(self) -> tuple[Hashable, ...]:
        """All of a person that decides what they see and may do, as part of the key of a compiled query."""
        paths = [post.path for post in self.posts] + [post.path for post in self.deputed]
        tops = any(len(path) == Unit.steplen for path in paths)
        everything = self._roots if tops else None
        return self.pk, self.is_active, self.posts, self.deputed, self.leader_id, everything

    @property
    def scope_and_borders(self) -> tuple[Hashable, ...]:
        """The same for a query that asks for the units or leaders a person may know of."""
        return self.scope, tuple(self.borders)

    def has_role(self, *roles: str) -> bool:
        return bool(self.roles.intersection(roles))

    def may_clerk(self, units: set[int]) -> bool:
        """Whether the person may be the clerk of an item that these units answer for or support."""
        return self.is_active and any(
            post.active and post.unit_id in units and post.role in REPORTING
            for post in self.memberships.all()
        )

    @property
    def label(self) -> str:
        """县发改局 经办人: who this is, for lists and the record."""
        unit = self.posts[0].unit_name if self.posts else ""
        return self.name if not unit or self.name.startswith(unit) else f"{unit} {self.name}"


def _posts_of(user: int, today: dt.date) -> models.QuerySet[Membership]:
    stands_in = User(pk=user).stands_in
    away = stands_in.filter(ended_at__isnull=True, starts_on__lte=today, ends_on__gte=today)
    whose = models.Q(user=user) | models.Q(user__in=away.values("absent"))
    rows = Membership.objects.filter(whose, active=True).select_related("unit", "user__leader")
    return rows.order_by("id")


def _leader_of(user: User) -> int | None:
    """The leader that this account is, while in office."""
    leader = getattr(user, "leader", None)
    return leader.pk if leader and leader.active else None


def county_of(path: str) -> str:
    """The path of the county a unit lies in: the nearest unit at or above it that has, or had, an office;
    without one the root."""
    return counties_of([path])[path]


def counties_of(paths: Iterable[str]) -> dict[str, str]:
    """The same of many, in one query."""
    above = {path: [path[:end] for end in range(Unit.steplen, len(path) + 1, Unit.steplen)] for path in paths}
    every = {one for found in above.values() for one in found}
    posts = Membership.objects.filter(role=Role.OFFICE, unit__path__in=every)
    offices = set(compiled(("offices", frozenset(every)), lambda: posts.values_list("unit__path", flat=True)))
    return {
        path: max(offices.intersection(found), key=len, default=path[: Unit.steplen])
        for path, found in above.items()
    }


def within(field: str, paths: list[str]) -> models.Q:
    """Rows whose unit's path (at `field`) lies in one of the subtrees; none for no path. Said by bounds:
    SQLite would plan a LIKE anew each time it is asked, since its plan hangs on the pattern."""
    query = models.Q(pk__in=[])
    for path in paths:
        bounds = {f"{field}__gte": path} | ({f"{field}__lt": _behind(path)} if path else {})  # "" is all
        query |= models.Q(**bounds)
    return query


def _behind(path: str) -> str:
    """The first path that lies behind the subtree."""
    shorter = path.rstrip(MP_Node.alphabet[-1])
    place = MP_Node.alphabet.index(shorter[-1])
    return shorter[:-1] + MP_Node.alphabet[place + 1]


class UnitQuerySet(MP_NodeQuerySet):
    def visible_to(self, user: User) -> UnitQuerySet:
        """The county is the border."""
        return self.filter(within("path", user.borders))


class UnitManager(MP_NodeManager.from_queryset(UnitQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> UnitQuerySet:
        return UnitQuerySet(self.model, using=self._db).order_by("path")


class Unit(MP_Node):
    """A node of the tree 市 > 县 > 部门、乡镇."""

    name = models.CharField("单位名称", max_length=100)
    short = models.CharField("简称", max_length=30, blank=True)
    active = models.BooleanField("在用", default=True)

    objects = UnitManager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="unit_has_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        return self.short or self.name

    def subtree(self) -> UnitQuerySet:
        """This unit and all below it."""
        return Unit.objects.filter(within("path", [self.path]))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def administered_by(self, user: User) -> MembershipQuerySet:
        return self.filter(within("unit__path", user.paths(Role.SYSADMIN)))


class Membership(models.Model):
    """A role a person holds at a unit; ended, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="账号")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships", verbose_name="单位")
    role = models.CharField("角色", max_length=20, choices=Role)
    active = models.BooleanField("在任", default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            models.UniqueConstraint(fields=["user", "unit", "role"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_role_display()}"


class LeaderQuerySet(models.QuerySet["Leader"]):
    def visible_to(self, user: User) -> LeaderQuerySet:
        return self.filter(within("unit__path", user.borders))

    def active(self) -> LeaderQuerySet:
        return self.filter(active=True)

    def able(self) -> LeaderQuerySet:
        """Those who can be named on an item: in office, and with the post that opens it where they have an
        account (the others sign on paper)."""
        posts = Membership.objects.filter(user=models.OuterRef("user"), role=Role.LEADER, active=True)
        paper = models.Q(user__isnull=True) | models.Q(user__is_active=False)
        return self.active().filter(paper | models.Exists(posts))


class Leader(models.Model):
    """The one leader who can own a problem; may or may not have an account."""

    post = models.CharField("姓名或职务", max_length=50)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="leaders", verbose_name="所在单位")
    user = models.OneToOneField(
        User, models.PROTECT, null=True, blank=True, related_name="leader", verbose_name="账号（可无）"
    )
    rank = models.PositiveSmallIntegerField("排序", default=100)
    active = models.BooleanField("在任", default=True)

    objects = LeaderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任领导"
        ordering = ["rank", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(post=""), name="leader_has_post"),
            models.UniqueConstraint(
                fields=["unit", "post"], condition=models.Q(active=True), name="leader_post_once"
            ),
        ]

    def __str__(self) -> str:
        return self.post

    def get_absolute_url(self) -> str:
        return f"{address('problems')}?leader={self.pk}"

    @property
    def is_able(self) -> bool:
        """What `able` asks of many."""
        on_paper = self.user is None or not self.user.is_active
        return self.active and (on_paper or self.user.has_role(Role.LEADER))  # type: ignore[union-attr]

    @property
    def account_id(self) -> int | None:
        """The account that acts as this leader: none once the leader has left office."""
        return self.user_id if self.active else None

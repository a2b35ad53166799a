"""People and units: accounts, the tree of units, roles held at a unit, leaders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.urls import reverse
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from rectify import clock
from rectify.choices import Channel, Role

DECIDING_ROLES = (Role.UNIT_HEAD, Role.OFFICE, Role.LEADER)


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


class User(AbstractUser):
    """An account. The name shown is by person or by post, as the office decides."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("姓名或职务", max_length=50)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    must_change_password = models.BooleanField("下次登录须修改密码", default=True)

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="user_has_name")]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @cached_property
    def _memberships(self) -> list[Membership]:
        """The posts of this person and of those they stand in for today; read once for a request."""
        today = clock.today()
        away = self.stands_in.filter(ended_at__isnull=True, starts_on__lte=today, ends_on__gte=today)
        whose = models.Q(user=self) | models.Q(user__in=away.values("absent"))
        rows = Membership.objects.filter(whose, active=True).select_related("unit", "user__leader")
        return list(rows.order_by("id"))

    @cached_property
    def posts(self) -> tuple[Post, ...]:
        """The roles this person holds now."""
        mine = (one for one in self._memberships if one.user_id == self.pk)
        return tuple(Post(one.role, one.unit_id, one.unit.path, one.unit.name) for one in mine)

    @cached_property
    def deputed(self) -> tuple[Deputed, ...]:
        """The deciding posts of those this person stands in for today."""
        theirs = (one for one in self._memberships if one.user_id != self.pk and one.role in DECIDING_ROLES)
        return tuple(
            Deputed(one.user_id, one.user.name, one.role, one.unit_id, one.unit.path, _leader_of(one.user))
            for one in theirs
        )

    @cached_property
    def leader_id(self) -> int | None:
        """The leader this person is, while they hold a post."""
        return next((_leader_of(one.user) for one in self._memberships if one.user_id == self.pk), None)

    @cached_property
    def unread(self) -> int:
        """Messages not read when the request began to ask."""
        return self.notices.filter(channel=Channel.INBOX, read_at__isnull=True).count()

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
        return frozenset(Unit.objects.filter(depth=1).values_list("path", flat=True))

    def has_role(self, *roles: str) -> bool:
        return bool(self.roles.intersection(roles))

    @property
    def label(self) -> str:
        """县发改局 经办人: who this is, for lists and the record."""
        unit = self.posts[0].unit_name if self.posts else ""
        return self.name if not unit or self.name.startswith(unit) else f"{unit} {self.name}"


def _leader_of(user: User) -> int | None:
    leader = getattr(user, "leader", None)
    return leader.pk if leader else None


def within(field: str, paths: list[str]) -> models.Q:
    """Rows whose unit's path (at `field`) lies in one of the subtrees; none for no path."""
    query = models.Q(pk__in=[])
    for path in paths:
        query |= models.Q(**{f"{field}__startswith": path})
    return query


class UnitQuerySet(MP_NodeQuerySet):
    def visible_to(self, user: User) -> UnitQuerySet:
        """System administrators keep all units; the others see the trees their posts lie in."""
        if user.has_role(Role.SYSADMIN):
            return self
        roots = sorted({post.path[: Unit.steplen] for post in user.posts})
        return self.filter(within("path", roots))


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
        return Unit.objects.filter(path__startswith=self.path)


class Membership(models.Model):
    """A role a person holds at a unit; ended, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="账号")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships", verbose_name="单位")
    role = models.CharField("角色", max_length=20, choices=Role)
    active = models.BooleanField("在任", default=True)

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
        if user.has_role(Role.SYSADMIN):
            return self
        roots = sorted({post.path[: Unit.steplen] for post in user.posts})
        return self.filter(within("unit__path", roots))

    def active(self) -> LeaderQuerySet:
        return self.filter(active=True)


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
        return f"{reverse('problems')}?leader={self.pk}"

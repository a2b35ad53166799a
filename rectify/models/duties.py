"""Separation of duties: what waits for a second person, and where an office has switched it off."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Substr

from rectify.choices import DutyKind, DutyStatus
from rectify.models.people import Membership, Unit, User, within
from rectify.roles import DUTY_READERS, WATCHING

# So many days a request waits for its second person; then it is void, and whoever still wants it asks anew.
WAITS = dt.timedelta(days=14)


class DutyRequestQuerySet(models.QuerySet["DutyRequest"]):
    def visible_to(self, user: User) -> DutyRequestQuerySet:
        """The office, the auditor and the administrator at or above the unit it is about."""
        return self.filter(within("unit__path", user.paths(*WATCHING)))

    def waiting(self) -> DutyRequestQuerySet:
        return self.filter(status=DutyStatus.WAITING)

    def together_with(self, duty: DutyRequest) -> DutyRequestQuerySet:
        """What waits of all that one person asked for in one act."""
        return self.waiting().filter(requested_by=duty.requested_by_id, requested_at=duty.requested_at)

    def overdue(self, now: dt.datetime) -> DutyRequestQuerySet:
        """Those nobody has agreed to in time."""
        return self.waiting().filter(requested_at__lt=now - WAITS)

    def blocking(self) -> DutyRequestQuerySet:
        """Those that keep the account from signing in."""
        return self.waiting().filter(kind__in=(DutyKind.ACCOUNT, DutyKind.PASSWORD))


class DutyRequest(models.Model):
    """An act of one of the three that works only after another of them has agreed."""

    kind = models.CharField("事项", max_length=10, choices=DutyKind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    user = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="duty_requests", verbose_name="账号"
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name="任职"
    )
    moved = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="要调整的单位")
    target = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="调整到")
    reason = models.CharField("理由", max_length=500)
    status = models.CharField("状态", max_length=10, choices=DutyStatus, default=DutyStatus.WAITING)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    decided_at = models.DateTimeField("确认时间", null=True)

    objects = DutyRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待第二人确认的事项"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("requested_by")),
                name="duty_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(user__isnull=True) | ~Q(decided_by=models.F("user")),
                name="duty_not_for_oneself",
            ),
            models.CheckConstraint(condition=Q(kind__in=DutyKind.values), name="duty_kind_known"),
            models.CheckConstraint(condition=Q(status__in=DutyStatus.values), name="duty_status_known"),
        ]

    def __str__(self) -> str:
        if self.moved:
            return f"{self.get_kind_display()}：{self.moved} → {self.target}"
        subject = self.membership or self.user or self.unit
        named = f"{self.user} " if self.membership else ""
        return f"{self.get_kind_display()}：{named}{subject}"


class RelaxationQuerySet(models.QuerySet["Relaxation"]):
    def in_force(self) -> RelaxationQuerySet:
        return self.filter(ended_at__isnull=True)

    def over(self, path: str) -> RelaxationQuerySet:
        """Those that reach a unit: given for it or for one above it."""
        rows = self.in_force().annotate(head=Substr(models.Value(path), 1, Length("unit__path")))
        return rows.filter(unit__path=models.F("head"))

    def known_to(self, user: User) -> RelaxationQuerySet:
        """Those of the subtrees a person watches or inspects, and those that reach them from above."""
        paths = user.paths(*DUTY_READERS)
        above = {path[:end] for path in paths for end in range(Unit.steplen, len(path), Unit.steplen)}
        return self.filter(within("unit__path", paths) | Q(unit__path__in=above))


class Relaxation(models.Model):
    """三员分立 is switched off for a unit and all below it: since when, why, by whom."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    reason = models.CharField("理由", max_length=500)
    since = models.DateTimeField("关闭时间")
    by_label = models.CharField("办理人（当时）", max_length=200)
    ended_at = models.DateTimeField("恢复时间", null=True)

    objects = RelaxationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "三员分立的关闭"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(ended_at__isnull=True), name="relaxed_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="relaxed_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}已关闭三员分立"


def is_strict(path: str) -> bool:
    """Whether duties exclude each other at a unit: the default."""
    return not Relaxation.objects.over(path).exists()

"""Stand-ins: who signs for somebody who is away."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q

from rectify.choices import Role
from rectify.models.people import User, within


class StandInQuerySet(models.QuerySet["StandIn"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of the people of the units whose ledgers one runs."""
        run = within("absent__memberships__unit__path", user.paths(Role.OFFICE))
        return self.filter(Q(absent=user) | Q(substitute=user) | run).distinct()

    def in_force(self, day: dt.date) -> Self:
        return self.filter(ended_at__isnull=True, starts_on__lte=day, ends_on__gte=day)

    def standing(self, day: dt.date) -> Self:
        """In force or still to come."""
        return self.filter(ended_at__isnull=True, ends_on__gte=day)


class StandIn(models.Model):
    """Who signs for somebody who is away, and how long."""

    absent = models.ForeignKey(User, models.PROTECT, related_name="stand_ins", verbose_name="外出人员")
    substitute = models.ForeignKey(User, models.PROTECT, related_name="stands_in", verbose_name="代办人")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    reason = models.CharField("理由", max_length=200)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="指定人")
    named_at = models.DateTimeField("指定时间")
    ended_at = models.DateTimeField("提前结束时间", null=True)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代办"
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(absent=F("substitute")), name="standin_by_another"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="standin_period_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.substitute}代{self.absent}"

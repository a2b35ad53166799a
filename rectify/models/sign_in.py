"""Signing in: the second factor and its recovery codes, former passwords, and what became of attempts."""

from __future__ import annotations

import hashlib

from django.db import models
from django.db.models import Q

from rectify.choices import Role, SignInOutcome
from rectify.models.people import Membership, User, within


class SecondFactor(models.Model):
    """The secret that a person's telephone makes one-time codes of (RFC 6238)."""

    user = models.OneToOneField(User, models.PROTECT, related_name="second_factor", verbose_name="账号")
    secret = models.CharField("密钥", max_length=64)
    since = models.DateTimeField("启用时间")
    # The newest half minute whose code was accepted: none is accepted twice, nor an earlier one after it.
    last_step = models.PositiveBigIntegerField("最近一次口令", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "动态口令"
        constraints = [models.CheckConstraint(condition=~Q(secret=""), name="factor_has_secret")]

    def __str__(self) -> str:
        return f"{self.user} 的动态口令"


class RecoveryCode(models.Model):
    """A code on paper that replaces the telephone once; only its digest is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="recovery_codes", verbose_name="账号")
    digest = models.CharField("摘要", max_length=64)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "恢复码"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.user} 的恢复码"


class CalendarFeed(models.Model):
    """The address under which a person's deadlines are read without signing in; only its digest is kept."""

    user = models.OneToOneField(User, models.PROTECT, related_name="calendar_feed", verbose_name="账号")
    digest = models.CharField("摘要", max_length=64, unique=True)
    since = models.DateTimeField("启用时间")

    class Meta:
        verbose_name = verbose_name_plural = "时限日历"

    def __str__(self) -> str:
        return f"{self.user} 的时限日历"

    @staticmethod
    def digest_of(token: str) -> str:
        """Plain: nobody tries all of 256 bits."""
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class FormerPassword(models.Model):
    """The hash of a password a person had before, which must not come back."""

    user = models.ForeignKey(User, models.PROTECT, related_name="former_passwords", verbose_name="账号")
    password = models.CharField("密码摘要", max_length=128)
    replaced_at = models.DateTimeField("更换时间")

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user} 用过的密码"


class SignInAttemptQuerySet(models.QuerySet["SignInAttempt"]):
    def visible_to(self, user: User) -> SignInAttemptQuerySet:
        """The auditor: accounts of the own subtree, and names that nobody has."""
        paths = user.paths(Role.AUDITOR)
        if not paths:
            return self.none()
        if user.covers_all(paths):
            return self
        mine = Membership.objects.filter(within("unit__path", paths)).values("user")
        return self.filter(Q(user__isnull=True) | Q(user__in=mine))

    def failed(self) -> SignInAttemptQuerySet:
        return self.exclude(outcome=SignInOutcome.SUCCESS)


class SignInAttempt(models.Model):
    """Attempts of one account from one address within an hour, with one outcome.

    A name that no account has is not kept: people type their password into the wrong field.
    """

    user = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="sign_in_attempts", verbose_name="账号"
    )
    address = models.CharField("来源地址", max_length=45, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=SignInOutcome)
    count = models.PositiveIntegerField("次数", default=1)
    first_at = models.DateTimeField("首次时间")
    last_at = models.DateTimeField("最近时间", db_index=True)

    objects = SignInAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "登录记录"
        ordering = ["-last_at", "-id"]
        indexes = [models.Index(fields=["user", "outcome", "-last_at"], name="sign_in_of_account")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=SignInOutcome.values), name="sign_in_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or '不存在的用户名'} {self.get_outcome_display()}"

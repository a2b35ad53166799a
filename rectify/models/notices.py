"""Messages: the outbox, each attempt to deliver, what was reminded of already, and the office's channels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from rectify import clock
from rectify.choices import Channel, NoticeKind, NoticeState, Robot
from rectify.digests import canonical, digest_of
from rectify.hand_overs import TO_READ
from rectify.models.audit import AuditEntry
from rectify.models.literal import Literal
from rectify.models.people import User
from rectify.models.report import Problem, Report

TEXT_MAX = 500
FAILED_DAYS = 7
DEFAULT_TEMPLATE = '{"msgtype": "text", "text": {"content": "{text}"}}'


class NoticeQuerySet(models.QuerySet["Notice"]):
    def inbox_of(self, user: User) -> Self:
        return self.filter(user=user, channel=Literal(Channel.INBOX))

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def since_yesterday(self) -> Self:
        return self.filter(at__gte=clock.start_of(clock.today() - dt.timedelta(days=1)))

    def to_know(self, user: User) -> Self:
        """What a person should know of and has not read, without what waits as work besides."""
        return self.inbox_of(user).unread().filter(kind__in=TO_READ).order_by("-id")

    def undelivered(self, report: Report) -> Self:
        """What was given up lately, the newest first: of this ledger, or of several at once and meant for
        its people."""
        since = clock.now() - dt.timedelta(days=FAILED_DAYS)
        failed = self._meant_for(report).filter(state=NoticeState.FAILED, at__gte=since)
        return failed.distinct().order_by("-id")

    def retrying(self, report: Report) -> Self:
        """What failed and is tried again by itself."""
        return self._meant_for(report).filter(state=NoticeState.PENDING, tries__isnull=False).distinct()

    def _meant_for(self, report: Report) -> Self:
        theirs = Q(report=report)
        return self.filter(
            theirs | Q(report=None, user__memberships__unit__path__startswith=report.unit.path)
        )

    def due(self, now: dt.datetime) -> Self:
        """What waits to be delivered, the oldest first."""
        waiting = self.filter(state=NoticeState.PENDING, next_try_at__lte=now)
        return waiting.order_by("next_try_at", "id")


class Notice(models.Model):
    """One message through one channel, written with its act and delivered later.

    Texts name items by their code; `items` holds ids and words, so that a title is always today's.
    """

    entry = models.ForeignKey(AuditEntry, models.PROTECT, related_name="notices", verbose_name="审计记录")
    user = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="notices", verbose_name="收件人（空为群机器人）"
    )
    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="+", verbose_name="台账")
    day = models.DateField("日期")
    at = models.DateTimeField("时间")
    kind = models.CharField("类别", max_length=20, choices=NoticeKind)
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    text = models.CharField("内容", max_length=TEXT_MAX)
    items = models.JSONField("事项", default=list)
    url = models.CharField("链接", max_length=200)
    state = models.CharField("状态", max_length=10, choices=NoticeState)
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    next_try_at = models.DateTimeField("下次发送", null=True)
    sent_at = models.DateTimeField("送达时间", null=True)
    read_at = models.DateTimeField("已读时间", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "day", "channel"],
                condition=Q(kind=NoticeKind.DAILY, user__isnull=False),
                name="notice_one_reminder_a_day",
            ),
            models.UniqueConstraint(
                fields=["report", "day"],
                condition=Q(kind=NoticeKind.DAILY, user__isnull=True),
                name="notice_one_summary_a_day",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.WEBHOOK, user__isnull=True, report__isnull=False)
                | (~Q(channel=Channel.WEBHOOK) & Q(user__isnull=False)),
                name="notice_reaches_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=NoticeState.PENDING) | Q(next_try_at__isnull=False),
                name="notice_pending_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user"],
                condition=Q(channel=Channel.INBOX, read_at__isnull=True),
                name="notice_unread",
            ),
            models.Index(
                fields=["next_try_at"], condition=Q(state=NoticeState.PENDING), name="notice_pending"
            ),
            models.Index(fields=["user", "-id"], name="notice_user"),
            models.Index(fields=["state", "report"], name="notice_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return self.url

    @property
    def content(self) -> list[Any]:
        """What was said to whom: what the record holds the digest of."""
        items = [[item["problem"], item["words"]] for item in self.items]
        told = [self.user_id, self.report_id, self.day.isoformat(), self.kind, self.channel]
        return [*told, self.text, items, self.url]

    def lines(self, titles: dict[int, str]) -> list[str]:
        """The items in words; an item the reader may not see any more is left out."""
        said = [(titles.get(item["problem"]), item["words"]) for item in self.items]
        return [f"{title}：{words}" if words else title for title, words in said if title]


def titles_for(user: User, notices: Iterable[Notice]) -> dict[int, str]:
    """Today's titles of the items in these messages that the person may see."""
    ids = {item["problem"] for notice in notices for item in notice.items}
    seen = Problem.objects.visible_to(user).filter(pk__in=ids).values_list("pk", "code", "title")
    return {pk: f"{code} {title}" for pk, code, title in seen} if ids else {}


def content_digest(contents: Iterable[list[Any]]) -> str:
    """One digest over the messages of an act, whatever their order."""
    return digest_of("\n".join(sorted(canonical(content) for content in contents)))


class NoticeAttempt(models.Model):
    """One attempt to deliver a message, and what became of it; never with an address or a secret."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="tries", verbose_name="消息")
    at = models.DateTimeField("时间")
    succeeded = models.BooleanField("送达")
    detail = models.CharField("结果", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "发送记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.detail


class Reminder(models.Model):
    """A rung of the ladder that a person was already told of, for one item and one of its deadlines."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="收件人")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="reminders", verbose_name="问题")
    rung = models.CharField("档次", max_length=30)
    day = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "已提醒"
        constraints = [
            models.UniqueConstraint(fields=["problem", "user", "rung"], name="reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.problem_id} {self.rung}"


class DeliverySettings(models.Model):
    """How a ledger's messages leave the house. Address and key of the robot are secrets: never shown."""

    report = models.OneToOneField(Report, models.PROTECT, related_name="delivery", verbose_name="台账")
    email_on = models.BooleanField("每天发邮件", default=False)
    webhook_on = models.BooleanField("发到群机器人", default=False)
    robot = models.CharField("机器人", max_length=10, choices=Robot, default=Robot.WECOM)
    webhook_url = models.CharField("机器人地址", max_length=500, blank=True)
    webhook_secret = models.CharField("加签密钥", max_length=200, blank=True)
    template = models.TextField("消息格式", default=DEFAULT_TEMPLATE)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "消息发送设置"
        constraints = [
            models.CheckConstraint(
                condition=Q(webhook_on=False) | ~Q(webhook_url=""), name="delivery_webhook_has_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report}的消息发送设置"


class AllowedHost(models.Model):
    """A host that messages may be sent to; only the system administrator adds one."""

    host = models.CharField(
        "主机名",
        max_length=200,
        unique=True,
        help_text="只写主机名或地址，小写，不带 http:// 和端口，例如 robot.example.gov.cn",
        validators=[RegexValidator(r"\A[a-z0-9]([a-z0-9.\-]*[a-z0-9])?\Z", "只写主机名或地址，小写。")],
    )
    is_internal = models.BooleanField(
        "是内网主机", default=False, help_text="只有勾选的主机才可以解析到内网地址"
    )
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息可发往的主机"
        ordering = ["host"]

    def __str__(self) -> str:
        return self.host

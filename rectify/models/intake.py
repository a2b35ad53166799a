"""Intake: reports being looked over before they are loaded, and the kept source of those that were."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from rectify.addresses import address
from rectify.choices import IntakeStatus
from rectify.models.people import User
from rectify.models.progress import PURGED
from rectify.models.report import Problem, Report


class IntakeDraftQuerySet(models.QuerySet["IntakeDraft"]):
    def visible_to(self, user: User) -> IntakeDraftQuerySet:
        """What one uploaded oneself; a draft is no business state that others could need."""
        return self.filter(user=user)

    def open(self) -> IntakeDraftQuerySet:
        return self.filter(status=IntakeStatus.OPEN)


class IntakeDraft(models.Model):
    """One report of an uploaded file while a person looks it over; nothing of it is in a ledger yet."""

    user = models.ForeignKey(User, models.PROTECT, related_name="intake_drafts", verbose_name="上传人")
    name = models.CharField("文件名", max_length=255)
    stored = models.CharField("存储名", max_length=80)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    part = models.PositiveSmallIntegerField("第几份", default=1)
    parts = models.PositiveSmallIntegerField("共几份", default=1)
    text = models.TextField("原文")
    outline = models.JSONField("提纲", default=dict)
    unit = models.ForeignKey("rectify.Unit", models.PROTECT, related_name="+", verbose_name="填报单位")
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("名称", max_length=200)
    meeting = models.CharField("会议", max_length=200, blank=True)
    target = models.ForeignKey(
        Report, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="要更新的台账"
    )
    report = models.ForeignKey(
        Report, models.PROTECT, null=True, blank=True, related_name="intakes", verbose_name="载入的台账"
    )
    status = models.CharField("状态", max_length=10, choices=IntakeStatus, default=IntakeStatus.OPEN)
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("上传时间")
    updated_at = models.DateTimeField("修改时间")
    idempotency_key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 (unique when given)

    objects = IntakeDraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待载入报告"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "idempotency_key", "part"], name="intakedraft_once"),
            models.CheckConstraint(
                condition=Q(status__in=IntakeStatus.values), name="intakedraft_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=IntakeStatus.LOADED, report__isnull=False)
                | (~Q(status=IntakeStatus.LOADED) & Q(report__isnull=True)),
                name="intakedraft_loaded_into_a_report",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="intakedraft_has_title"),
        ]
        indexes = [models.Index(fields=["user", "status"], name="intakedraft_user_status")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("intake_draft", self.pk)

    @property
    def path(self) -> Path:
        """Where the file lies on the server."""
        return Path(settings.EVIDENCE_DIR) / self.stored[:2] / self.stored


class SourceTextQuerySet(models.QuerySet["SourceText"]):
    def visible_to(self, user: User) -> SourceTextQuerySet:
        """Those of the reports a person may see; whose passages, the page decides by problem."""
        return self.filter(report__in=Report.objects.visible_to(user))


class SourceText(models.Model):
    """The text a ledger was loaded from, with its file: evidence, so it is kept as it came."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="sources", verbose_name="报告")
    edition = models.PositiveSmallIntegerField("第几稿")
    name = models.CharField("文件名", max_length=255)
    stored = models.CharField("存储名", max_length=80)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    part = models.PositiveSmallIntegerField("文件中的第几份", default=1)
    text = models.TextField("原文")
    at = models.DateTimeField("载入时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="载入人")

    objects = SourceTextQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告原文"
        ordering = ["report", "edition"]
        constraints = [
            models.UniqueConstraint(fields=["report", "edition"], name="sourcetext_edition_once"),
            models.CheckConstraint(condition=~Q(name=""), name="sourcetext_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{address('report_source', self.report_id)}?edition={self.edition}"

    @property
    def path(self) -> Path:
        """Where the file lies on the server."""
        return Path(settings.EVIDENCE_DIR) / self.stored[:2] / self.stored

    @property
    def is_purged(self) -> bool:
        return self.name == PURGED


class SourcePassageQuerySet(models.QuerySet["SourcePassage"]):
    def visible_to(self, user: User) -> SourcePassageQuerySet:
        return self.filter(problem__in=Problem.objects.visible_to(user))

    def without_text(self) -> SourcePassageQuerySet:
        """For links to the places: the newest edition last, and the long texts left where they are."""
        return self.select_related("source").defer("source__text").order_by("source__edition")


class SourcePassage(models.Model):
    """Where a problem stands in a source: offsets into its text, the end exclusive."""

    source = models.ForeignKey(SourceText, models.PROTECT, related_name="passages", verbose_name="原文")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="passages", verbose_name="问题")
    start = models.PositiveIntegerField("起")
    end = models.PositiveIntegerField("止")

    objects = SourcePassageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "原文段落"
        ordering = ["source", "start"]
        constraints = [
            models.UniqueConstraint(fields=["source", "problem"], name="sourcepassage_once"),
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="sourcepassage_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.start}–{self.end}"

    def get_absolute_url(self) -> str:
        return f"{self.source.get_absolute_url()}#problem-{self.problem_id}"

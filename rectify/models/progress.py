"""Measures, progress notes (append-only) and the evidence that proves them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from rectify.choices import MeasureStatus
from rectify.models.people import User
from rectify.models.report import Problem
from rectify.models.versioned_fields import MeasureFields, measure_rules

# What stands in place of a text that was purged; the triggers let a kept text change to this only.
PURGED = "〔内容已按程序清除〕"


class OfProblemQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> OfProblemQuerySet:
        return self.filter(problem__in=Problem.objects.visible_to(user))


class MeasureQuerySet(OfProblemQuerySet):
    def kept(self) -> MeasureQuerySet:
        return self.exclude(status=MeasureStatus.DROPPED)


class Measure(MeasureFields):
    """整改措施: a concrete step, with a version of its own."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="measures", verbose_name="问题")
    number = models.PositiveSmallIntegerField("序号")
    version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("录入时间")

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改措施"
        ordering = ["problem", "number"]
        constraints = [
            models.UniqueConstraint(fields=["problem", "number"], name="measure_number_once"),
            *measure_rules("measure"),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return f"{reverse('problem', args=[self.problem_id])}#measure-{self.pk}"


class NoteQuerySet(OfProblemQuerySet):
    def in_force(self) -> NoteQuerySet:
        """Without the notes that a later one corrects."""
        return self.filter(correction__isnull=True)

    def newest_first(self) -> NoteQuerySet:
        return self.order_by("-at", "-id")


class ProgressNote(models.Model):
    """进展记录: what was done, by whom, when. A correction is a new note that points at the old one."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="notes", verbose_name="问题")
    measure = models.ForeignKey(
        Measure, models.PROTECT, null=True, blank=True, related_name="notes", verbose_name="对应措施"
    )
    at = models.DateTimeField("填报时间")
    author = models.ForeignKey(User, models.PROTECT, related_name="notes", verbose_name="填报人")
    author_label = models.CharField("填报人（当时）", max_length=160)
    text = models.TextField("进展")
    percent = models.PositiveSmallIntegerField("完成比例", null=True, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction", verbose_name="更正"
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "进展记录"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="note_has_text"),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gte=0, percent__lte=100),
                name="note_percent_in_range",
            ),
        ]
        indexes = [models.Index(fields=["problem", "-at"], name="note_problem_at")]

    def __str__(self) -> str:
        return self.text[:40]

    def get_absolute_url(self) -> str:
        return f"{reverse('problem', args=[self.problem_id])}#note-{self.pk}"


class Evidence(models.Model):
    """佐证材料: a file; its stored name is ours, the user's name lives only in the database."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="evidence", verbose_name="问题")
    note = models.ForeignKey(
        ProgressNote, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name="进展记录"
    )
    measure = models.ForeignKey(
        Measure, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name="措施"
    )
    reply = models.ForeignKey(
        "rectify.Reply",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name="督办回复",
    )
    close_out_step = models.ForeignKey(
        "rectify.CloseOutStep",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name="销号环节",
    )
    extension_step = models.ForeignKey(
        "rectify.ExtensionStep",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name="延期环节",
    )
    follow_up = models.ForeignKey(
        "rectify.FollowUp",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name="回头看",
    )
    name = models.CharField("文件名", max_length=255)
    stored = models.CharField("存储名", max_length=80, unique=True)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    at = models.DateTimeField("上传时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")

    objects = OfProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(note__isnull=False)
                | Q(measure__isnull=False)
                | Q(reply__isnull=False)
                | Q(close_out_step__isnull=False)
                | Q(extension_step__isnull=False)
                | Q(follow_up__isnull=False),
                name="evidence_proves_something",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="evidence_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evidence", args=[self.pk])

    @property
    def path(self) -> Path:
        """Where the file lies on the server."""
        return Path(settings.EVIDENCE_DIR) / self.stored[:2] / self.stored

    @property
    def holder(self) -> models.Model | None:
        """The one thing this file proves."""
        return self.note or self.measure or self.close_out_step or self.extension_step or self.follow_up

    @property
    def is_purged(self) -> bool:
        return self.name == PURGED

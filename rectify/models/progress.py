"""Measures, and progress notes, which are append-only."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from rectify.addresses import address
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

    def due(self, day: dt.date) -> MeasureQuerySet:
        """Under way, and to be finished by this day."""
        return self.filter(status=MeasureStatus.OPEN, deadline__lte=day)


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
        return f"{address('problem', self.problem_id)}#measure-{self.pk}"


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
        return f"{address('problem', self.problem_id)}#note-{self.pk}"

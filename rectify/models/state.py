"""State rows: the versioned fields with a validity interval, one row for each change."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from rectify import clock
from rectify.models.progress import Measure
from rectify.models.rag_status import LightQuerySet
from rectify.models.report import Problem
from rectify.models.versioned_fields import MeasureFields, ProblemFields, measure_rules, problem_rules


def at_close_of(day: dt.date) -> Q:
    """Rows valid when the Shanghai day ended."""
    end = clock.end_of(day)
    return Q(valid_from__lt=end) & (Q(valid_to__isnull=True) | Q(valid_to__gte=end))


class ProblemStateQuerySet(LightQuerySet):
    problem_ref = "problem_id"
    report_ref = "problem__report"

    def at(self, day: dt.date) -> Self:
        """How each problem stood when the day ended."""
        return self.filter(at_close_of(day))

    def current(self) -> Self:
        return self.filter(valid_to__isnull=True)

    def known_before(self, start: dt.datetime) -> Q:
        """Of what stood so by then the problem is not read."""
        known = Problem.objects.filter(pk=OuterRef("problem_id"), created_at__lt=start)
        return Q(valid_from__lt=start) | Q(Exists(known))


class MeasureStateQuerySet(models.QuerySet["MeasureState"]):
    def at(self, day: dt.date) -> Self:
        return self.filter(at_close_of(day))

    def current(self) -> Self:
        return self.filter(valid_to__isnull=True)


def interval_rules(prefix: str, subject: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(
            fields=[subject], condition=Q(valid_to__isnull=True), name=f"{prefix}_one_current"
        ),
        models.UniqueConstraint(fields=[subject, "valid_from"], name=f"{prefix}_one_at_a_time"),
        models.CheckConstraint(
            condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
            name=f"{prefix}_interval_forward",
        ),
    ]


class ProblemState(ProblemFields):
    """How a problem stood from `valid_from` until `valid_to` (open for the current row)."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="states", verbose_name="问题")
    # Opened by a fact (the first measure or note), not by an act on the problem: its version stays.
    by_fact = models.BooleanField(default=False)
    supporting_units = models.ManyToManyField("rectify.Unit", blank=True, related_name="+")
    supporting_leaders = models.ManyToManyField("rectify.Leader", blank=True, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    objects = ProblemStateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "问题状态"
        ordering = ["problem", "valid_from"]
        constraints = [*interval_rules("problemstate", "problem"), *problem_rules("problemstate")]
        indexes = [
            # What entered and what left the history since a day: few rows, and all the course of work needs.
            # The second with all that is counted as of a past day, which then reads no text.
            models.Index(
                fields=[
                    "valid_from",
                    "valid_to",
                    "withdrawn",
                    "carried",
                    "status",
                    "deadline",
                    "original_deadline",
                    "problem",
                ],
                name="problemstate_entered",
            ),
            models.Index(
                fields=[
                    "valid_to",
                    "status",
                    "valid_from",
                    "withdrawn",
                    "carried",
                    "deadline",
                    "original_deadline",
                    "problem",
                    "kind",
                    "closed_on",
                    "leader",
                    "lead_unit",
                ],
                name="problemstate_left",
            ),
            # What became overdue between two days that have passed.
            models.Index(fields=["deadline", "problem"], name="problemstate_deadline"),
        ]

    def __str__(self) -> str:
        return f"{self.problem_id} {self.valid_from:%Y-%m-%d}"


class MeasureState(MeasureFields):
    """How a measure stood from `valid_from` until `valid_to`."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="states", verbose_name="措施")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    objects = MeasureStateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "措施状态"
        ordering = ["measure", "valid_from"]
        constraints = [*interval_rules("measurestate", "measure"), *measure_rules("measurestate")]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.valid_from:%Y-%m-%d}"

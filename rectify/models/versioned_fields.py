"""The versioned fields of problems and measures, shared by current rows and their history."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rectify.choices import ENDED, Kind, MeasureKind, MeasureStatus, Status
from rectify.models.field_registry import FIELDS, LABELS, Shape
from rectify.models.rank import due_field, rank_field


class ProblemFields(models.Model):
    """The tracked fields of a problem; every change of one opens a new state row."""

    title = models.CharField(LABELS["title"], max_length=200)
    text = models.TextField(LABELS["text"], blank=True)
    goal = models.TextField(LABELS["goal"], blank=True)
    remark = models.TextField(LABELS["remark"], blank=True)
    status = models.CharField(LABELS["status"], max_length=20, choices=Status, default=Status.NOT_STARTED)
    kind = models.CharField(LABELS["kind"], max_length=20, choices=Kind, default=Kind.BY_DATE)
    also_standing = models.BooleanField(LABELS["also_standing"], default=False)
    leader = models.ForeignKey(
        "rectify.Leader",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=LABELS["leader"],
    )
    lead_unit = models.ForeignKey(
        "rectify.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=LABELS["lead_unit"],
    )
    clerk = models.ForeignKey(
        "rectify.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=LABELS["clerk"]
    )
    responsible = models.CharField(LABELS["responsible"], max_length=50, blank=True)
    deadline = models.DateField(LABELS["deadline"], null=True, blank=True)
    deadline_text = models.CharField(LABELS["deadline_text"], max_length=100, blank=True)
    original_deadline = models.DateField(LABELS["original_deadline"], null=True, blank=True)
    closed_on = models.DateField(LABELS["closed_on"], null=True, blank=True)
    withdrawn = models.BooleanField(LABELS["withdrawn"], default=False)
    round = models.PositiveSmallIntegerField(LABELS["round"], default=1)
    carried = models.BooleanField(LABELS["carried"], default=False)
    rank = rank_field()
    due = due_field()

    class Meta:
        abstract = True

    TRACKED = tuple(field.name for field in FIELDS if field.shape != Shape.ROWS)
    TRACKED_SETS = tuple(field.name for field in FIELDS if field.shape == Shape.ROWS)


def problem_rules(prefix: str) -> list[models.BaseConstraint]:
    """What must hold for a current row and for each of its history rows."""
    return [
        models.CheckConstraint(condition=~Q(title=""), name=f"{prefix}_has_title"),
        models.CheckConstraint(condition=Q(status__in=Status.values), name=f"{prefix}_status_known"),
        models.CheckConstraint(condition=Q(kind__in=Kind.values), name=f"{prefix}_kind_known"),
        models.CheckConstraint(
            condition=~Q(kind=Kind.STANDING, also_standing=True), name=f"{prefix}_standing_said_once"
        ),
        models.CheckConstraint(
            condition=Q(deadline__isnull=True) | Q(original_deadline__isnull=False),
            name=f"{prefix}_deadline_keeps_original",
        ),
        models.CheckConstraint(
            condition=Q(status=Status.CLOSED, closed_on__isnull=False)
            | (~Q(status=Status.CLOSED) & Q(closed_on__isnull=True)),
            name=f"{prefix}_closed_has_date",
        ),
        models.CheckConstraint(condition=Q(round__gte=1), name=f"{prefix}_round_counts"),
        models.CheckConstraint(
            condition=Q(carried=False) | ~Q(status__in=(*ENDED, Status.IN_REVIEW)),
            name=f"{prefix}_carried_unfinished",
        ),
    ]


class MeasureFields(models.Model):
    """The tracked fields of a measure."""

    text = models.TextField("整改措施")
    kind = models.CharField("类别", max_length=10, choices=MeasureKind, default=MeasureKind.NOW)
    standard = models.CharField("完成标志", max_length=200, blank=True)
    unit = models.ForeignKey(
        "rectify.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    deadline = models.DateField("完成时限", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=MeasureStatus, default=MeasureStatus.OPEN)
    result = models.TextField("完成情况", blank=True)
    finished_on = models.DateField("完成日期", null=True, blank=True)
    rule_name = models.CharField("制度名称", max_length=200, blank=True)
    rule_number = models.CharField("文号", max_length=100, blank=True)

    class Meta:
        abstract = True

    TRACKED = (
        "text",
        "kind",
        "standard",
        "unit",
        "deadline",
        "status",
        "result",
        "finished_on",
        "rule_name",
        "rule_number",
    )
    TRACKED_SETS: tuple[str, ...] = ()


def measure_rules(prefix: str) -> list[models.BaseConstraint]:
    """What must hold for a measure's current row and for each of its history rows."""
    return [
        models.CheckConstraint(condition=~Q(text=""), name=f"{prefix}_has_text"),
        models.CheckConstraint(condition=Q(kind__in=MeasureKind.values), name=f"{prefix}_kind_known"),
        models.CheckConstraint(condition=Q(status__in=MeasureStatus.values), name=f"{prefix}_status_known"),
        models.CheckConstraint(
            condition=Q(status=MeasureStatus.DONE, finished_on__isnull=False)
            | (~Q(status=MeasureStatus.DONE) & Q(finished_on__isnull=True)),
            name=f"{prefix}_done_has_date",
        ),
    ]

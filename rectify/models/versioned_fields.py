"""The versioned fields of problems and measures, shared by current rows and their history."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rectify.choices import Kind, MeasureKind, MeasureStatus, Status
from rectify.models.rank import due_field, rank_field


class ProblemFields(models.Model):
    """The tracked fields of a problem; every change of one opens a new state row."""

    title = models.CharField("问题", max_length=200)
    text = models.TextField("问题描述", blank=True)
    goal = models.TextField("整改目标", blank=True)
    remark = models.TextField("备注", blank=True)
    status = models.CharField("状态", max_length=20, choices=Status, default=Status.NOT_STARTED)
    kind = models.CharField("整改类型", max_length=20, choices=Kind, default=Kind.BY_DATE)
    also_standing = models.BooleanField("并长期坚持", default=False)
    leader = models.ForeignKey(
        "rectify.Leader", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任领导"
    )
    lead_unit = models.ForeignKey(
        "rectify.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    clerk = models.ForeignKey(
        "rectify.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )
    responsible = models.CharField("责任人", max_length=50, blank=True)
    deadline = models.DateField("整改时限", null=True, blank=True)
    deadline_text = models.CharField("时限文字", max_length=100, blank=True)
    original_deadline = models.DateField("原定时限", null=True, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    withdrawn = models.BooleanField("已撤回", default=False)
    round = models.PositiveSmallIntegerField("整改轮次", default=1)
    carried = models.BooleanField("已结转", default=False)
    rank = rank_field()
    due = due_field()

    class Meta:
        abstract = True

    TRACKED = (
        "title",
        "text",
        "goal",
        "remark",
        "status",
        "kind",
        "also_standing",
        "leader",
        "lead_unit",
        "clerk",
        "responsible",
        "deadline",
        "deadline_text",
        "original_deadline",
        "closed_on",
        "withdrawn",
        "round",
        "carried",
    )
    TRACKED_SETS = ("supporting_units", "supporting_leaders")


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
            condition=Q(carried=False) | ~Q(status__in=(Status.CLOSED, Status.IN_REVIEW)),
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

"""Acts on many problems at once: one row that ties their audit entries together."""

from __future__ import annotations

from django.db import models

from rectify.models.people import User
from rectify.models.report import Report


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    def visible_to(self, user: User) -> BulkActQuerySet:
        """One's own, and those that touched a ledger one audits."""
        audited = models.Q(reports__in=Report.objects.auditable_by(user))
        return self.filter(models.Q(by=user) | audited).distinct()


class BulkAct(models.Model):
    """One confirmed act: its number stands in each entry's payload as `batch`."""

    number = models.CharField("批次号", max_length=20, unique=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("办理时间")
    reason = models.CharField("理由", max_length=500)
    what = models.CharField("办理内容", max_length=500)
    applied = models.PositiveIntegerField("已办理项数")
    refused = models.PositiveIntegerField("未办理项数")
    first_entry = models.PositiveBigIntegerField("首条记录")
    last_entry = models.PositiveBigIntegerField("末条记录")
    reports = models.ManyToManyField(Report, related_name="+", verbose_name="台账")
    idempotency_key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 (unique when given)

    objects = BulkActQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量办理"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["by", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="bulk_once",
            )
        ]

    def __str__(self) -> str:
        return self.number

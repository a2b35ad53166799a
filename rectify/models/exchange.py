"""What leaves and what has not arrived yet: recorded exports, and drafts of unsent input."""

from __future__ import annotations

from django.db import models

from .people import User
from .report import Report

DRAFT_MAX_CHARACTERS = 20_000


class LedgerExportQuerySet(models.QuerySet["LedgerExport"]):
    def visible_to(self, user: User) -> LedgerExportQuerySet:
        """Your own exports, and those of the ledgers you run."""
        return self.filter(models.Q(by=user) | models.Q(report__in=Report.objects.auditable_by(user)))


class LedgerExport(models.Model):
    """One ledger that was issued: what it held, its file's digest, and the audit head printed on it."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="exports", verbose_name="台账")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导出人")
    at = models.DateTimeField("导出时间")
    as_of = models.DateField("截至日期")
    columns = models.CharField("表式", max_length=10)
    selection = models.CharField("筛选条件", max_length=500, blank=True)
    problems = models.PositiveIntegerField("问题数")
    sha256 = models.CharField("文件 SHA-256", max_length=64)
    head = models.CharField("审计链头", max_length=64)

    objects = LedgerExportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账导出"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.report} {self.at:%Y-%m-%d}"


class Draft(models.Model):
    """Unsent input of one user, kept so that an expired sign-in or a closed page loses nothing."""

    user = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=100)
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "草稿"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="draft_once")]

    def __str__(self) -> str:
        return self.key

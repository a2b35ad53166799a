"""The parts of the 整改情况报告 that an office writes itself; they are offered again the next time."""

from __future__ import annotations

from django.db import models

from rectify.models.report import Report


class Narrative(models.Model):
    """What the office has written for the report of one ledger; what is empty is built from facts."""

    report = models.OneToOneField(Report, models.PROTECT, related_name="narrative", verbose_name="台账")
    overall = models.TextField("总体情况", blank=True)
    practices = models.TextField("主要做法", blank=True)
    next_steps = models.TextField("下一步打算", blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "报告文字"

    def __str__(self) -> str:
        return f"{self.report}的报告文字"

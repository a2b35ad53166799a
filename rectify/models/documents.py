"""What an office makes for its papers once and is offered again: texts of the report, forms of the ledger."""

from __future__ import annotations

from django.db import models

from rectify.models.people import Unit
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


class LedgerFormQuerySet(models.QuerySet["LedgerForm"]):
    def offered(self, unit: Unit) -> LedgerFormQuerySet:
        """Those in use that the office of this unit has made, for whichever of its ledgers."""
        return self.filter(report__unit=unit, in_use=True).select_related("report")


class LedgerForm(models.Model):
    """A form of the ledger as one office wants it printed: which columns, in which order, how wide."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="forms", verbose_name="台账")
    name = models.CharField("表式名称", max_length=30)
    base = models.CharField("底本", max_length=1)  # the letter of the form it was made from
    title = models.CharField("标题", max_length=100, blank=True)
    columns = models.JSONField("栏目和宽度", default=list)  # [key, width], in order
    in_use = models.BooleanField("使用中", default=True)

    objects = LedgerFormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自用表式"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

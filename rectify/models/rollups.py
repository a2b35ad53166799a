"""What was counted of a ledger as of a day, so that an overview adds up ledgers and looks at no problem.

Today's counts hold while the ledger's chain has no newer entry and its thresholds are the same; those of a
cut-off never change, and keep the thresholds of their day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.db.models import F

from rectify.models.office import LedgerRule
from rectify.models.report import Report


@dataclass(frozen=True)
class RuleOfDay(LedgerRule):
    """A rule of one day, of which only what it came to is known."""

    soon_until: dt.date = dt.date.min
    heard_since: dt.date = dt.date.min

    def due_soon_until(self, today: dt.date) -> dt.date:
        return self.soon_until

    def reporting_since(self, today: dt.date) -> dt.date:
        return self.heard_since


class RollupQuerySet(models.QuerySet["Rollup"]):
    def with_head(self) -> RollupQuerySet:
        """Annotate `head`, the number of the last entry of the ledger's chain: read in the same moment."""
        return self.annotate(head=F("report__head__number"))


class Rollup(models.Model):
    """The counts of one ledger as of one day; keys are what its problems have in common."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="rollups", db_index=False)
    day = models.DateField()
    # The last deadline that was soon, and the first day of which a note counted.
    soon_until = models.DateField()
    heard_since = models.DateField()
    # The last entry of the chain that is counted; none once the day has passed.
    entry = models.PositiveIntegerField(null=True)
    lights = models.JSONField()  # light -> number
    counts = models.JSONField()  # grouping -> key -> number

    objects = RollupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "汇总数"
        constraints = [models.UniqueConstraint(fields=["day", "report"], name="rollup_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.day}"

    @property
    def rule(self) -> LedgerRule:
        """The thresholds it was counted by."""
        return RuleOfDay(soon_until=self.soon_until, heard_since=self.heard_since)

    @property
    def is_current(self) -> bool:
        """Whether nothing was done in the ledger since; of what was read `with_head`."""
        return bool(self.entry == getattr(self, "head", None))

    def has_rule(self, rule: LedgerRule) -> bool:
        """Whether that rule gives the same thresholds."""
        return (self.soon_until, self.heard_since) == (
            rule.due_soon_until(self.day),
            rule.reporting_since(self.day),
        )

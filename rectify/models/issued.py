"""Official ledgers that were filed: their rows, their file, and the code printed in their foot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from rectify.digests import PURGED_PAYLOAD
from rectify.models.exchange import LedgerExport
from rectify.models.people import User
from rectify.models.report import Report


class IssuedLedgerQuerySet(models.QuerySet["IssuedLedger"]):
    def visible_to(self, user: User) -> IssuedLedgerQuerySet:
        """Those of ledgers one audits, and of ledgers that hold a problem of one's own, as of today: who has
        issued one and has left the post keeps nothing."""
        audited = models.Q(export__report__in=Report.objects.auditable_by(user))
        seen = models.Q(export__report__in=Report.objects.visible_to(user))
        return self.filter(audited | seen)

    def lean(self) -> IssuedLedgerQuerySet:
        """Without the rows, which are long, and with what a list shows."""
        purged = models.Case(models.When(rows=PURGED_PAYLOAD, then=True), default=False)
        return self.defer("rows").annotate(purged=purged).select_related("export__report__unit", "export__by")


class IssuedLedger(models.Model):
    """One official export that was filed; who, when, as of which day and the digest stand on the export."""

    export = models.OneToOneField(
        LedgerExport, models.PROTECT, related_name="issued", verbose_name="导出记录"
    )
    code = models.CharField("台账编码", max_length=16, unique=True)
    title = models.CharField("标题", max_length=200)
    name = models.CharField("文件名", max_length=255)
    stored = models.CharField("存储名", max_length=80, unique=True)
    size = models.PositiveBigIntegerField("大小（字节）")
    rows = models.TextField("各行内容")
    rows_digest = models.CharField("各行内容的摘要", max_length=64)

    objects = IssuedLedgerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存档台账"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.code

    @property
    def path(self) -> Path:
        """Where the file lies: beside the evidence, so that a backup holds it too."""
        return Path(settings.EVIDENCE_DIR) / self.stored[:2] / self.stored

    @property
    def is_purged(self) -> bool:
        known: bool | None = self.__dict__.get("purged")
        return self.rows == PURGED_PAYLOAD if known is None else known

    @property
    def items(self) -> list[dict[str, Any]]:
        """What each problem's row held; empty once purged."""
        return [] if self.is_purged else list(json.loads(self.rows))

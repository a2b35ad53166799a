"""The evidence: files, and the one list of what a file may prove."""

from __future__ import annotations

from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from rectify.addresses import address
from rectify.models.people import User
from rectify.models.progress import PURGED, Measure, OfProblemQuerySet, ProgressNote
from rectify.models.report import Problem

# What a file may prove: the fields of Evidence, of which one is set. Whoever adds a holder adds it here,
# and purge, pack, item page and verification know of it.
HOLDERS = ("note", "measure", "reply", "close_out_step", "extension_step", "follow_up")


def holder_of(model: type[models.Model]) -> str:
    """The field under which rows of this model hold evidence; empty where they hold none."""
    fields = ((name, Evidence._meta.get_field(name).related_model) for name in HOLDERS)
    return next((name for name, held in fields if held is model), "")


class EvidenceQuerySet(OfProblemQuerySet):
    def proving(self, *rows: Any) -> Self:
        """The files that prove one of these things."""
        query = Q(pk__in=[])
        for row in rows:
            if holder := holder_of(type(row)):
                query |= Q(**{holder: row})
        return self.filter(query)


class Evidence(models.Model):
    """佐证材料: a file; its stored name is ours, the user's name lives only in the database."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="evidence", verbose_name="问题")
    note = models.ForeignKey(
        ProgressNote, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name="进展记录"
    )
    measure = models.ForeignKey(
        Measure, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name="措施"
    )
    reply = models.ForeignKey(
        "rectify.Reply",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name="督办回复",
    )
    close_out_step = models.ForeignKey(
        "rectify.CloseOutStep",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name="销号环节",
    )
    extension_step = models.ForeignKey(
        "rectify.ExtensionStep",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name="延期环节",
    )
    follow_up = models.ForeignKey(
        "rectify.FollowUp",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name="回头看",
    )
    name = models.CharField("文件名", max_length=255)
    stored = models.CharField("存储名", max_length=80, unique=True)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="更换的版本"
    )
    at = models.DateTimeField("上传时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, (Q(**{f"{holder}__isnull": False}) for holder in HOLDERS)),
                name="evidence_proves_something",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="evidence_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("evidence", self.pk)

    @property
    def path(self) -> Path:
        """Where the file lies on the server."""
        return Path(settings.EVIDENCE_DIR) / self.stored[:2] / self.stored

    @property
    def holder_field(self) -> str:
        """Which of the holders this file proves; the first where it is tied to two."""
        return next(holder for holder in HOLDERS if getattr(self, f"{holder}_id") is not None)

    @property
    def holds_as(self) -> str:
        """What sort of thing it proves, in words."""
        field: Any = self._meta.get_field(self.holder_field)
        return str(field.verbose_name)

    @property
    def holder(self) -> models.Model:
        """The one thing this file proves."""
        return getattr(self, self.holder_field)

    def versions(self) -> list[Evidence]:
        """All versions of this file, the oldest first."""
        chain: list[Evidence] = [self]
        while chain[0].replaces is not None:
            chain.insert(0, chain[0].replaces)
        while (later := Evidence.objects.filter(replaces=chain[-1]).first()) is not None:
            chain.append(later)
        return chain

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix.lower()

    @property
    def is_pictured(self) -> bool:
        """Whether a preview of it is a picture."""
        return self.suffix in (".pdf", ".png", ".jpg", ".jpeg")

    @property
    def is_purged(self) -> bool:
        return self.name == PURGED

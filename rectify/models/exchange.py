"""What leaves and what arrives: recorded exports, imports, uploads in between, drafts of unsent input."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models

from rectify.choices import ImportKind, UploadKind
from rectify.models.people import Unit, User
from rectify.models.report import Report

DRAFT_MAX_CHARACTERS = 20_000
GRID_DRAFT_MAX_CHARACTERS = 200_000  # of many rows at once


def draft_max(key: str) -> int:
    """How long what is kept of a form may be."""
    return GRID_DRAFT_MAX_CHARACTERS if key.startswith("grid:") else DRAFT_MAX_CHARACTERS


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
    columns = models.CharField("表式", max_length=200)
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


class WorkingCopy(models.Model):
    """What a fillable copy held when it left, as canonical JSON by item code: the base of a comparison.

    Cells that may be filled in are kept as they were, the others by a short digest.
    """

    export = models.OneToOneField(LedgerExport, models.PROTECT, related_name="working", verbose_name="导出")
    code = models.PositiveIntegerField("批次", unique=True)  # stands in every row of the copy
    rows = models.TextField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "填报表底稿"

    def __str__(self) -> str:
        return str(self.export)


class ExportChoice(models.Model):
    """What a person chose the last time for a ledger: forms, columns, title, foot."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    choice = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "导出选择"
        constraints = [models.UniqueConstraint(fields=["user", "report"], name="export_choice_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.report}"


class SheetMemory(models.Model):
    """What an office decided about the headings of its own sheets: heading to meaning."""

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="+")
    columns = models.JSONField("各栏的含义", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "旧台账各栏"

    def __str__(self) -> str:
        return str(self.unit)


class KeptUpload(models.Model):
    """A file between its upload and the confirmation: one person's, and only for a while.

    A sheet that is looked at, or evidence that was chosen in a form which was not carried out.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="uploads")
    kind = models.CharField(max_length=10, choices=UploadKind)
    name = models.CharField("文件名", max_length=255)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    at = models.DateTimeField("上传时间")
    choices = models.JSONField("选择", default=dict)
    batch = models.ForeignKey("rectify.ImportBatch", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "待确认的上传"
        indexes = [models.Index(fields=["at"], name="upload_at")]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where the file lies until it expires."""
        return Path(settings.UPLOAD_DIR) / f"{self.key.hex}.xlsx"

    @property
    def parsed_path(self) -> Path:
        """Where lies what was parsed from these very bytes."""
        return self.path.with_suffix(f".{self.sha256}.lines")


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> ImportBatchQuerySet:
        """Your own imports, and those of the ledgers you may read the record of."""
        return self.filter(models.Q(by=user) | models.Q(report__in=Report.objects.auditable_by(user)))


class ImportBatch(models.Model):
    """One confirmed import: its number ties every entry that it led to; counts are items."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="imports", verbose_name="台账")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导入人")
    at = models.DateTimeField("导入时间")
    kind = models.CharField("类别", max_length=10, choices=ImportKind)
    name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("文件 SHA-256", max_length=64)
    counts = models.JSONField("项数", default=dict)
    first_entry = models.PositiveIntegerField("首条记录", default=0)
    last_entry = models.PositiveIntegerField("末条记录", default=0)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ImportKind.values), name="import_kind_known")
        ]

    def __str__(self) -> str:
        return f"导入 {self.pk}"


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

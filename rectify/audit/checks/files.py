"""Files against the record: every file that a row names is read again and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from rectify.audit.mismatch import Mismatch
from rectify.digests import PURGED_PAYLOAD
from rectify.models import Evidence, IssuedLedger, Report, SourceText
from rectify.models.progress import PURGED

CHUNK = 500
# Which rows name a file, and the way from each to its ledger.
HOLDERS: tuple[tuple[Any, str], ...] = (
    (Evidence, "problem__report"),
    (SourceText, "report"),
    (IssuedLedger, "export__report"),
)


class FileCheck:
    """The files of a ledger; `count` says how many were read."""

    def __init__(self) -> None:
        self.count = 0

    def mismatches(self, report: Report, using: str) -> Iterator[Mismatch]:
        """Every file that is gone or another. Call outside a transaction: reading may take long."""
        for number, (_, ledger) in enumerate(HOLDERS):
            rows = holders(number, using).filter(**{ledger: report})
            for row in after(rows, 0):
                self.count += 1
                if what := fault(row, rows):
                    yield Mismatch(name_of(row), what)


def holders(number: int, using: str) -> QuerySet:
    """The rows of a kind that name a file, without those whose content a purge has removed."""
    model = HOLDERS[number][0]
    rows: Any = model.objects.using(using)
    if model is IssuedLedger:
        return rows.exclude(rows=PURGED_PAYLOAD).select_related("export").defer("rows")
    rows = rows.exclude(name=PURGED)
    return rows.select_related("problem") if model is Evidence else rows.defer("text")


def after(rows: QuerySet, pk: int) -> Iterator[Any]:
    """The rows behind an id, a few hundred at a time: no query stays open while files are read."""
    while chunk := list(rows.filter(pk__gt=pk).order_by("pk")[:CHUNK]):
        yield from chunk
        pk = chunk[-1].pk


def fault(row: Any, rows: QuerySet) -> str:
    """What is wrong with the row's file; empty where nothing is."""
    found, expected = _sha256(row.path), row.export.sha256 if isinstance(row, IssuedLedger) else row.sha256
    # A purge meanwhile takes file and name away together: ask again before accusing.
    if found == expected or not rows.filter(pk=row.pk).exists():
        return ""
    if found is None:
        return f"文件不见了（SHA-256 应为 {expected[:16]}…）"
    return f"文件内容与记录不符，已被改动（SHA-256 应为 {expected[:16]}…，现为 {found[:16]}…）"


def name_of(row: Any) -> str:
    """By codes and ids alone: who keeps the server or audits it reads no business text."""
    words = str(row._meta.verbose_name)
    if isinstance(row, Evidence):
        words = f"问题 {row.problem.code} 的{words}"
    elif isinstance(row, IssuedLedger):
        words = f"{words} {row.code}"
    return f"{words}（编号 {row.pk}）"


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None

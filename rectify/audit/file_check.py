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


class FileCheck:
    """The files of a ledger; `count` says how many were read."""

    def __init__(self) -> None:
        self.count = 0

    def mismatches(self, report: Report, using: str) -> Iterator[Mismatch]:
        """Every file that is gone or another. Call outside a transaction: reading may take long."""
        for rows in _holders(report, using):
            for row in _in_chunks(rows):
                self.count += 1
                found = _sha256(row.path)
                # A purge meanwhile takes file and name away together: ask again before accusing.
                if found != _expected(row) and rows.filter(pk=row.pk).exists():
                    what = "文件不见了" if found is None else "文件内容与记录不符，已被改动"
                    yield Mismatch(_name(row), what)


def _holders(report: Report, using: str) -> list[QuerySet]:
    """The rows that name a file, without those whose content a purge has removed."""
    filed = IssuedLedger.objects.filter(export__report=report).exclude(rows=PURGED_PAYLOAD)
    found: list[Any] = [
        Evidence.objects.filter(problem__report=report).exclude(name=PURGED),
        SourceText.objects.filter(report=report).exclude(name=PURGED).defer("text"),
        filed.select_related("export").defer("rows"),
    ]
    return [rows.using(using) for rows in found]


def _in_chunks(rows: QuerySet) -> Iterator[Any]:
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk


def _expected(row: Any) -> str:
    return str(row.export.sha256 if isinstance(row, IssuedLedger) else row.sha256)


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _name(row: Any) -> str:
    words = getattr(row, "name", "") or getattr(row, "code", "")
    return f"{row._meta.verbose_name}“{words}”（编号 {row.pk}）"

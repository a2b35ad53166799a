"""Reading rows and entries back in bounded chunks, and naming what does not hold."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Model, QuerySet

from rectify.audit.field_values import kind_of
from rectify.audit.mismatch import Mismatch as Break
from rectify.models import AuditEntry, Report

CHUNK = 200
__all__ = ["Break"]


def details_of(entry: AuditEntry) -> dict[str, Any]:
    """The payload, or nothing where it is no JSON object."""
    try:
        value = json.loads(entry.payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def chunks(rows: QuerySet) -> Iterator[list[Any]]:
    """All rows by their key, a few hundred at a time, so that memory does not grow with them."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def grouped(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)
    return groups


def place(entry: AuditEntry) -> str:
    return f"第 {entry.number} 条（{entry.get_act_display()}）"


def name_of(row: Model) -> str:
    code = getattr(row, "code", "") or getattr(getattr(row, "problem", None), "code", "")
    label = str(row._meta.verbose_name)
    return f"{label} {code}" if kind_of(row) == "problem" else f"{code} {label}（编号 {row.pk}）"


def entries_of(report: Report, using: str, kind: str, chunk: list[Any]) -> dict[int, list[AuditEntry]]:
    found = AuditEntry.objects.using(using).about(kind, [row.pk for row in chunk])
    return grouped(found.filter(report=report).order_by("number"), "target_id")


def vanished(report: Report, using: str, kind: str, acts: list[str], rows: QuerySet) -> Iterator[Break]:
    """An entry says that something was made, and it is not there."""
    made = AuditEntry.objects.using(using).filter(report=report, target_kind=kind, act__in=acts)
    there = rows.order_by().prefetch_related(None).select_related(None).values("pk")
    for entry in made.exclude(target_id__in=there).order_by("number").iterator(chunk_size=CHUNK):
        yield Break(place(entry), f"{entry.target_label}不见了")

"""What was recorded since something was read: whether work prepared before the lock still holds under it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from rectify.audit.rows import BUSINESS
from rectify.models import AuditEntry, ChainHead, Report

# Rows on which no act on an item rests: they may be written while one is prepared.
BESIDE = frozenset(
    {
        "bulkact", "calendarfeed", "deliverysettings", "formerpassword", "importbatch", "issuedledger",
        "ledgerexport", "narrative", "recoverycode", "secondfactor", "workingcopy",
    }
)  # fmt: skip
OF_ITEMS = frozenset(kind for kind, path in BUSINESS.items() if path and "problem.report" in path)
Numbers = dict[int | None, int]


def numbers_of(report: Report) -> Numbers:
    """How far the record of the ledger and that of the system have come; read before what is prepared."""
    heads = ChainHead.objects.filter(Q(report=report) | Q(report__isnull=True))
    return dict(heads.values_list("report_id", "number"))


def touched(report: Report, seen: Numbers) -> set[int] | None:
    """The items that acts since then have touched; None where more than items was: all may be different."""
    items: set[int] = set()
    for problem, kind, pk in _rows_since(report, seen):
        if kind == "problem":
            items.add(pk)
        elif kind in OF_ITEMS and problem is not None:
            items.add(problem)
        elif kind not in BESIDE:
            return None
    return items


def _rows_since(report: Report, seen: Numbers) -> Iterator[tuple[int | None, str, int]]:
    of_ledger = Q(report=report, number__gt=seen.get(report.pk, 0))
    of_system = Q(report__isnull=True, number__gt=seen.get(None, 0))
    entries: Any = AuditEntry.objects.filter(of_ledger | of_system).order_by()
    for problem, rows in entries.values_list("problem_id", "rows"):
        for kind, pk, *_ in json.loads(rows or "[]"):
            yield problem, kind, pk

"""What was recorded since something was read: whether work prepared before the lock still holds under it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

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


def numbers_of(reports: Collection[Report]) -> Numbers:
    """How far the records of these ledgers and that of the system have come; read before what is prepared."""
    heads = ChainHead.objects.filter(Q(report__in=reports) | Q(report__isnull=True))
    return {None: 0, **{report.pk: 0 for report in reports}, **dict(heads.values_list("report_id", "number"))}


def touched(seen: Numbers) -> set[int] | None:
    """The items that acts since then have touched; None where more than items was: all may be different."""
    items: set[int] = set()
    for problem, kind, pk in _rows_since(seen):
        if kind == "problem":
            items.add(pk)
        elif kind in OF_ITEMS and problem is not None:
            items.add(problem)
        elif kind not in BESIDE:
            return None
    return items


def _rows_since(seen: Numbers) -> Iterator[tuple[int | None, str, int]]:
    for report, number in seen.items():
        entries = AuditEntry.objects.filter(report=report, number__gt=number).order_by()
        for problem, rows in entries.values_list("problem_id", "rows"):
            for kind, pk, *_ in json.loads(rows):
                yield problem, kind, pk

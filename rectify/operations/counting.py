"""The counts kept beside the problems: recounted, and made anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db import transaction

from ..models import FixedCount, Problem, Report
from ..models.counts import Cell, cells_of
from . import recording
from .reading import Break

STEP = 500
REMEDY = "请运行 manage.py verify_summaries --rebuild 重新统计"


def recounted(report: Report, using: str = "default") -> Counter[Cell]:
    """What the counts of a ledger must be, from its problems themselves."""
    names = ("rank", "status", "kind", "leader", "lead_unit", "deadline", "original_deadline", "closed_on")
    found: Counter[Cell] = Counter()
    for problem in Problem.objects.using(using).filter(report=report).order_by().only(*names).iterator():
        found.update(cells_of(problem, report.pk))
    return found


def disagreements(report: Report, using: str) -> Iterator[Break]:
    """The counts of a ledger that are not what its problems say."""
    kept = FixedCount.objects.using(using).filter(report=report).as_counter()
    counted = recounted(report, using)
    for cell in sorted(kept.keys() | counted.keys()):
        if kept[cell] != counted[cell]:
            yield Break(f"汇总数 {_named(cell)}", f"记的是 {kept[cell]}，实有 {counted[cell]}，{REMEDY}")


def rebuild(report: Report) -> None:
    """Count the problems of a ledger anew, while nobody changes one of them."""
    with transaction.atomic():
        recording.lock([report])
        FixedCount.objects.filter(report=report).delete()
        rows = [
            FixedCount(**cell._asdict(), number=number) for cell, number in sorted(recounted(report).items())
        ]
        FixedCount.objects.bulk_create(rows, batch_size=STEP)


def _named(cell: Cell) -> str:
    return " ".join(str(value) for value in cell[1:] if value not in ("", 0, False))

"""The evidence of a ledger's problems: plain values in two queries, for the pack."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rectify import clock
from rectify.ledger.row_types import ProblemRow
from rectify.ledger.rows import ledger_rows, snapshot
from rectify.models import Evidence
from rectify.models.progress import PURGED
from rectify.wording import date, full_moment

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from rectify.models import Problem


@dataclass(frozen=True, slots=True)
class Proof:
    """One file of evidence as the record knows it."""

    name: str
    path: Path
    size: int
    sha256: str
    proves: str
    at: str

    @property
    def is_purged(self) -> bool:
        return self.name == PURGED


def problems_with_proofs(
    problems: QuerySet[Problem], *, as_of: dt.date
) -> tuple[list[ProblemRow], dict[str, list[Proof]]]:
    """The ledger's rows of that day, and by code what proves each of them."""
    today = clock.today()
    on = as_of if as_of < today else None
    with snapshot() as using:
        rows = list(ledger_rows(problems, today=today, on=on, using=using))
        found = _proofs(problems, rows, on, using)
    return rows, found


def _proofs(
    problems: QuerySet[Problem], rows: Iterable[ProblemRow], on: dt.date | None, using: str
) -> dict[str, list[Proof]]:
    listed = {row.code for row in rows}
    query = Evidence.objects.using(using).filter(problem__in=problems.using(using).order_by().values("pk"))
    if on:
        query = query.filter(at__lt=clock.end_of(on))
    grouped: dict[str, list[Proof]] = defaultdict(list)
    for one in query.select_related("problem", "note", "measure").order_by("pk").iterator(chunk_size=2000):
        if one.problem.code in listed:
            grouped[one.problem.code].append(
                Proof(one.name, one.path, one.size, one.sha256, _proves(one), full_moment(one.at))
            )
    return grouped


def _proves(evidence: Evidence) -> str:
    """Measures by their number, notes by their day, the others by what they are."""
    if evidence.measure:
        return f"措施 {evidence.measure.number}"
    if evidence.note:
        return f"{date(clock.day_of(evidence.note.at))}的进展"
    return evidence.holds_as

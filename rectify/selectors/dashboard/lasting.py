"""Of how many problems a lasting result (长久立) is in place, and of how many one is still to come."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, Q, QuerySet

from rectify.choices import MeasureKind, MeasureStatus
from rectify.models import Measure
from rectify.selectors.dashboard.scope import Scope


def lasting(scope: Scope) -> Counter[str]:
    """Of how many problems a lasting result is in place, and of how many one is still to come, today."""
    uncounted = scope.uncounted
    kept = scope.kept.counts.get("lasting", Counter())
    if uncounted is None:
        return kept
    return kept + Counter(dict(uncounted.asked("lasting", lambda scope: _lasting(scope.rows()))))


def lasting_of(rows: Any) -> Counter[str]:
    """What is still to come goes on, and counts, in the ledger the problem was carried to."""
    return Counter(dict(_lasting(rows)))


def _lasting(rows: Any) -> QuerySet:
    lasting = Measure.objects.using(rows.db).filter(
        kind=MeasureKind.LASTING, problem__in=rows.order_by().values("pk")
    )
    there = Q(status=MeasureStatus.DONE) | Q(status=MeasureStatus.OPEN, problem__carried=False)
    numbers = lasting.filter(there).order_by().values_list("status")
    return numbers.annotate(n=Count("problem", distinct=True))

"""How many problems of each light a list holds, from what is kept counted of whole ledgers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from rectify import clock
from rectify.choices import Timing
from rectify.models import Problem, Report
from rectify.models.office import LedgerRule
from rectify.selectors.dashboard.counts import counts_of
from rectify.selectors.dashboard.rollups import APART
from rectify.selectors.dashboard.scope import Scope

# The conditions that the kept counts of facts know, and those of which they know one at a time.
OF_FACTS = frozenset({"report", "status", "kind", "band", "timing"})
OF_SOURCE = frozenset({"report", "source"})
Facts = Sequence[str]  # status, kind, band, against the current and the original date, extended


def knows(cleaned: Mapping[str, Any]) -> bool:
    """Whether the kept counts know all these conditions."""
    asked = {name for name, value in cleaned.items() if value and name != "light"}
    return asked <= OF_FACTS or asked <= OF_SOURCE


def kept_lights(
    ledgers: QuerySet[Report], cleaned: Mapping[str, Any], rules: list[LedgerRule]
) -> dict[str, int]:
    """The number of each light under these conditions, in ledgers of which all is seen."""
    if report := cleaned.get("report"):
        ledgers = ledgers.filter(pk=report.pk)
    whole = list(ledgers.select_related("settings").order_by("pk"))
    seen = Problem.objects.filter(report__in=[one.pk for one in whole])
    scope = Scope(seen, clock.today(), rules, whole=whole)
    counted = _sources(scope) if cleaned.get("source") else counts_of(scope)["facts"]
    meets = _meeting(cleaned)
    numbers: Counter[str] = Counter()
    for key, number in counted.items():
        light, *facts = key.split(APART)
        if meets(facts):
            numbers[light] += number
    return {light: number for light, number in numbers.items() if number}


def _sources(scope: Scope) -> Counter[str]:
    counted = Counter(scope.kept.counts.get("source", {}))
    if scope.uncounted:
        counted.update(by_source(scope.uncounted))
    return counted


def by_source(scope: Scope) -> Counter[str]:
    """By light and source of the problem, today."""
    lit = scope.rows().with_light(scope.day, scope.rules).order_by()
    rows = lit.values_list("light", "source").annotate(n=Count("*"))
    return Counter({f"{light}{APART}{source}": n for light, source, n in rows})


def _meeting(cleaned: Mapping[str, Any]) -> Callable[[Facts], bool]:
    if source := cleaned.get("source"):
        return lambda facts: facts == [source]
    status, kind, band, timing = (cleaned.get(name) for name in ("status", "kind", "band", "timing"))

    def meets(facts: Facts) -> bool:
        is_status, is_kind, is_band, current, original, extended = facts
        of_timing = {current, original, Timing.EXTENDED if extended == "1" else ""}
        pairs = ((status, is_status), (kind, is_kind), (band, is_band))
        return all(not asked or asked == known for asked, known in pairs) and (
            not timing or timing in of_timing
        )

    return meets

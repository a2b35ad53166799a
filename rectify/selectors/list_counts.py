"""How many problems of each light a list holds, from what is kept counted of whole ledgers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, QuerySet, Value, When

from rectify import clock
from rectify.choices import Timing
from rectify.models import Problem, Report
from rectify.models.office import LedgerRule
from rectify.models.rank import is_open
from rectify.selectors.dashboard.counts import counts_of
from rectify.selectors.dashboard.rollups import APART, kept_alone, without
from rectify.selectors.dashboard.scope import Scope

# The conditions that the kept counts of facts know, those of which they know one at a time, and those that
# are counted for the list alone.
OF_FACTS = frozenset({"report", "status", "kind", "band", "timing"})
OF_SOURCE = frozenset({"report", "source"})
OF_LIST = frozenset({"report", "stale", "arrears", "deadline"})
ARREARS = dt.timedelta(days=365)
OLD, RECENT, NEVER = "old", "recent", "never"  # when it was or is due
Facts = Sequence[str]  # status, kind, band, against the current and the original date, extended


@dataclass
class OfLedger:
    """What a ledger holds of a list by light, among how many in all."""

    lights: Counter[str] = field(default_factory=Counter)
    total: int = 0


def knows(cleaned: Mapping[str, Any]) -> bool:
    """Whether the kept counts know all these conditions."""
    asked = _names(cleaned)
    return asked <= OF_FACTS or asked <= OF_SOURCE


def knows_by_ledger(cleaned: Mapping[str, Any]) -> bool:
    """Whether they know of each ledger by itself how much it holds under these conditions."""
    return _names(cleaned) <= OF_LIST


def _names(cleaned: Mapping[str, Any]) -> set[str]:
    return {name for name, value in cleaned.items() if value and name != "light"}


def kept_lights(
    ledgers: QuerySet[Report], cleaned: Mapping[str, Any], rules: list[LedgerRule]
) -> dict[str, int]:
    """The number of each light under these conditions, in ledgers of which all is seen."""
    scope = _scope(ledgers, cleaned, rules)
    counted = _sources(scope) if cleaned.get("source") else counts_of(scope)["facts"]
    meets = _meeting(cleaned)
    numbers: Counter[str] = Counter()
    for key, number in counted.items():
        light, *facts = key.split(APART)
        if meets(facts):
            numbers[light] += number
    return {light: number for light, number in numbers.items() if number}


def by_ledger(
    ledgers: QuerySet[Report], cleaned: Mapping[str, Any], rules: list[LedgerRule]
) -> dict[int, OfLedger]:
    """The same for each ledger, in their order."""
    scope = _scope(ledgers, cleaned, rules)
    kept = kept_alone("listed", scope.whole, scope.day, rules)
    others = scope.only(without(kept, scope.whole, scope.day))
    counted = {report.pk: OfLedger() for report in scope.whole}
    rows = [(report, *key.split(APART), n) for report, listed in kept.items() for key, n in listed.items()]
    for report, light, silent, due, n in [*rows, *(listed_of(others) if others else ())]:
        counted[report].total += n
        if _is_listed(cleaned, silent, due):
            counted[report].lights[light] += n
    return counted


def _is_listed(cleaned: Mapping[str, Any], silent: str, due: str) -> bool:
    arrears = cleaned.get("arrears")
    return (
        (silent == "1" or not cleaned.get("stale"))
        and (due == NEVER or not cleaned.get("deadline"))
        and (not arrears or (due == OLD) == (arrears == OLD))
    )


def _scope(ledgers: QuerySet[Report], cleaned: Mapping[str, Any], rules: list[LedgerRule]) -> Scope:
    if report := cleaned.get("report"):
        ledgers = ledgers.filter(pk=report.pk)
    whole = list(ledgers.select_related("settings").order_by("pk"))
    seen = Problem.objects.filter(report__in=[one.pk for one in whole])
    return Scope(seen, clock.today(), rules, whole=whole)


def listed_of(scope: Scope) -> QuerySet:
    """By ledger, light, whether it is silent, and when it was or is due, today."""
    rows = scope.rows().with_light(scope.day, scope.rules).order_by()
    silent = When(is_open() & rows.unreported_rule(scope.day, scope.rules), then=Value("1"))
    due = (
        When(deadline__isnull=True, then=Value(NEVER)),
        When(deadline__lt=scope.day - ARREARS, then=Value(OLD)),
    )
    columns = {
        "silent": Case(silent, default=Value("0"), output_field=CharField()),
        "due_then": Case(*due, default=Value(RECENT), output_field=CharField()),
    }
    return rows.annotate(**columns).values_list("report", "light", *columns).annotate(n=Count("*"))


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

"""What is kept counted of whole ledgers as of a day, added up without a look at the problems."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rectify import clock
from rectify.models import LedgerSettings, Report, Rollup
from rectify.models.office import LedgerRule

Counts: TypeAlias = dict[str, Counter[str]]
APART = "|"  # between the parts of a key


@dataclass(frozen=True)
class Kept:
    """The counts of some ledgers by grouping, and the ledgers of which nothing is kept that holds."""

    counts: Counts
    others: list[Report]


def added(counted: Iterable[Mapping[str, Mapping[str, int]]]) -> Counts:
    """The sum of the counts of several ledgers."""
    total: Counts = defaultdict(Counter)
    for counts in counted:
        for grouping, numbers in counts.items():
            total[grouping].update(numbers)
    return total


def kept_of(reports: Sequence[Report], day: dt.date, rules: Sequence[LedgerRule]) -> Kept:
    """What is kept of these ledgers as of the day; one query however many there are."""
    found: list[Mapping[str, Mapping[str, int]]] = []
    held: set[int] = set()
    for rollup in _holding(reports, day, rules):
        held.add(rollup.report_id)
        lights = {f"{rollup.report_id}{APART}{light}": n for light, n in rollup.lights.items()}
        found += [rollup.counts, {"report": lights}]
    return Kept(added(found), [report for report in reports if report.pk not in held])


def kept_lights(reports: Sequence[Report], day: dt.date) -> tuple[Counter[str], list[Report]]:
    """The lights that were frozen on a day that has passed, and the ledgers of which none were."""
    rows = Rollup.objects.filter(day=day, entry=None).values_list("report_id", "lights")
    frozen = dict(rows.filter(**_of(reports)))
    lights: Counter[str] = Counter()
    for report in reports:
        lights.update(frozen.get(report.pk, {}))
    return lights, [report for report in reports if report.pk not in frozen]


def _holding(reports: Sequence[Report], day: dt.date, rules: Sequence[LedgerRule]) -> Iterator[Rollup]:
    asked = {report.pk: report for report in reports}
    rows = Rollup.objects.with_head().filter(day=day, **_of(reports))
    if day < clock.today():
        yield from (row for row in rows.filter(entry=None) if row.report_id in asked)
        return
    known = {rule: rule for rule in rules}  # with the calendar, where days of work are counted
    for row in rows:
        if report := asked.get(row.report_id):
            rule = (getattr(report, "settings", None) or LedgerSettings()).rule
            if row.is_current and row.has_rule(known.get(rule, rule)):
                yield row


def _of(reports: Sequence[Report]) -> dict[str, list[int]]:
    """A condition where they are few: of many, all of the day are read."""
    return {"report__in": [report.pk for report in reports]} if len(reports) < MANY else {}


MANY = 500

"""What is kept counted of whole ledgers as of a day, added up without a look at the problems."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from django.db.models.fields.json import KeyTransform

from rectify import clock
from rectify.models import LedgerSettings, Report, Rollup
from rectify.models.office import LedgerRule
from rectify.models.rag_status import OPEN_LIGHTS, OTHERWISE
from rectify.models.rollups import RollupQuerySet

Counts: TypeAlias = dict[str, Counter[str]]
APART = "|"  # between the parts of a key
MANY = 500
LIGHT_AT = {"facts": 0, "report": 1, "leader": 1, "unit": 1}  # where in the key the light stands
OPEN = frozenset(map(str, (*(light.status for light in OPEN_LIGHTS), OTHERWISE.status)))


@dataclass(frozen=True)
class Kept:
    """The counts of some ledgers by grouping, and the ledgers of which nothing is kept that holds."""

    counts: Counts
    others: list[Report]


class Frozen(NamedTuple):
    """The counts of some ledgers as of a day, of what was not open any more."""

    day: dt.date
    counts: Counts

    @property
    def lights(self) -> list[tuple[int, str, int]]:
        """(ledger, light, number)"""
        keys = ((key.split(APART), n) for key, n in self.counts["report"].items())
        return [(int(report), light, n) for (report, light), n in keys]


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
    for rollup in _holding(_rows(reports, day), reports, rules):
        held.add(rollup.report_id)
        lights = {f"{rollup.report_id}{APART}{light}": n for light, n in rollup.lights.items()}
        found += [rollup.counts, {"report": lights}]
    return Kept(added(found), without(held, reports, day))


def without(held: Container[int], reports: Iterable[Report], day: dt.date) -> list[Report]:
    """The others, of those that were there on the day."""
    return [one for one in reports if one.pk not in held and clock.day_of(one.created_at) <= day]


def frozen_before(reports: Sequence[Report], day: dt.date) -> Frozen | None:
    """What was frozen of these ledgers when the last month before the day ended; nothing if it was not of
    each that was there then."""
    month_end = LedgerRule().last_cutoff(day)
    kept = kept_of(reports, month_end, ())
    return None if kept.others else Frozen(month_end, _ended(kept.counts))


def _ended(counts: Counts) -> Counts:
    """Without what was open, whose light changes with the day alone."""
    return {
        name: Counter({key: n for key, n in counts[name].items() if key.split(APART)[place] not in OPEN})
        for name, place in LIGHT_AT.items()
    }


def kept_lights(
    reports: Sequence[Report], day: dt.date, rules: Sequence[LedgerRule], by_these: bool = False
) -> dict[int, dict[str, int]]:
    """The lights of each ledger of which they are kept; `by_these` only where they were counted by these
    rules, as a frozen day keeps the thresholds it had."""
    if not reports:
        return {}
    rows = _holding(_rows(reports, day).defer("counts"), reports, rules, by_these)
    return {rollup.report_id: rollup.lights for rollup in rows}


def kept_alone(
    grouping: str, reports: Sequence[Report], day: dt.date, rules: Sequence[LedgerRule]
) -> dict[int, Mapping[str, int]]:
    """One grouping of each ledger of which it is kept, read without all else that is kept."""
    if not reports:
        return {}
    rows = _rows(reports, day).annotate(asked=KeyTransform(grouping, "counts")).defer("counts", "lights")
    held = ((row.report_id, getattr(row, "asked", None)) for row in _holding(rows, reports, rules))
    return {report: numbers for report, numbers in held if numbers is not None}


def _rows(reports: Sequence[Report], day: dt.date) -> RollupQuerySet:
    """Of a few ledgers their own; of many whatever is kept of the day."""
    rows = Rollup.objects.with_head().filter(day=day)
    return rows.filter(report__in=[report.pk for report in reports]) if len(reports) < MANY else rows


def _holding(
    rows: Iterable[Rollup], reports: Sequence[Report], rules: Sequence[LedgerRule], by_these: bool = False
) -> Iterator[Rollup]:
    """What was frozen, and of today what still holds."""
    asked = {report.pk: report for report in reports}
    known = {rule: rule for rule in rules}  # with the calendar, where days of work are counted
    for row in rows:
        if report := asked.get(row.report_id):
            rule = _rule_of(report)
            if _holds(row, known.get(rule, rule), by_these):
                yield row


def _holds(row: Rollup, rule: LedgerRule, by_this: bool) -> bool:
    if row.entry is None:
        return not by_this or row.has_rule(rule)
    return row.is_current and row.day == clock.today() and row.has_rule(rule)


def _rule_of(report: Report) -> LedgerRule:
    return (getattr(report, "settings", None) or LedgerSettings()).rule

"""The counts of ledgers, kept as of today, frozen at cut-offs and month ends: made, made anew, compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from django.db.models import F

from rectify import clock
from rectify.audit.mismatch import Mismatch
from rectify.models import LedgerSettings, Problem, Report, Rollup
from rectify.models.office import LedgerRule
from rectify.selectors.dashboard.changes import kept_of_today
from rectify.selectors.dashboard.counts import grouped
from rectify.selectors.dashboard.lasting import lasting_of
from rectify.selectors.dashboard.rollups import APART
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.trends import course
from rectify.selectors.list_counts import by_source, listed_of
from rectify.selectors.matrix import gaps_of

REMEDY = "请运行 manage.py verify_summaries --rebuild 重新统计"
# How many cut-offs and month ends back are counted, and how many counts one round makes.
CUTOFFS = 24
A_ROUND = 100
# An act that began before midnight may still be at work: its rows are of the day before.
AFTER_MIDNIGHT = dt.timedelta(hours=1)

Rules: TypeAlias = Mapping[LedgerRule, LedgerRule]


def refresh() -> int:
    """Count anew the ledgers that have moved since they were counted, and freeze past cut-offs."""
    rules = _rules()
    reports = _reports()
    behind = _behind(reports, rules)
    for report in behind:
        store(report, clock.today(), _rule_of(report, rules))
    missing = _missing(reports)[:A_ROUND]
    for day, report in missing:
        store(report, day, _rule_of(report, rules))
    Rollup.objects.filter(day__lt=clock.today(), entry__isnull=False).delete()
    return len(behind) + len(missing)


def rebuild_all() -> None:
    """Count today anew; what was frozen is counted by the thresholds it was frozen with."""
    rules = _rules()
    for report in _reports():
        store(report, clock.today(), _rule_of(report, rules))
    for rollup in Rollup.objects.filter(entry=None).select_related("report").order_by("pk"):
        store(rollup.report, rollup.day, rollup.rule)


def store(report: Report, day: dt.date, rule: LedgerRule) -> None:
    """Keep the counts of a ledger; today's only if nothing was done in it meanwhile."""
    before = _head(report)
    rollup = counted(report, day, rule)
    if day < clock.today():
        rollup.entry = None
    elif _head(report) != before:
        return
    Rollup.objects.bulk_create(
        [rollup],
        update_conflicts=True,
        unique_fields=["day", "report"],
        update_fields=["soon_until", "heard_since", "entry", "lights", "counts"],
    )


def counted(report: Report, day: dt.date, rule: LedgerRule, using: str = "default") -> Rollup:
    """What must be kept of a ledger as of a day, from its problems themselves."""
    scope = Scope(Problem.objects.using(using).filter(report=report), day, [rule])
    counts: dict[str, Any] = {**grouped(scope), "course": course(scope)}
    lights = counts.pop("report")
    if not scope.is_past:
        counts["lasting"] = lasting_of(scope.rows())
        counts["source"] = by_source(scope)
        counts["gaps"] = gaps_of(scope.rows())
        counts["since"] = kept_of_today(scope)
        counts["listed"] = {APART.join(key): n for _, *key, n in listed_of(scope)}
    return Rollup(
        report=report,
        day=day,
        soon_until=rule.due_soon_until(day),
        heard_since=rule.reporting_since(day),
        entry=_head(report, using),
        lights={key.rpartition(APART)[2]: n for key, n in lights.items()},
        counts=counts,
    )


def disagreements(report: Report, using: str) -> Iterator[Mismatch]:
    """The counts of a ledger that still hold, and are not what its problems say."""
    for kept in Rollup.objects.using(using).filter(report=report).with_head().order_by("day"):
        if kept.entry is not None and not (kept.is_current and kept.day == clock.today()):
            continue
        now = counted(report, kept.day, kept.rule, using)
        pairs = {"lights": (kept.lights, now.lights)}
        pairs |= {name: (kept.counts.get(name, {}), numbers) for name, numbers in now.counts.items()}
        for name, (ours, theirs) in pairs.items():
            for key in sorted(ours.keys() | theirs.keys()):
                if (one := ours.get(key, 0)) != (other := theirs.get(key, 0)):
                    words = f"{kept.day} 汇总数 {name} {key}"
                    yield Mismatch(words, f"记的是 {one}，实有 {other}，{REMEDY}")


def _behind(reports: Sequence[Report], rules: Rules) -> list[Report]:
    """Those that have moved, or whose thresholds have changed, since they were counted today."""
    today = {row.report_id: row for row in Rollup.objects.with_head().filter(day=clock.today())}
    return [
        report
        for report in reports
        if (row := today.get(report.pk)) is None
        or not row.is_current
        or not row.has_rule(_rule_of(report, rules))
    ]


def _missing(reports: Sequence[Report]) -> list[tuple[dt.date, Report]]:
    """The days to be frozen that have passed and are not yet, the newest first."""
    frozen = set(Rollup.objects.filter(entry=None).values_list("report_id", "day"))
    passed = cache(lambda rule: frozenset(_cutoffs(rule)))  # ledgers are many, their rules few
    found = [
        (day, report)
        for report in reports
        for day in passed(_settings_of(report).rule) | passed(LedgerRule())
        if (report.pk, day) not in frozen and day >= clock.day_of(report.created_at)
    ]
    return sorted(found, key=lambda row: (row[0], row[1].pk), reverse=True)


def _cutoffs(rule: LedgerRule) -> Iterator[dt.date]:
    """The last that have passed; by the usual rule the ends of months, from which other days are told."""
    day = clock.day_of(clock.now() - AFTER_MIDNIGHT)
    for _ in range(CUTOFFS):
        day = rule.last_cutoff(day)
        yield day


def _reports() -> list[Report]:
    return list(Report.objects.select_related("settings").order_by("pk"))


def _head(report: Report, using: str = "default") -> int | None:
    numbers = Report.objects.using(using).filter(pk=report.pk).values_list(F("head__number"), flat=True)
    return numbers.first()


def _rules() -> Rules:
    return {rule: rule for rule in LedgerSettings.objects.rules()}


def _rule_of(report: Report, rules: Rules) -> LedgerRule:
    """The rule of a ledger, with the calendar where it counts working days."""
    rule = _settings_of(report).rule
    return rules.get(rule, rule)


def _settings_of(report: Report) -> LedgerSettings:
    return getattr(report, "settings", None) or LedgerSettings()

"""What an overview is about: which report and unit, of which day, compared with which; and its counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.http import urlencode

from rectify import clock
from rectify.addresses import address
from rectify.models import LedgerSettings, Problem, Report, Unit, User
from rectify.models.office import LedgerRule
from rectify.models.report import sees_whole_ledgers
from rectify.selectors.dashboard.changes import changes
from rectify.selectors.dashboard.counts import Scope
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.rollups import kept_of
from rectify.selectors.ledgers import Ledgers


@dataclass(frozen=True)
class Asked:
    """What the page is about: which report and unit, of which day, compared with which."""

    looked: Scope
    ledgers: Ledgers
    since: dt.date
    is_usual: bool  # compared with the last cut-off, as nobody asked otherwise

    @property
    def reports(self) -> Sequence[Report]:
        return self.ledgers.looked_at

    @property
    def base(self) -> str:
        """The list of what is counted; conditions are added to it."""
        return self.list_of()

    def list_of(self, **other: str | None) -> str:
        """The list, with conditions changed or (None) taken out."""
        pairs: dict[str, int | str | None] = (
            {**self.pairs} | ({"within": self.looked.unit.pk} if self.looked.unit else {}) | other
        )
        said = urlencode({name: value for name, value in pairs.items() if value is not None})
        return f"{address('problems')}?{said + '&' if said else ''}"

    @property
    def pairs(self) -> dict[str, int | str]:
        """What the list needs to know of report and day."""
        report = self.looked.report.pk if self.looked.report else self.ledgers.value
        pairs: dict[str, int | str] = {"report": report} if report else {}
        return pairs | ({"on": self.looked.day.isoformat()} if self.looked.is_past else {})

    @property
    def kept(self) -> str:
        """What a step in the tree of units carries along."""
        pairs = self.pairs | ({} if self.is_usual else {"vs": self.since.isoformat()})
        return f"{urlencode(pairs)}&" if pairs else ""


def asked_of(
    user: User,
    ledgers: Ledgers,
    unit: Unit | None,
    day: dt.date,
    since: dt.date | None,
) -> Asked:
    """What a person asks about these ledgers; without a day to compare with, the last cut-off."""
    seen, reports, report = Problem.objects.visible_to(user), ledgers.looked_at, ledgers.one
    if ledgers.value and not report:
        seen = seen.filter(report__in=reports)
    looked = Scope(
        seen, day, rules := _rules(reports), report, unit, key=_key(user, ledgers, unit, day, rules)
    )
    asked = Asked(looked, ledgers, since or _last_cutoff(report, reports, day), since is None)
    if looked.is_past or report or unit or not sees_whole_ledgers(user):
        return asked
    kept = kept_of(reports, not seen.query.where, day, asked.since, looked.rules)
    return replace(asked, looked=replace(looked, kept=kept[0], others=kept[1])) if kept else asked


def _key(user: User, ledgers: Ledgers, unit: Unit | None, day: dt.date, rules: list[LedgerRule]) -> Hashable:
    """All that the queries of such an overview are made of."""
    today = clock.today()
    only = tuple(report.pk for report in ledgers.looked_at) if ledgers.value or ledgers.one else None
    place = (unit.pk, unit.path) if unit else None
    return user.scope, only, place, today, day, *(rule.on(min(day, today)) for rule in rules)


def counted_of(asked: Asked) -> dict[str, Any]:
    """What every overview shows: what was asked, the counts of the day, and what changed since."""
    looked = asked.looked
    numbers = overview(looked, looked.day, reports=asked.reports, earlier=asked.since)
    return {
        "asked": asked,
        "looked": looked,
        "reports": asked.reports,
        "report": looked.report,
        "numbers": numbers,
        "base": asked.base,
        "dates": numbers.dates,
        "changes": changes(looked, asked.since),
    }


def _last_cutoff(report: Report | None, reports: Sequence[Report], day: dt.date) -> dt.date:
    """The last day of the period before; of the newest report when several are looked at."""
    first = report or next(iter(reports), None)
    rule = first.settings.rule if first else LedgerRule()
    return clock.period_start(day, rule.period, rule.cutoff_day) - dt.timedelta(days=1)


def _rules(reports: Sequence[Report]) -> list[LedgerRule]:
    """The rules in use, read with the reports; with a calendar only where days of work are counted."""
    if not reports or any(report.settings.by_working_days for report in reports):
        return LedgerSettings.objects.rules()
    return list(dict.fromkeys(report.settings.rule for report in reports))

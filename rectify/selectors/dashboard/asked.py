"""What an overview is about: which report and unit, of which day, compared with which; and its counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode

from rectify import clock
from rectify.addresses import address
from rectify.models import LedgerSettings, Problem, Report, Unit, User
from rectify.models.office import LedgerRule
from rectify.models.report import sees_whole_ledgers
from rectify.selectors.dashboard.changes import changes
from rectify.selectors.dashboard.counts import lights_by_report
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.tallies import Tally
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
    whole = reports if unit is None and sees_whole_ledgers(user) else ()
    rules = _rules(reports)
    only = tuple(one.pk for one in reports) if ledgers.value else ()
    looked = Scope(seen, day, rules, report, unit, whole=whole, key=(user.scope, only))
    return Asked(looked, ledgers, since or _last_cutoff(report, reports, day), since is None)


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


def tallies_by_report(user: User, reports: Sequence[Report]) -> dict[int, Tally]:
    """Where each of these ledgers stands today, as far as the person sees it."""
    seen = Problem.objects.visible_to(user).filter(report__in=[report.pk for report in reports])
    whole = reports if sees_whole_ledgers(user) else ()
    lights = lights_by_report(Scope(seen, clock.today(), _rules(reports), whole=whole))
    return {report.pk: Tally(report.pk, lights=lights.get(report.pk, Counter())) for report in reports}


def _last_cutoff(report: Report | None, reports: Sequence[Report], day: dt.date) -> dt.date:
    """The last day of the period before; of the newest report when several are looked at."""
    first = report or next(iter(reports), None)
    rule = first.settings.rule if first else LedgerRule()
    return rule.last_cutoff(day)


def _rules(reports: Sequence[Report]) -> list[LedgerRule]:
    """The rules in use, read with the reports; with a calendar only where days of work are counted."""
    if not reports or any(report.settings.by_working_days for report in reports):
        return LedgerSettings.objects.rules()
    return list(dict.fromkeys(report.settings.rule for report in reports))

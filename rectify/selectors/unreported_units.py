"""Who has not reported in the period, by ledger and unit: what the office chases in one act."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db.models import Count

from rectify import clock, wording
from rectify.choices import Channel, NoticeKind, Period
from rectify.models import LedgerSettings, Notice, Problem, Report
from rectify.models.report import ReportQuerySet


@dataclass(frozen=True)
class Silence:
    """A ledger with items that nobody reported on, and whether it was chased today."""

    report: Report
    period: str
    total: int
    units: list[tuple[str, str, int]]
    chased_today: bool
    idempotency_key: str = field(default_factory=lambda: str(uuid.uuid4()))


def silence(reports: ReportQuerySet) -> list[Silence]:
    """The ledgers given that have such items, in a fixed number of queries."""
    today = clock.today()
    rows = Problem.objects.filter(report__in=reports).stale(today).order_by("lead_unit__path")
    cells = rows.values_list("report_id", "lead_unit_id", "lead_unit__name").annotate(n=Count("*"))
    found: dict[int, list[tuple[str, str, int]]] = {}
    for report, unit, name, n in cells:
        found.setdefault(report, []).append((str(unit or "none"), name or "责任单位未明确", n))
    told = Notice.objects.filter(report__in=found, day=today, kind=NoticeKind.CHASE, channel=Channel.INBOX)
    chased = set(told.values_list("report_id", flat=True))
    known = reports.filter(pk__in=found).select_related("settings", "unit").newest_first()
    return [_silence(report, found[report.pk], report.pk in chased) for report in known]


def _silence(report: Report, units: list[tuple[str, str, int]], chased: bool) -> Silence:
    settings = getattr(report, "settings", None) or LedgerSettings()
    period = wording.PERIOD_NAME[Period(settings.period)]
    return Silence(report, period, sum(n for *_, n in units), units, chased)

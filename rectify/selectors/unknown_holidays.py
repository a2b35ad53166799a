"""Years whose holidays nobody has entered: named wherever working days are counted."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max

from rectify import clock, wording
from rectify.choices import DayCount
from rectify.models import Holiday, LedgerSettings, Report
from rectify.models.office import years_not_known
from rectify.models.report import ProblemQuerySet


def unknown_years(reports: Sequence[Report], problems: ProblemQuerySet) -> str:
    """In words, the years up to the latest deadline in which weekdays alone are counted; empty where none."""
    counting = LedgerSettings.objects.filter(report__in=reports, day_count=DayCount.WORKING)
    if not counting.exists():
        return ""
    this_year = clock.today().year
    counted = problems.filter(report__in=counting.values("report"))
    last = counted.live().aggregate(last=Max("deadline"))["last"]
    return wording.years(
        Holiday.objects.calendar().unknown(this_year, max(this_year, last.year if last else 0))
    )


def coverage() -> tuple[str, str]:
    """Which years are known, and which of this and the next are not, in words, for the help."""
    known = wording.years(sorted(Holiday.objects.calendar().known))
    return known, wording.years(years_not_known())

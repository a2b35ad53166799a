"""What is kept counted of whole ledgers as of today, read in two queries however many problems there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from rectify.choices import CountedBy
from rectify.models import LedgerSettings, Report, Rollup, RollupDay
from rectify.models.office import LedgerRule
from rectify.selectors.dashboard.grouping import GroupCount

OWNERS = ("by", "of", "light", "is_stale")
# What the trend calls those that are there, that came and that went.
WAYS = {CountedBy.COURSE.value: "now", CountedBy.CAME.value: "in", CountedBy.WENT.value: "out"}
FACTS = (
    *("by", "of", "light", "status", "kind", "band", "timing", "first_timing", "was_extended"),
    *("rank", "due_place", "first_place", "moment"),
)


@dataclass(frozen=True)
class KeptCounts:
    """Counts by owner (and of the earlier day, and of lasting measures), and by facts (and the course)."""

    owners: list[tuple]
    facts: list[tuple]

    def cells(self) -> Iterator[GroupCount]:
        blank = (0, "", "")  # place, label and path
        for by, of, light, is_stale, n in self.owners:
            if by != CountedBy.LASTING:
                yield GroupCount(by, of, *blank, light, "", "", "", "", "", 0, is_stale, n)
        for by, of, light, status, kind, band, current, original, extended, *_, n in self.facts:
            if by == CountedBy.REPORT:
                yield GroupCount(by, of, *blank, light, status, kind, band, current, original, extended, 0, n)

    def course(self) -> list[tuple]:
        """As the rows of the trend: rank, and dates and the moment as places among its days."""
        return [
            (WAYS[by], rank, due, first, moment, n)
            for by, *_, rank, due, first, moment, n in self.facts
            if by in WAYS
        ]

    def lasting(self) -> Counter[str]:
        return Counter({status: n for by, _, status, _, n in self.owners if by == CountedBy.LASTING})


def kept_of(
    reports: Sequence[Report], whole: bool, today: dt.date, since: dt.date, rules: list[LedgerRule]
) -> tuple[KeptCounts, list[int]] | None:
    """What is kept of these ledgers, and those of which nothing is kept for this day and that earlier one.

    None where nothing is. `whole` says that there are no other ledgers at all.
    """
    known = {rule: rule for rule in rules}
    counted: list[int] = []
    others: list[int] = []
    for report in reports:
        day = getattr(report, "counted", None)
        settings = getattr(report, "settings", None) or LedgerSettings()
        asked = RollupDay.made_of(report, today, known.get(settings.rule, settings.rule))
        holds = day is not None and day.is_as(asked) and day.since == since
        (counted if holds else others).append(report.pk)
    if not counted:
        return None
    rows = Rollup.objects.exclude(number=0)
    if others or not whole:
        rows = rows.filter(report__in=counted)
    facts = (CountedBy.REPORT, *WAYS)
    return KeptCounts(
        list(rows.exclude(by__in=facts).order_by().values_list(*OWNERS).annotate(n=Sum("number"))),
        list(rows.filter(by__in=facts).order_by().values_list(*FACTS).annotate(n=Sum("number"))),
    ), others

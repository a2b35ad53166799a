"""Which ledgers a person looks at: all they may see, those of the newest year, or one. Decided here alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce

from rectify.models import Report, User
from rectify.models.compiled import compiled
from rectify.models.report import ReportQuerySet

YEAR = "year"  # as an address says it


@dataclass(frozen=True)
class Ledgers:
    """All that a person may see, the newest first, and what an address or a person asks for of them."""

    seen: Sequence[Report]
    asked: str = ""

    @cached_property
    def value(self) -> str:
        """What is chosen, as an address says it; nothing for all, and for what makes no sense."""
        known = {str(report.pk) for report in self.seen} | ({YEAR} if self.has_years else set())
        return self.asked if self.asked in known and len(self.seen) > 1 else ""

    @cached_property
    def looked_at(self) -> Sequence[Report]:
        if self.value == YEAR:
            return [report for report in self.seen if report.year == self.year]
        return [report for report in self.seen if str(report.pk) == self.value] or self.seen

    @property
    def one(self) -> Report | None:
        return self.looked_at[0] if len(self.looked_at) == 1 else None

    def is_only(self, asked: str) -> bool:
        """Whether that is the only one there is to look at."""
        return [str(report.pk) for report in self.seen] == [asked]

    @property
    def several(self) -> bool:
        """Whether a number alone does not tell which item is meant."""
        return len(self.looked_at) > 1

    @property
    def year(self) -> int:
        return self.seen[0].year if self.seen else 0

    @property
    def has_years(self) -> bool:
        """Whether there are ledgers of earlier years, too."""
        return any(report.year != self.year for report in self.seen)

    @cached_property
    def names(self) -> dict[int, str]:
        """A short name of each: its year, with the unit where there are several; the prefix if need be."""
        units = len({report.unit_id for report in self.seen}) > 1
        short = {
            report.pk: f"{report.unit.short_name if units else ''}{report.year}年度" for report in self.seen
        }
        times = Counter(short.values())
        return {
            report.pk: short[report.pk] + (f"（{report.prefix}）" if times[short[report.pk]] > 1 else "")
            for report in self.seen
        }

    @property
    def told_apart(self) -> dict[int, str]:
        """The names to give with an item: none where only one ledger is in sight."""
        return self.names if self.several else {}

    @property
    def rows(self) -> list[tuple[int, str, str, bool]]:
        """What the switch offers: id, short name, title, and whether it is chosen."""
        names = self.names
        return [(one.pk, names[one.pk], one.title, str(one.pk) == self.value) for one in self.seen]

    @property
    def name(self) -> str:
        """What is chosen, in words."""
        if self.value == YEAR:
            return f"本年度（{self.year}）"
        return self.names[self.looked_at[0].pk] if self.value else "全部台账"


def ledgers_for(user: User, asked: str = "") -> Ledgers:
    """Every page shows them, and how many messages are unread: both come by one query."""
    seen = compiled(("ledgers", user.scope), lambda: _seen(user))
    if seen:
        user.unread = seen[0].unread
    return Ledgers(seen, asked)


def _seen(user: User) -> QuerySet:
    unread = user.unread_notices.order_by().values("user").annotate(n=Count("*")).values("n")
    found = Report.objects.visible_to(user).select_related("unit", "settings").newest_first()
    return found.annotate(unread=Coalesce(Subquery(unread), 0))


def reports_in(user: User, asked: str) -> ReportQuerySet:
    """The ledgers a person may choose one from; those of the newest year where an address asks for them."""
    seen = Report.objects.visible_to(user).newest_first()
    if asked != YEAR:
        return seen
    return seen.filter(year__in=seen.values("year")[:1])

"""What an overview looks at: which problems, of which day, and what is known of them without a look.

The same queries serve today (the problems themselves) and a past day (their history rows).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from rectify import clock
from rectify.models import ProblemState, Report, Unit
from rectify.models.compiled import compiled, padded, streamed
from rectify.models.office import LedgerRule
from rectify.models.rank import UNFINISHED, is_unfinished
from rectify.models.report import ProblemQuerySet
from rectify.models.state import ProblemStateQuerySet
from rectify.selectors.dashboard.rollups import Frozen, Kept, frozen_before, kept_of, without
from rectify.selectors.problem_changes import in_subtree


@dataclass(frozen=True)
class Scope:
    """The problems of an overview: what the person sees, of one report or all, of one subtree or all."""

    seen: ProblemQuerySet
    day: dt.date
    rules: list[LedgerRule]
    report: Report | None = None
    unit: Unit | None = None
    by_part: bool = False  # by aspect, cause and direction too, as is always done for one report
    whole: Sequence[Report] = ()  # the ledgers, where all of them is looked at: their counts are kept
    key: Hashable = None  # all that its queries are made of, where they may be kept compiled
    by_rules: bool = False  # by these rules also where a day was frozen by others
    among: Sequence[int] = ()  # of these ledgers alone: filled in when its queries are asked
    frozen: Frozen | None = None  # the counts of an earlier day, from which those of the day are told

    def as_key(self, what: str, *more: Hashable) -> Hashable:
        """The key under which a query of these problems is compiled, if any is."""
        if self.key is None:
            return None
        report, unit = self.report and self.report.pk, self.unit and (self.unit.pk, self.unit.path)
        days = self.day, clock.today(), self.frozen and self.frozen.day
        rules = (rule.on(self.day) for rule in self.rules)
        return what, self.key, *days, report, unit, self.by_part, *rules, *more

    @property
    def is_past(self) -> bool:
        return self.day < clock.today()

    @cached_property
    def kept(self) -> Kept:
        return kept_of(self.whole, self.day, self.rules) if self.whole else Kept({}, [])

    @cached_property
    def uncounted(self) -> Scope | None:
        """The part of which nothing is kept."""
        return self.part(self.kept.others) if self.whole else self

    def part(self, reports: Sequence[Report]) -> Scope | None:
        """Some of its whole ledgers, of a past day with what was frozen of them before."""
        some = self.only(reports)
        return replace(some, frozen=frozen_before(reports, self.day)) if some and self.is_past else some

    def only(self, reports: Sequence[Report]) -> Scope | None:
        """The part that lies in some of its whole ledgers."""
        if not reports:
            return None
        if len(reports) == len(without((), self.whole, self.day)):  # nothing lies in those made later
            return replace(self, whole=())
        ids = padded([one.pk for one in reports])
        return replace(self, whole=(), among=ids, key=self.key and (self.key, "among"))

    def asked(self, what: str, build: Callable[[Scope], QuerySet], *more: Hashable) -> list[Any]:
        """The rows of a query made of this scope, compiled once whichever ledgers they are."""
        return compiled(self.as_key(what, *more), lambda *ids: build(replace(self, among=ids)), *self.among)

    def streamed(self, what: str, build: Callable[[Scope], QuerySet]) -> Iterator[Any]:
        """The same, a few rows at a time."""
        return streamed(self.as_key(what), lambda *ids: build(replace(self, among=ids)), *self.among)

    @property
    def problems(self) -> ProblemQuerySet:
        """Of the report, whatever their unit is or was."""
        seen = self.seen.filter(report=self.report) if self.report else self.seen
        return seen.filter(report__in=self.among) if self.among else seen

    def narrowed(self, rows: Any) -> Any:
        """The rows whose unit lies in the subtree asked for, as they stand or stood."""
        return rows.filter(in_subtree(self.unit)) if self.unit else rows

    def rows(self, day: dt.date | None = None) -> Any:
        """The live problems themselves, or their history rows of a past day. Live is said by a plain column:
        SQLite never reads a generated one out of an index alone."""
        day = day or self.day
        if day >= clock.today():
            return self.narrowed(self.problems.filter(withdrawn=False))
        return self.past().at(day)

    @property
    def is_by_day(self) -> bool:
        """Whether it is so much of all there is that its history is read by day and not by problem."""
        return not (self.report or self.seen.query.where)

    def portions(self) -> list[tuple[Any, int]]:
        """Rows to count: all, or what is to be added to the frozen counts of what had ended (1) and taken
        from them (-1). What was open then is looked at anew, for its light changes with the day alone."""
        if self.frozen is None:
            return [(rows, 1) for rows in self.present_rows()]
        start, end = clock.end_of(self.frozen.day), clock.end_of(self.day)
        # By status too, for an index leads to the few that are open.
        unfinished = is_unfinished() & Q(status__in=UNFINISHED)
        still_open = [(rows.filter(unfinished), 1) for rows in self.present_rows(start)]
        history = self.past()
        came = history.at(self.day).filter(valid_from__gte=start)
        went = history.filter(~is_unfinished(), valid_from__lt=start, valid_to__gte=start, valid_to__lt=end)
        return [*still_open, (came, 1), (went, -1)]

    def present_rows(self, before: dt.datetime | None = None) -> list[Any]:
        """As `rows`, or of these what began before; of a past day in two where an index is to find what
        stands to this day, and what was changed after the day."""
        if not (self.is_past and self.is_by_day):
            return [self.rows().filter(valid_from__lt=before) if before else self.rows()]
        end = clock.end_of(self.day)
        standing = self.past().filter(valid_to__isnull=True, valid_from__lt=before or end)
        # Led to by when it was changed: more began before a day than was changed after it.
        began = self.past().alias(began=Coalesce("valid_from", "valid_from"))
        return [standing, began.filter(valid_to__gte=end, began__lt=before or end)]

    def past(self) -> Any:
        """All that the history says of these problems, whatever the day."""
        return self.narrowed(self.of_these(self.history()))

    def history(self) -> ProblemStateQuerySet:
        return ProblemState.objects.using(self.seen.db).filter(withdrawn=False)

    def of_these(self, rows: Any) -> Any:
        """Rows that belong to these problems; no condition where a person sees all there is."""
        if self.problems.query.where:
            return rows.filter(problem__in=self.problems.order_by().values("pk"))
        return rows

    def present(self) -> ProblemQuerySet:
        """The problems that were live on the day."""
        if not self.is_past:
            return self.rows()
        # Asked of each: what narrows them further is found by an index, and is little.
        then = self.narrowed(self.history().at(self.day)).filter(problem=OuterRef("pk"))
        return self.problems.filter(Exists(then))

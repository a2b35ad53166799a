"""What an overview looks at, and its counts: every grouping of the page in one query.

A cell says how many problems share a light and whatever else is counted; `what` names the grouping. The
same query serves today (the problems themselves) and a past day (their history rows). What is kept counted of
whole ledgers is taken from there, and only of the others is there anything to ask.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, CharField, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from rectify import clock
from rectify.choices import Band, LinkStatus, Timing
from rectify.models import Problem, ProblemState, Report, Unit
from rectify.models.compiled import compiled
from rectify.models.office import LedgerRule
from rectify.models.rag_status import LightQuerySet
from rectify.models.rank import is_open
from rectify.models.report import ProblemQuerySet
from rectify.models.timing import overdue_for, timing_rule
from rectify.selectors.dashboard.grouping import NAMES, GroupCount
from rectify.selectors.dashboard.rollups import KeptCounts
from rectify.selectors.problem_changes import in_subtree

TEXT = CharField()


@dataclass(frozen=True)
class Scope:
    """The problems of an overview: what the person sees, of one report or all, of one subtree or all."""

    seen: ProblemQuerySet
    day: dt.date
    rules: list[LedgerRule]
    report: Report | None = None
    unit: Unit | None = None
    by_part: bool = False  # by aspect, cause and direction too, as is always done for one report
    kept: KeptCounts | None = None  # what is kept counted of all these problems but those
    others: Sequence[int] = ()  # of these ledgers
    key: Hashable = None  # all that its queries are made of, where they may be kept compiled

    @property
    def is_past(self) -> bool:
        return self.day < clock.today()

    @property
    def uncounted(self) -> Scope | None:
        """The part of which nothing is kept."""
        if self.kept is None:
            return self
        if not self.others:
            return None
        some = tuple(self.others)
        key = self.key and (self.key, some)
        return replace(self, seen=self.seen.filter(report__in=some), kept=None, others=(), key=key)

    @property
    def problems(self) -> ProblemQuerySet:
        """Of the report, whatever their unit is or was."""
        return self.seen.filter(report=self.report) if self.report else self.seen

    def narrowed(self, rows: Any) -> Any:
        """The rows whose unit lies in the subtree asked for, as they stand or stood."""
        return rows.filter(in_subtree(self.unit)) if self.unit else rows

    def rows(self, day: dt.date | None = None) -> Any:
        """The live problems themselves, or their history rows of a past day."""
        day = day or self.day
        if day >= clock.today():
            return self.narrowed(self.problems.live())
        return self.narrowed(self.of_these(ProblemState.objects.at(day).live()))

    def of_these(self, rows: Any) -> Any:
        """Rows that belong to these problems; no condition where a person sees all there is."""
        if self.problems.query.where:
            return rows.filter(problem__in=self.problems.order_by().values("pk"))
        return rows

    def present(self) -> ProblemQuerySet:
        """The problems that were live on the day."""
        if not self.is_past:
            return self.rows()
        return self.problems.filter(pk__in=self.rows().order_by().values("problem_id"))


def cells(scope: Scope, earlier: dt.date | None = None) -> Iterator[GroupCount]:
    """All groupings of the day, and the lights of an earlier one as `earlier`."""
    if scope.kept:
        yield from scope.kept.cells()
    if (uncounted := scope.uncounted) is not None:
        yield from _asked(uncounted, earlier)


def _asked(scope: Scope, earlier: dt.date | None) -> Iterator[GroupCount]:
    key = scope.key and ("cells", scope.key, earlier)
    return (GroupCount(*row) for row in compiled(key, lambda: _grouped_all(scope, earlier)))


def _grouped_all(scope: Scope, earlier: dt.date | None) -> QuerySet:
    rows = scope.rows()
    parts = [
        _facts(rows, scope),
        _grouped(rows, scope, "leader", "leader_id"),
        _grouped(rows, scope, "unit", "lead_unit_id", stale=True),
    ]
    if scope.report or scope.by_part:
        parts += [
            _grouped(rows, scope, "aspect", _at(rows, "aspect_id"), _at(rows, "aspect__title"),
                     path=_at(rows, "aspect__short"), place=_at(rows, "aspect__number")),
            _tied(rows, scope, "cause"),
            _tied(rows, scope, "direction"),
        ]  # fmt: skip
    if earlier:
        then = scope.rows(earlier)
        parts.append(_cell(then.with_light(earlier, scope.rules), "earlier"))
    first, *others = parts
    return first.union(*others, all=True)


def _facts(rows: LightQuerySet, scope: Scope) -> Any:
    """By report, status, type, how long overdue and how it stands against its dates."""
    day = scope.day
    current = (Timing.CLOSED_LATE, Timing.CLOSED_ON_TIME)
    original = (Timing.ORIGINAL_LATE, Timing.ORIGINAL_ON_TIME, Timing.ORIGINAL_OVERDUE)
    return _cell(
        rows.with_light(day, scope.rules),
        "report",
        key=F(_at(rows, "report_id")),
        status_then=F("status"),
        kind_then=F("kind"),
        band=_first([(overdue_for(band, day), band) for band in Band]),
        current=_first([(timing_rule(timing, day), timing) for timing in current]),
        original=_first([(timing_rule(timing, day), timing) for timing in original]),
        extended=_yes(timing_rule(Timing.EXTENDED, day)),
    )


def _grouped(
    rows: LightQuerySet,
    scope: Scope,
    what: str,
    key: str,
    label: str = "",
    *,
    path: str = "",
    place: str = "",
    stale: bool = False,
) -> Any:
    lit = rows.with_light(scope.day, scope.rules)
    said: dict[str, Any] = {"key": Coalesce(F(key), Value(0))}
    if label:
        said["label"] = Coalesce(F(label), Value(""))
    if path:
        said["path"] = Coalesce(F(path), Value(""))
    if place:
        said["place"] = Coalesce(F(place), Value(0))
    if stale:
        silent = is_open() & rows.unreported_rule(scope.day, scope.rules)
        said["is_stale"] = _yes(silent)
    return _cell(lit, what, **said)


def _tied(rows: LightQuerySet, scope: Scope, what: str) -> Any:
    """By cause or direction; ties that a person rejected do not count."""
    link = _at(rows, f"{what}_links")
    tied = rows.filter(
        **{f"{link}__isnull": False, f"{link}__status__in": (LinkStatus.CONFIRMED, LinkStatus.PENDING)}
    )
    names = {"key": f"{link}__{what}_id", "label": f"{link}__{what}__title"}
    return _grouped(tied, scope, what, names["key"], names["label"], place=f"{link}__{what}__number")


def _cell(lit: LightQuerySet, what: str, **said: Any) -> Any:
    blank: dict[str, Any] = {
        "what": Value(what, output_field=TEXT),
        "key": Value(0),
        "place": Value(0),
        "label": Value("", output_field=TEXT),
        "path": Value("", output_field=TEXT),
        "light_then": F("light"),
        "status_then": Value("", output_field=TEXT),
        "kind_then": Value("", output_field=TEXT),
        "band": Value("", output_field=TEXT),
        "current": Value("", output_field=TEXT),
        "original": Value("", output_field=TEXT),
        "extended": Value(0),
        "is_stale": Value(0),
    }
    columns = blank | said
    return lit.order_by().annotate(**columns).values_list(*NAMES[:-1]).annotate(n=Count("*"))


def _at(rows: LightQuerySet, name: str) -> str:
    """A field of the problem, seen from its history rows too."""
    return name if rows.model is Problem else f"problem__{name}"


def _first(rules: list[tuple[Q, str]]) -> Case:
    """The first of the names whose rule holds, or nothing."""
    cases = [When(rule, then=Value(str(name))) for rule, name in rules]
    return Case(*cases, default=Value(""), output_field=TEXT)


def _yes(rule: Q) -> Case:
    return Case(When(rule, then=Value(1)), default=Value(0), output_field=IntegerField())

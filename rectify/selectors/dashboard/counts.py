"""What an overview looks at, and its counts, by owner and by fact.

The same queries serve today (the problems themselves) and a past day (their history rows). What is kept
counted of whole ledgers is taken from there, and only of the others is there anything to ask.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from rectify import clock
from rectify.choices import Band, LinkStatus, Timing
from rectify.models import Problem, ProblemState, Report, Unit
from rectify.models.compiled import compiled
from rectify.models.office import LedgerRule
from rectify.models.rag_status import LightQuerySet
from rectify.models.rank import is_open
from rectify.models.report import ProblemQuerySet
from rectify.models.state import ProblemStateQuerySet
from rectify.models.timing import overdue_for, timing_rule
from rectify.selectors.dashboard.rollups import APART, Counts, Kept, added, kept_lights, kept_of
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
    whole: Sequence[Report] = ()  # the ledgers, where all of them is looked at: their counts are kept
    key: Hashable = None  # all that its queries are made of, where they may be kept compiled

    def as_key(self, what: str, *more: Hashable) -> Hashable:
        """The key under which a query of these problems is compiled, if any is."""
        if self.key is None:
            return None
        report, unit = self.report and self.report.pk, self.unit and (self.unit.pk, self.unit.path)
        rules = (rule.on(self.day) for rule in self.rules)
        return what, self.key, self.day, clock.today(), report, unit, self.by_part, *rules, *more

    @property
    def is_past(self) -> bool:
        return self.day < clock.today()

    @cached_property
    def kept(self) -> Kept:
        return kept_of(self.whole, self.day, self.rules) if self.whole else Kept({}, [])

    @cached_property
    def uncounted(self) -> Scope | None:
        """The part of which nothing is kept."""
        return self.only(self.kept.others) if self.whole else self

    def only(self, reports: Sequence[Report]) -> Scope | None:
        """The part that lies in some of its whole ledgers."""
        if not reports:
            return None
        if len(reports) == len(self.whole):
            return replace(self, whole=())
        some = tuple(one.pk for one in reports)
        key = self.key and (self.key, some)
        return replace(self, seen=self.seen.filter(report__in=some), whole=(), key=key)

    @property
    def problems(self) -> ProblemQuerySet:
        """Of the report, whatever their unit is or was."""
        return self.seen.filter(report=self.report) if self.report else self.seen

    def narrowed(self, rows: Any) -> Any:
        """The rows whose unit lies in the subtree asked for, as they stand or stood."""
        return rows.filter(in_subtree(self.unit)) if self.unit else rows

    def rows(self, day: dt.date | None = None) -> Any:
        """The live problems themselves, or their history rows of a past day. Live is said by a plain column:
        SQLite never reads a generated one out of an index alone."""
        day = day or self.day
        if day >= clock.today():
            return self.narrowed(self.problems.filter(withdrawn=False))
        return self.narrowed(self.of_these(self.history().at(day)))

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


def counts_of(scope: Scope) -> Counts:
    """By fact, ledger, leader and unit; whatever else is kept comes with it."""
    uncounted = scope.uncounted
    return added([scope.kept.counts, grouped(uncounted)] if uncounted else [scope.kept.counts])


def grouped(scope: Scope) -> Counts:
    """The same from the problems themselves, in one query; how silent a unit is goes with its light."""
    found: Counts = {"facts": Counter(), "report": Counter(), "leader": Counter(), "unit": Counter()}
    rows = compiled(scope.as_key("grouped"), lambda: _groups(scope))
    for what, of, light, *facts, n in rows:
        if what == "report":
            found["facts"][_key(light, *facts)] += n
            found["report"][_key(of, light)] += n
        else:
            found[what][_key(of, light, facts[-1]) if what == "unit" else _key(of, light)] += n
    return found


def _groups(scope: Scope) -> QuerySet:
    rows = scope.rows()
    leaders, units = _owned(rows, scope, "leader", "leader_id"), _units(rows, scope)
    return _facts(rows, scope).union(leaders, units, all=True)


def lights_of(scope: Scope) -> Counter[str]:
    """By light alone."""
    total: Counter[str] = Counter()
    for lights in lights_by_report(scope).values():
        total.update(lights)
    return total


def lights_by_report(scope: Scope) -> dict[int, Counter[str]]:
    """By light, for each ledger."""
    kept = kept_lights(scope.whole, scope.day, scope.rules)
    found = {report: Counter(lights) for report, lights in kept.items()}
    others = [report for report in scope.whole if report.pk not in kept]
    left = scope.only(others) if scope.whole else scope
    if left is not None:
        key = left.as_key("lights")
        for report, light, n in compiled(key, partial(_lights, left)):
            found.setdefault(report, Counter())[light] += n
    return found


def _lights(scope: Scope) -> QuerySet:
    lit = scope.rows().with_light(scope.day, scope.rules).order_by()
    return lit.values_list(_at(lit, "report_id"), "light").annotate(n=Count("*"))


def by_source(scope: Scope) -> Counter[str]:
    """By light and source of the problem, today."""
    lit = scope.rows().with_light(scope.day, scope.rules).order_by()
    rows = lit.values_list("light", "source").annotate(n=Count("*"))
    return Counter({_key(light, source): n for light, source, n in rows})


class PartCount(NamedTuple):
    """How many problems of an aspect, a cause or a direction show a light; `what` says of which."""

    what: str
    key: int
    place: int
    label: str
    path: str
    light: str
    n: int


def parts_of(scope: Scope) -> Iterable[PartCount]:
    """By aspect, cause and direction: as they are tied today, whatever the day."""
    if not (scope.report or scope.by_part):
        return ()
    key = scope.as_key("parts")
    return (PartCount(*row) for row in compiled(key, lambda: _parts(scope)))


def _parts(scope: Scope) -> QuerySet:
    rows = scope.rows()
    aspect = {
        "key": _at(rows, "aspect_id"), "place": _at(rows, "aspect__number"),
        "label": _at(rows, "aspect__title"), "path": _at(rows, "aspect__short"),
    }  # fmt: skip
    first = _part(rows, scope, "aspect", **aspect)
    tied = [_tied(rows, scope, what) for what in ("cause", "direction")]
    return first.union(*tied, all=True)


def _key(*parts: object) -> str:
    return APART.join(map(str, parts))


def _facts(rows: LightQuerySet, scope: Scope) -> Any:
    """By report, status, type, how long overdue and how it stands against its dates."""
    day = scope.day
    current = (Timing.CLOSED_LATE, Timing.CLOSED_ON_TIME)
    original = (Timing.ORIGINAL_LATE, Timing.ORIGINAL_ON_TIME, Timing.ORIGINAL_OVERDUE)
    facts = {
        "status_then": F("status"),
        "kind_then": F("kind"),
        "band": _first([(overdue_for(band, day), band) for band in Band]),
        "current": _first([(timing_rule(timing, day), timing) for timing in current]),
        "original": _first([(timing_rule(timing, day), timing) for timing in original]),
        "mark": _yes(timing_rule(Timing.EXTENDED, day)),
    }
    return _owned(rows, scope, "report", _at(rows, "report_id"), **facts)


def _units(rows: LightQuerySet, scope: Scope) -> Any:
    silent = is_open() & rows.unreported_rule(scope.day, scope.rules)
    return _owned(rows, scope, "unit", "lead_unit_id", mark=_yes(silent))


def _owned(rows: LightQuerySet, scope: Scope, what: str, key: str, **facts: Any) -> Any:
    blank = dict.fromkeys(("status_then", "kind_then", "band", "current", "original"), Value("", TEXT))
    columns: dict[str, Any] = {
        "what": Value(what, output_field=TEXT),
        "key": Coalesce(F(key), Value(0)),
        "light_then": F("light"),
        **blank,
        "mark": Value(0),
    } | facts
    return _counted(rows, scope, columns)


def _tied(rows: LightQuerySet, scope: Scope, what: str) -> Any:
    """By cause or direction; ties that a person rejected do not count."""
    link = _at(rows, f"{what}_links")
    tied = rows.filter(
        **{f"{link}__isnull": False, f"{link}__status__in": (LinkStatus.CONFIRMED, LinkStatus.PENDING)}
    )
    names = {
        "key": f"{link}__{what}_id",
        "label": f"{link}__{what}__title",
        "place": f"{link}__{what}__number",
    }
    return _part(tied, scope, what, **names)


def _part(rows: LightQuerySet, scope: Scope, what: str, **names: str) -> Any:
    columns: dict[str, Any] = {"what": Value(what, output_field=TEXT)}
    for name, nothing in (("key", 0), ("place", 0), ("label", ""), ("path", "")):
        value = Value(nothing, output_field=IntegerField() if nothing == 0 else TEXT)
        columns[name] = Coalesce(F(names[name]), value) if name in names else value
    return _counted(rows, scope, columns | {"light_then": F("light")})


def _counted(rows: LightQuerySet, scope: Scope, columns: dict[str, Any]) -> Any:
    lit = rows.with_light(scope.day, scope.rules).order_by()
    return lit.annotate(**columns).values_list(*columns).annotate(n=Count("*"))


def _at(rows: LightQuerySet, name: str) -> str:
    """A field of the problem, seen from its history rows too."""
    return name if rows.model is Problem else f"problem__{name}"


def _first(rules: list[tuple[Q, str]]) -> Case:
    """The first of the names whose rule holds, or nothing."""
    cases = [When(rule, then=Value(str(name))) for rule, name in rules]
    return Case(*cases, default=Value(""), output_field=TEXT)


def _yes(rule: Q) -> Case:
    return Case(When(rule, then=Value(1)), default=Value(0), output_field=IntegerField())

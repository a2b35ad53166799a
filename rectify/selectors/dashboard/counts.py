"""The counts of an overview, by owner and by fact.

What is kept counted of whole ledgers is taken from there, and only of the others is there anything to ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from rectify.choices import Band, LinkStatus, Timing
from rectify.models import Problem
from rectify.models.rag_status import LightQuerySet
from rectify.models.rank import is_open
from rectify.models.timing import overdue_for, timing_rule
from rectify.selectors.dashboard.rollups import APART, Counts, added, kept_lights, without
from rectify.selectors.dashboard.scope import Scope

TEXT = CharField()
OWNED = ("facts", "report", "leader", "unit")


def counts_of(scope: Scope) -> Counts:
    """By fact, ledger, leader and unit; whatever else is kept comes with it."""
    uncounted = scope.uncounted
    return added([scope.kept.counts, grouped(uncounted)] if uncounted else [scope.kept.counts])


def grouped(scope: Scope) -> Counts:
    """The same from the problems themselves: read once and counted here in every way, which is quicker than
    several groupings by the database. How silent a unit is goes with its light."""
    facts, reports, leaders, units = (Counter[tuple]() for _ in OWNED)
    for n, report, leader, unit, silent, *fact in scope.streamed("grouped", _each):
        light = fact[0]
        facts[*fact] += n
        reports[report, light] += n
        leaders[leader or 0, light] += n
        units[unit or 0, light, silent] += n
    found = zip(OWNED, (facts, reports, leaders, units), strict=True)
    keyed = {name: {_key(*key): n for key, n in counts.items()} for name, counts in found}
    known = scope.frozen.counts if scope.frozen else {}
    return {name: +numbers for name, numbers in added([keyed, known]).items()}


def _each(scope: Scope) -> QuerySet:
    """What is counted of each problem, and whether it is added or taken away."""
    return _joined(_one_by_one(rows, scope, sign) for rows, sign in scope.portions())


def _one_by_one(rows: LightQuerySet, scope: Scope, sign: int) -> Any:
    day = scope.day
    current = (Timing.CLOSED_LATE, Timing.CLOSED_ON_TIME)
    original = (Timing.ORIGINAL_LATE, Timing.ORIGINAL_ON_TIME, Timing.ORIGINAL_OVERDUE)
    columns = {
        "sign": Value(sign),
        "of": F(_at(rows, "report_id")),
        "led_by": F("leader_id"),
        "done_by": F("lead_unit_id"),
        "silent": _yes(is_open() & rows.unreported_rule(day, scope.rules)),
        "light_then": F("light"),
        "status_then": F("status"),
        "kind_then": F("kind"),
        "band": _first([(overdue_for(band, day), band) for band in Band]),
        "current": _first([(timing_rule(timing, day), timing) for timing in current]),
        "original": _first([(timing_rule(timing, day), timing) for timing in original]),
        "extended": _yes(timing_rule(Timing.EXTENDED, day)),
    }
    return rows.with_light(day, scope.rules).order_by().annotate(**columns).values_list(*columns)


def _joined(parts: Iterable[Any]) -> QuerySet:
    first, *others = parts
    return first.union(*others, all=True) if others else first


def lights_of(scope: Scope) -> Counter[str]:
    """By light alone: of a past day nothing is read of the problems themselves."""
    kept, left = _lights_kept(scope)
    total: Counter[str] = Counter()
    for lights in kept.values():
        total.update(lights)
    if left is not None:
        known = left.frozen.lights if left.frozen else []
        for light, n in [*((light, n) for _, light, n in known), *left.asked("lights", _lights)]:
            total[light] += n
    return +total


def lights_by_report(scope: Scope) -> dict[int, Counter[str]]:
    """By light, for each ledger."""
    kept, left = _lights_kept(scope)
    found = {report: Counter(lights) for report, lights in kept.items()}
    if left is not None:
        known = left.frozen.lights if left.frozen else []
        for report, light, n in [*known, *left.asked("lights by report", _lights_by_report)]:
            found.setdefault(report, Counter())[light] += n
    return {report: +lights for report, lights in found.items()}


def _lights_kept(scope: Scope) -> tuple[dict[int, dict[str, int]], Scope | None]:
    """The lights of each ledger of which they are kept, and the part of which they are not."""
    kept = kept_lights(scope.whole, scope.day, scope.rules, scope.by_rules)
    return kept, scope.part(without(kept, scope.whole, scope.day)) if scope.whole else scope


def _lights(scope: Scope) -> QuerySet:
    return _joined(_counted(rows, scope, sign, {"light_then": F("light")}) for rows, sign in scope.portions())


def _lights_by_report(scope: Scope) -> QuerySet:
    return _joined(
        _counted(rows, scope, sign, {"of": F(_at(rows, "report_id")), "light_then": F("light")})
        for rows, sign in scope.portions()
    )


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
    return (PartCount(*row) for row in scope.asked("parts", _parts))


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
    return _counted(rows, scope, 1, columns | {"light_then": F("light")})


def _counted(rows: LightQuerySet, scope: Scope, sign: int, columns: dict[str, Any]) -> Any:
    lit = rows.with_light(scope.day, scope.rules).order_by()
    return lit.annotate(**columns).values_list(*columns).annotate(n=Count("*") * sign)


def _at(rows: LightQuerySet, name: str) -> str:
    """A field of the problem, seen from its history rows too."""
    return name if rows.model is Problem else f"problem__{name}"


def _first(rules: list[tuple[Q, str]]) -> Case:
    """The first of the names whose rule holds, or nothing."""
    cases = [When(rule, then=Value(str(name))) for rule, name in rules]
    return Case(*cases, default=Value(""), output_field=TEXT)


def _yes(rule: Q) -> Case:
    return Case(When(rule, then=Value(1)), default=Value(0), output_field=IntegerField())

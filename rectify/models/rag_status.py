"""The one light: a table of conditions, from which the database's answer and Python's are both made.

A condition asks a reading of the problem, of which there are three: by the columns of an index, by the
plain columns, and of one row at hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When

from rectify import clock
from rectify.choices import RagStatus
from rectify.models.office import LedgerRule, LedgerSettings
from rectify.models.rank import COLUMNS, NEVER, Rank


class LightReading(Protocol):
    """What can be asked of a problem on a day; answered with a condition (Q) or with yes and no."""

    def has_rank(self, rank: Rank) -> Any: ...
    def is_past_due(self) -> Any: ...
    def is_due_soon(self) -> Any: ...
    def is_silent(self) -> Any: ...
    def is_undated(self) -> Any: ...


class Light(NamedTuple):
    """A light, the rank of the problems that show it, and what must hold of them besides."""

    status: RagStatus
    rank: Rank
    condition: Callable[[LightReading], Any] | None = None

    def holds(self, reading: LightReading) -> Any:
        return self.condition(reading) if self.condition else reading.has_rank(self.rank)


# In the order of precedence of the domain: the first that holds is shown.
LIGHTS = (
    Light(RagStatus.WITHDRAWN, Rank.WITHDRAWN),
    Light(RagStatus.CARRIED, Rank.CARRIED),
    Light(RagStatus.CLOSED, Rank.CLOSED),
    Light(RagStatus.FINISHED_BEFORE, Rank.FINISHED_BEFORE),
    Light(RagStatus.STANDING, Rank.STANDING),
    Light(RagStatus.OVERDUE, Rank.OPEN, lambda problem: problem.is_past_due()),
    Light(RagStatus.DUE_SOON, Rank.OPEN, lambda problem: problem.is_due_soon()),
    Light(RagStatus.UNREPORTED, Rank.OPEN, lambda problem: problem.is_silent()),
    Light(RagStatus.UNDATED, Rank.OPEN, lambda problem: problem.is_undated()),
)
OTHERWISE = Light(RagStatus.NORMAL, Rank.OPEN)  # an open one of which no condition holds
LIGHT_OF_RANK = {light.rank: light.status for light in LIGHTS if not light.condition}
# Parts of a list in order of urgency: within each an index orders by rank and date.
BANDS = (
    (RagStatus.OVERDUE, RagStatus.DUE_SOON),
    (RagStatus.UNREPORTED,),
    (RagStatus.NORMAL, RagStatus.UNDATED),
    tuple(LIGHT_OF_RANK.values()),
)
OPEN_LIGHTS = tuple(light for light in LIGHTS if light.condition)
OPEN_IN_TIME = tuple(light.status for light in (*OPEN_LIGHTS, OTHERWISE) if light.status != RagStatus.OVERDUE)


@dataclass(frozen=True)
class RowReading:
    """One row at hand, where it is known what is soon, and since when a note counts."""

    row: Any
    today: dt.date
    soon_until: dt.date
    heard_since: dt.date

    def has_rank(self, rank: Rank) -> bool:
        return self.row.rank == rank

    def is_past_due(self) -> bool:
        return self.row.due < self.today

    def is_due_soon(self) -> bool:
        return self.row.due <= self.soon_until

    def is_silent(self) -> bool:
        start = clock.start_of(self.heard_since)
        reported_at = self.row.reported_at
        return self.row.created_at < start and (reported_at is None or reported_at < start)

    def is_undated(self) -> bool:
        return self.row.due == NEVER

    @property
    def light(self) -> str:
        return next((light.status for light in LIGHTS if light.holds(self)), OTHERWISE.status)

    @property
    def is_stale(self) -> bool:
        """Work goes on, and nothing was reported in the period, whatever the light."""
        return self.has_rank(Rank.OPEN) and self.is_silent()


def light_of(problem: Any, today: dt.date, rule: LedgerRule) -> str:
    """The light of one current problem at hand; what `with_light` annotates to many."""
    return RowReading(problem, today, rule.due_soon_until(today), rule.reporting_since(today)).light


@dataclass(frozen=True)
class IndexReading:
    """The rows of a query by `rank` and `due`, so that an index answers."""

    rows: LightQuerySet
    today: dt.date
    rules: list[LedgerRule]
    date = "due"

    def has_rank(self, rank: Rank) -> Q:
        return Q(rank=rank)

    def is_past_due(self) -> Q:
        return Q(**{f"{self.date}__lt": self.today})

    def is_due_soon(self) -> Q:
        limits = {
            (rule.due_soon_days, rule.day_count): rule.due_soon_until(self.today) for rule in self.rules
        }
        conditions = {key: Q(**{f"{self.date}__lte": limits[key]}) for key in sorted(limits)}
        return self.rows.by_rule(("due_soon_days", "day_count"), conditions)

    def is_silent(self) -> Q:
        """Known before the period began, and no note in it."""
        conditions = {}
        for rule in self.rules:
            start = clock.start_of(rule.reporting_since(self.today))
            heard = self.rows.without_note(start, clock.end_of(self.today))
            conditions[(rule.key,)] = self.rows.known_before(start) & heard
        return self.rows.by_rule(("rule_key",), conditions)

    def is_undated(self) -> Q:
        return Q(due=NEVER)


class RankReading(IndexReading):
    """The same by `rank` alone: no index of dates answers where another order is to be read."""

    date = "deadline"

    def is_undated(self) -> Q:
        return Q(deadline__isnull=True)


class PlainReading(RankReading):
    """The same by the plain columns: SQLite never reads a generated one out of an index alone."""

    def has_rank(self, rank: Rank) -> Q:
        return Q(**COLUMNS[rank])


def lights_of(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many of each light, from the rows of `by_light`."""
    numbers: dict[str, int] = {}
    for row in rows:
        if row["rank"] in LIGHT_OF_RANK:
            numbers[LIGHT_OF_RANK[row["rank"]]] = row["all"]
            continue
        counted = {light.status: row[light.status] for light in OPEN_LIGHTS}
        numbers |= counted | {OTHERWISE.status: row["all"] - sum(counted.values())}
    return numbers


class LightQuerySet(models.QuerySet):
    """Overdue, due soon, unreported: computed for a given day, the same for today and for a past date."""

    problem_ref = "pk"
    report_ref = "report"

    def live(self) -> Self:
        """Without the withdrawn ones, which are kept but counted nowhere."""
        return self.filter(rank__lt=Rank.WITHDRAWN)

    def overdue(self, today: dt.date) -> Self:
        return self.lit(RagStatus.OVERDUE, today)

    def due_soon(self, today: dt.date) -> Self:
        return self.lit(RagStatus.DUE_SOON, today)

    def unreported(self, today: dt.date) -> Self:
        return self.lit(RagStatus.UNREPORTED, today)

    def stale(self, today: dt.date, rules: list[LedgerRule] | None = None) -> Self:
        """Work goes on, and nothing was reported in the period, whatever the light."""
        return self.filter(self.unreported_rule(today, _known(rules)), rank=Rank.OPEN)

    def unreported_rule(self, today: dt.date, rules: list[LedgerRule]) -> Q:
        """Nothing was reported in the period, whatever the light."""
        return IndexReading(self, today, rules).is_silent()

    def lit(self, light: str, today: dt.date) -> Self:
        return self.filter(self.light_conditions(today)[light])

    def with_light(self, today: dt.date, rules: list[LedgerRule] | None = None) -> Self:
        """Annotate `light`, the first of the table that holds."""
        reading = PlainReading(self, today, _known(rules))
        cases = [When(light.holds(reading), then=Value(light.status)) for light in LIGHTS]
        default = Value(OTHERWISE.status)
        return self.annotate(light=Case(*cases, default=default, output_field=models.CharField()))

    def light_conditions(
        self,
        today: dt.date,
        rules: list[LedgerRule] | None = None,
        reading_of: type[IndexReading] = IndexReading,
    ) -> dict[str, Q]:
        """The same as conditions, no two of which hold together: what an index can answer."""
        reading = reading_of(self, today, _known(rules))
        conditions: dict[str, Q] = {status: reading.has_rank(rank) for rank, status in LIGHT_OF_RANK.items()}
        is_open = left = reading.has_rank(Rank.OPEN)
        undated, silent = reading.is_undated(), reading.is_silent()
        for light in OPEN_LIGHTS:
            condition = light.holds(reading)
            conditions[light.status] = left & condition
            left &= _fails(condition)
        # Neither late nor soon, which need not be said: beside a range SQLite leaves the one date unused.
        conditions[RagStatus.UNDATED] = is_open & undated & ~silent
        return conditions | {OTHERWISE.status: left}

    def band_conditions(self, today: dt.date, rules: list[LedgerRule] | None = None) -> tuple[Q, ...]:
        """What holds of each of the BANDS, a range of an index: late or soon, silent, other open ones, the
        rest."""
        reading = IndexReading(self, today, _known(rules))
        is_open, soon, silent = reading.has_rank(Rank.OPEN), reading.is_due_soon(), reading.is_silent()
        later = is_open & _fails(soon)
        return is_open & soon, later & silent, later & ~silent, Q(rank__gt=Rank.OPEN)

    def by_light(self, today: dt.date, rules: list[LedgerRule] | None = None) -> models.QuerySet:
        """What `lights_of` reads, by one pass over an index that begins with the rank."""
        conditions = self.light_conditions(today, rules)
        counted = {str(light.status): Count("pk", filter=conditions[light.status]) for light in OPEN_LIGHTS}
        return self.order_by().values("rank").annotate(all=Count("*"), **counted)

    def by_rule(self, fields: tuple[str, ...], conditions: dict[tuple[Any, ...], Q]) -> Q:
        """What each ledger's settings ask of its own rows; where all ask the same, nothing is joined."""
        if len(conditions) == 1:
            return next(iter(conditions.values()))
        paths = [f"{self.report_ref}__settings__{name}" for name in fields]
        query = Q(pk__in=[])
        for values, condition in conditions.items():
            query |= Q(**dict(zip(paths, values, strict=True))) & condition
        return query

    def without_note(self, start: dt.datetime, end: dt.datetime) -> Q:
        """No note from `start` until before `end`."""
        model = apps.get_model("rectify", "ProgressNote")  # by name, as a key is: notes belong to problems
        notes = model.objects.filter(problem=OuterRef(self.problem_ref), at__gte=start, at__lt=end)
        return ~Q(Exists(notes))

    def known_before(self, start: dt.datetime) -> Q:
        return Q(created_at__lt=start)


OPPOSITE = {"due__lt": "due__gte", "due__lte": "due__gt", "due": "due__lt"}  # nothing is due after NEVER


def _fails(condition: Q) -> Q:
    """Not so. A comparison of `due`, which has a value in every row, is turned: no index answers NOT."""
    match condition.children:
        case [(lookup, value)] if lookup in OPPOSITE and not condition.negated:
            return Q(**{OPPOSITE[lookup]: value})
    return ~condition


def _known(rules: list[LedgerRule] | None) -> list[LedgerRule]:
    return LedgerSettings.objects.rules() if rules is None else rules

"""The numbers of the dashboard, all folded from few counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from django.db.models import CharField, F, QuerySet, Value

from rectify.choices import Band, Kind, RagStatus, Status, Timing
from rectify.models import Leader, LedgerSettings, Report, Unit
from rectify.models.compiled import compiled, padded
from rectify.models.office import LedgerRule
from rectify.models.report import ProblemQuerySet
from rectify.selectors.dashboard.counts import PartCount, counts_of, lights_of, parts_of
from rectify.selectors.dashboard.rollups import APART
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.tallies import Tally

OWNERS = ("report", "leader", "unit")


@dataclass(frozen=True)
class DateCounts:
    """How the problems stand against the dates in force, and against those first set."""

    rows: list[tuple[str, tuple[int, str], tuple[int, str]]]
    extended: int


@dataclass
class Overview:
    """Everything that is counted by light, status, type, date and owner."""

    all: Tally = field(default_factory=lambda: Tally(label="全部"))
    earlier: Tally = field(default_factory=lambda: Tally(label="上次"))
    by_leader: list[Tally] = field(default_factory=list)
    by_unit: list[Tally] = field(default_factory=list)
    by_aspect: list[Tally] = field(default_factory=list)
    by_report: list[Tally] = field(default_factory=list)
    by_kind: list[Tally] = field(default_factory=list)
    by_cause: list[Tally] = field(default_factory=list)
    by_direction: list[Tally] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    bands: Counter[str] = field(default_factory=Counter)
    timing: Counter[str] = field(default_factory=Counter)

    @property
    def mostly_done(self) -> int:
        return self.statuses[Status.MOSTLY_DONE]

    @property
    def in_review(self) -> int:
        return self.statuses[Status.IN_REVIEW]

    @property
    def ageing(self) -> list[tuple[str, str, int]]:
        """(value, words, count) of how long the overdue ones have been so."""
        return [(band.value, str(band.label), self.bands[band]) for band in Band]

    @property
    def stale(self) -> list[Tally]:
        """The units that have not reported on something, the most silent first."""
        return sorted(
            (tally for tally in self.by_unit if tally.stale), key=lambda tally: (-tally.stale, tally.rank)
        )

    @property
    def dates(self) -> DateCounts:
        def counted(timing: Timing) -> tuple[int, str]:
            return self.timing[timing], f"timing={timing}"

        overdue = (self.all.overdue, "light=overdue")
        rows = [
            ("逾期未销号", overdue, counted(Timing.ORIGINAL_OVERDUE)),
            ("逾期销号", counted(Timing.CLOSED_LATE), counted(Timing.ORIGINAL_LATE)),
            ("按期销号", counted(Timing.CLOSED_ON_TIME), counted(Timing.ORIGINAL_ON_TIME)),
        ]
        return DateCounts(rows, self.timing[Timing.EXTENDED])


def overview(
    problems: ProblemQuerySet | Scope,
    today: dt.date,
    rules: list[LedgerRule] | None = None,
    reports: Iterable[Report] | None = None,
    earlier: dt.date | None = None,
) -> Overview:
    """Count the live problems of a day; `earlier` adds the lights of an earlier day."""
    if isinstance(problems, Scope):
        scope = problems
    else:
        scope = Scope(
            problems, today, LedgerSettings.objects.rules() if rules is None else rules, by_part=True
        )
    numbers = Overview()
    groups: dict[str, dict[int, Tally]] = {"kind": {}}
    for what, counts in counts_of(scope).items():
        for key, n in counts.items():
            if what == "facts":
                _facts(numbers, groups["kind"], key.split(APART), n)
            elif what in OWNERS:
                _owned(groups.setdefault(what, {}), key.split(APART), n)
    for part in parts_of(scope):
        _into(groups.setdefault(part.what, {}), part)
    if earlier:
        numbers.earlier.lights = lights_of(replace(scope, day=earlier))
    _name_owners(groups.get("leader", {}), groups.get("unit", {}))
    _name_ledgers(groups.get("report", {}), reports or ())
    numbers.by_leader = _sorted(groups, "leader")
    numbers.by_unit = _sorted(groups, "unit")
    numbers.by_report = _sorted(groups, "report", worst_first=False)
    numbers.by_aspect = _sorted(groups, "aspect", worst_first=False)
    numbers.by_kind = _sorted(groups, "kind", worst_first=False)
    numbers.by_cause = _sorted(groups, "cause", worst_first=False)
    numbers.by_direction = _sorted(groups, "direction", worst_first=False)
    return numbers


def _name_ledgers(tallies: dict[int, Tally], reports: Iterable[Report]) -> None:
    named = {report.pk: report for report in reports}
    for key, tally in tallies.items():
        report = named.get(key) or Report(pk=key, title=str(key), year=0)
        tally.label, tally.rank = str(report), (-report.year, -key)


def _name_owners(leaders: dict[int, Tally], units: dict[int, Tally]) -> None:
    """Each once, in one query."""
    for tally in units.values():
        tally.rank = ("", 0)  # of what no unit answers for
    ids = (*_some(leaders), *_some(units))
    count = len(_some(leaders))
    for of, pk, label, place, path in compiled(("owners", count), partial(_owners, count), *ids):
        tally = units[pk] if of else leaders[pk]
        tally.label, tally.path, tally.rank = label, path, (path, pk) if of else (place, pk)


def _some(owners: Iterable[int]) -> Sequence[int]:
    """The ids, in one of a few numbers; nobody has the id zero."""
    return padded([*owners] or [0])


def _owners(count: int, *ids: int) -> QuerySet:
    """Of the ids the first are leaders."""
    blank, zero = Value("", output_field=CharField()), Value(0)
    posts = Leader.objects.filter(pk__in=ids[:count]).annotate(of=Value(0), place=F("rank"), path=blank)
    names = Unit.objects.filter(pk__in=ids[count:]).annotate(of=Value(1), place=zero)
    rows = posts.order_by().values_list("of", "pk", "post", "place", "path")
    return rows.union(names.order_by().values_list("of", "pk", "name", "place", "path"), all=True)


def _owned(group: dict[int, Tally], key: list[str], n: int) -> None:
    owner, light, *silent = key
    of = int(owner)
    tally = group.get(of) or group.setdefault(of, Tally(of or None))
    tally.lights[light] += n
    if silent == ["1"]:
        tally.stale += n


def _into(group: dict[int, Tally], part: PartCount) -> None:
    tally = group.get(part.key)
    if tally is None:
        label = part.path or part.label or "未明确"
        tally = group[part.key] = Tally(part.key or None, label, (part.place, part.key))
    tally.lights[part.light] += part.n


def _facts(numbers: Overview, kinds: dict[int, Tally], key: list[str], n: int) -> None:
    light, status, named_kind, band, current, original, extended = key
    numbers.all.lights[light] += n
    if light == RagStatus.CARRIED:  # counted by its status and dates where it goes on
        return
    numbers.statuses[status] += n
    if band:
        numbers.bands[band] += n
    for timing in filter(None, (current, original, Timing.EXTENDED if extended == "1" else "")):
        numbers.timing[timing] += n
    place = Kind.values.index(named_kind)
    kind = kinds.setdefault(place, Tally(place, str(Kind(named_kind).label), (place,), value=named_kind))
    kind.lights[light] += n


def _sorted(groups: dict[str, dict[int, Tally]], what: str, worst_first: bool = True) -> list[Tally]:
    return sorted(
        groups.get(what, {}).values(),
        key=lambda tally: (
            tally.key is None,
            (-tally.overdue, -tally.yellow) if worst_first else (),
            tally.rank,
        ),
    )


def against_dates(problems: ProblemQuerySet, today: dt.date) -> DateCounts:
    """Two columns of the same questions; each count with the filter that lists it."""
    return overview(problems, today).dates

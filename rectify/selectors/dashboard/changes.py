"""What happened between two days, and what is due: each number with the condition that lists it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import CharField, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from rectify import clock
from rectify.choices import Happened
from rectify.models.office import LedgerRule
from rectify.models.rank import Rank, rank_case
from rectify.models.state import ProblemState
from rectify.selectors.dashboard.lasting import lasting
from rectify.selectors.dashboard.rollups import APART, without
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.problem_changes import follow_up_due, happened

COMPARED = (Happened.ADDED, Happened.REMOVED, Happened.CHANGED)
EVENTS = (Happened.CLOSED, Happened.SLIPPED, Happened.EXTENDED, Happened.RETURNED)
# Told together, by the rank a problem moved to and the one it had.
MOVED, BY_MOVE = "moved", (Happened.ADDED, Happened.CHANGED, Happened.CLOSED)
FOLLOW_UP, LIT = "follow_up", "light="
TEXT, NOTHING = CharField(), Value(None, output_field=IntegerField())
KEPT = "ledgers"  # how many keep the changes since a day


@dataclass
class Changes:
    """Since the end of a day."""

    since: dt.date
    counts: Counter[str] = field(default_factory=Counter)
    lights: Counter[str] = field(default_factory=Counter)  # as of the end, where that was asked for

    def _said(self, names: Iterable[Happened]) -> list[tuple[str, str, int, str]]:
        return [(name.value, str(name.label), self.counts[name], self.query(name)) for name in names]

    def query(self, name: str) -> str:
        return f"happened={name}&since={self.since.isoformat()}"

    @property
    def compared(self) -> list[tuple[str, str, int, str]]:
        """(value, label, count, condition) of the legend: added, removed, changed."""
        return self._said(COMPARED)

    @property
    def events(self) -> list[tuple[str, str, int, str]]:
        return self._said(EVENTS)

    @property
    def happened(self) -> list[tuple[str, str, int, str]]:
        """Whatever happened at all, for a sentence."""
        return [row for row in self._said((*COMPARED[:2], *EVENTS, COMPARED[2])) if row[2]]

    @property
    def follow_ups(self) -> int:
        return self.counts[FOLLOW_UP]

    @property
    def lasting(self) -> tuple[int, int]:
        """Problems with a lasting result in place, and with one still to come."""
        return self.counts["lasting_done"], self.counts["lasting_open"]


def changes(
    scope: Scope,
    since: dt.date,
    names: Collection[Happened] = (*COMPARED, *EVENTS),
    due: bool = True,
    lights: bool = False,
) -> Changes:
    """All of it from what is kept and a few queries; what is due only as of today."""
    found, is_due = Changes(since), due and not scope.is_past
    found.counts, left = _kept(scope, since) if is_due and not lights else (Counter(), scope)
    if left:
        asked = partial(_asked, since=since, names=names, is_due=is_due, lights=lights)
        for what, now, was, n in left.asked("changes", asked, since, *names, is_due, lights):
            if what.startswith(LIT):
                found.lights[what.removeprefix(LIT)] = n
            else:
                found.counts.update(dict.fromkeys(_names(what, now, was), n))
    if is_due:
        found.counts.update({f"lasting_{status}": n for status, n in lasting(scope).items()})
    return found


def kept_of_today(scope: Scope) -> Counter[str]:
    """What is kept of a ledger: what changed since the last month end, from which most compare, and what is
    due."""
    since = LedgerRule().last_cutoff(scope.day)
    counts = changes(scope, since).counts
    kept = {name: counts[name] for name in (*COMPARED, *EVENTS, FOLLOW_UP)}
    return +Counter({f"{since}{APART}{name}": n for name, n in ({KEPT: 1} | kept).items()})


def _kept(scope: Scope, since: dt.date) -> tuple[Counter[str], Scope | None]:
    """What is kept of the changes since that day, and the part of which nothing is: all of it unless each
    ledger of which counts are kept keeps these."""
    day, numbers = f"{since}{APART}", scope.kept.counts.get("since", Counter())
    kept = Counter({key.removeprefix(day): n for key, n in numbers.items() if key.startswith(day)})
    held = len(without((), scope.whole, scope.day)) - len(scope.kept.others)
    if held and kept.pop(KEPT, 0) == held:
        return kept, scope.uncounted
    return Counter(), scope


def _names(what: str, now: int | None, was: int | None) -> list[str]:
    """What a number counts: what moved may be told under two names."""
    if what != MOVED:
        return [what]
    is_new = was is None or was == Rank.WITHDRAWN
    closed = [Happened.CLOSED] if now == Rank.CLOSED and was != Rank.CLOSED else []
    return [Happened.ADDED if is_new else Happened.CHANGED, *closed]


def _asked(scope: Scope, since: dt.date, names: Collection[Happened], is_due: bool, lights: bool) -> QuerySet:
    rules: dict[str, Q] = {name: happened(name, since, scope.day) for name in names if name not in BY_MOVE}
    if is_due:
        rules[FOLLOW_UP] = follow_up_due(scope.day)
    rows = dict.fromkeys(rules, scope.present())
    rows[Happened.REMOVED] = scope.narrowed(scope.problems)
    parts = [_moved(scope, since), *(_counted(rows[name].filter(rule), name) for name, rule in rules.items())]
    if lights:
        lit = scope.rows().with_light(scope.day, scope.rules)
        parts.append(_counted(lit, Concat(Value(LIT), "light", output_field=TEXT)))
    return parts[0].union(*parts[1:], all=True)


def _moved(scope: Scope, since: dt.date) -> QuerySet:
    """What came to stand as it does since that day, each asked once how it stood before."""
    before = ProblemState.objects.using(scope.seen.db).at(since).filter(problem=OuterRef("problem"))
    was = Subquery(before.order_by("-valid_from").values("rank")[:1])
    rows = scope.past().at(scope.day).filter(valid_from__gte=clock.end_of(since))
    return _counted(rows, MOVED, rank_case(output_field=IntegerField()), was)


def _counted(rows: Any, what: Any, now: Any = NOTHING, was: Any = NOTHING) -> Any:
    what = Value(str(what), output_field=TEXT) if isinstance(what, str) else what
    columns = {"what": what, "now": now, "was": was}
    return rows.order_by().annotate(**columns).values_list(*columns).annotate(n=Count("*"))

"""Which problems can differ between the ends of two days: asked by when something of theirs was written.

What a row of the ledger says comes from rows with their time, from names that the record remembers, and from
the day itself, by which a light turns. Nothing else can make a difference, so nothing else is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from rectify import clock
from rectify.ledger.archive.earlier import Earlier
from rectify.models import (
    CloseOut,
    CloseOutStep,
    Evidence,
    Extension,
    LedgerSettings,
    Manifestation,
    MeasureState,
    Problem,
    ProblemCause,
    ProblemState,
    ProgressNote,
)
from rectify.models.many import MANY, ManyQuery
from rectify.models.progress import PURGED
from rectify.models.rank import Rank


@dataclass(frozen=True)
class Span:
    """From the end of one day to the end of another, which is now where that day is today."""

    old: dt.date
    new: dt.date
    ids: tuple[int, ...]
    using: str

    @cached_property
    def since(self) -> dt.datetime:
        return clock.end_of(self.old)

    @cached_property
    def until(self) -> dt.datetime | None:
        return clock.end_of(self.new) if self.new < clock.today() else None

    def differing(self) -> set[int]:
        """Those that surely differ, were they there on both days: a note or a file more, another status or
        light."""
        files = Evidence.objects.filter(self._within("at"), problem__in=MANY).exclude(name=PURGED)
        return {
            *self._noted[False],
            *self._problems(files),
            *self._problems(self._with_other_status()),
            *self._problems(self._lit_otherwise()),
        }

    def possible(self) -> set[int]:
        """Those that may differ besides."""
        queries: tuple[tuple[QuerySet[Any], str], ...] = (
            (ProblemState.objects.filter(self._within("valid_from")), "problem"),
            (MeasureState.objects.filter(self._within("valid_from")), "measure__problem"),
            (CloseOut.objects.filter(self._within("applied_at")), "problem"),
            (CloseOutStep.objects.filter(self._within("at")), "application__problem"),
            (Extension.objects.passed().filter(self._within("ended_at")), "problem"),
        )
        found = {pk for rows, of in queries for pk in self._problems(rows.filter(**{f"{of}__in": MANY}), of)}
        return found.union(self._noted[True], *self._renamed())

    @cached_property
    def _noted(self) -> dict[bool, set[int]]:
        """By whether a note corrects another. That is asked of those found: SQLite would look for all the
        notes of the house that correct none."""
        found: dict[bool, set[int]] = {False: set(), True: set()}
        notes = ProgressNote.objects.filter(self._within("at"), problem__in=MANY)
        for problem, corrected in self._read(notes.values_list("problem", "corrects")):
            found[corrected is not None].add(problem)
        return found

    def _within(self, field: str) -> Q:
        until = Q(**{f"{field}__lt": self.until}) if self.until else Q()
        return Q(**{f"{field}__gte": self.since}) & until

    def _with_other_status(self) -> QuerySet[ProblemState]:
        moved = ProblemState.objects.at(self.new).filter(self._within("valid_from"), problem__in=MANY)
        before = ProblemState.objects.at(self.old).filter(problem=OuterRef("problem"))
        return moved.filter(Exists(before.exclude(status=OuterRef("status"))))

    def _lit_otherwise(self) -> QuerySet[ProblemState]:
        """Open ones of which nothing was changed, and which the days alone have put under another light."""
        rules = LedgerSettings.objects.using(self.using).rules()
        states = ProblemState.objects.at(self.old) & ProblemState.objects.at(self.new)
        states = states.using(self.using).filter(valid_from__lt=self.since, problem__in=MANY, rank=Rank.OPEN)
        then = states.with_light(self.old, rules).annotate(then=F("light"))
        return then.with_light(self.new, rules).exclude(then=F("light"))

    def _renamed(self) -> Iterator[set[int]]:
        """Those that name something with another name, in a state that lasted over both days."""
        then = Earlier(self.since, self.using)
        renamed = then.unlike(Earlier(self.until, self.using) if self.until else None)
        states, steps = ProblemState.objects.at(self.old), MeasureState.objects.at(self.old)
        supporting = ProblemState.supporting_units.through._default_manager.filter(
            problemstate__in=states.order_by().values("pk")
        )
        named: tuple[tuple[str, QuerySet[Any], str, str], ...] = (
            ("unit", states, "lead_unit", "problem"),
            ("unit", supporting, "unit", "problemstate__problem"),
            ("unit", steps, "unit", "measure__problem"),
            ("leader", states, "leader", "problem"),
            ("user", states, "clerk", "problem"),
            ("aspect", Problem.objects.all(), "aspect", "pk"),
            ("rootcause", ProblemCause.objects.all(), "cause", "problem"),
            ("manifestation", Manifestation.objects.all(), "pk", "problem"),
            ("problemcause", ProblemCause.objects.all(), "pk", "problem"),
        )
        for kind, rows, field, of in named:
            if ids := renamed.get(kind):
                query = rows.using(self.using).filter(**{f"{field}__in": MANY}).order_by().values_list(of)
                yield {pk for (pk,) in ManyQuery(query).rows(ids)}.intersection(self.ids)

    def _problems(self, rows: QuerySet[Any], of: str = "problem") -> set[int]:
        return {pk for (pk,) in self._read(rows.values_list(of))}

    def _read(self, rows: QuerySet[Any]) -> list[Any]:
        return ManyQuery(rows.using(self.using).order_by()).rows(self.ids)

"""A ledger on two days: which problems differ, told without reading them, and what differs in those shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rectify import clock
from rectify.ledger.archive.compare import (
    ChangeKind,
    ComparedProblem,
    Comparison,
    changes_of,
    differences,
)
from rectify.ledger.archive.touched import Span
from rectify.ledger.row_types import ProblemRow
from rectify.ledger.rows import RowReader, in_order
from rectify.models import Problem, ProblemState
from rectify.models.many import MANY, ManyQuery

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True)
class Outline(Comparison):
    """A comparison whose lines are still without title and changes."""

    days: TwoDays

    def told(self, lines: Sequence[ComparedProblem]) -> Sequence[ComparedProblem]:
        return self.days.told(lines)


@dataclass(frozen=True)
class TwoDays:
    """The problems of one ledger as the days closed; asked inside `snapshot()`."""

    problems: QuerySet[Problem]
    old: dt.date
    new: dt.date
    using: str

    def outline(self) -> Outline:
        """Every problem that differs, and how. Read are only those of which the times do not tell it."""
        ids = tuple(self._ids.values())
        span = Span(self.old, self.new, ids, self.using)
        sure = span.differing()
        touched = sure | span.possible()
        there, was_there = self._present(self.new, ids), self._present(self.old, touched)
        kept = there & was_there
        changed = sure & kept | self._unequal([pk for pk in touched if pk in kept and pk not in sure])
        lines = [
            ComparedProblem(ChangeKind.CHANGED if pk in changed else ChangeKind.ADDED, code, number, "")
            for number, code, pk in self._numbered(there)
            if pk in changed or (pk in touched and pk not in was_there)
        ]
        added = len(lines) - len(changed)
        lines += self._removed(was_there - there)
        return Outline(lines, len(there) - added - len(changed), self)

    def told(self, lines: Sequence[ComparedProblem]) -> list[ComparedProblem]:
        """These lines with title and changes."""
        ids = [self._ids[line.code] for line in lines]
        before, after = (
            {row.code: row for row in reader.rows(ids)} for reader in (self._old_rows, self._new_rows)
        )
        return [_told(line, before.get(line.code), after.get(line.code)) for line in lines]

    @cached_property
    def _ids(self) -> dict[str, int]:
        """By code, in the order of the ledger."""
        return dict(in_order(self.problems.using(self.using)).values_list("code", "pk"))

    @cached_property
    def _old_rows(self) -> RowReader:
        return self._rows(self.old)

    @cached_property
    def _new_rows(self) -> RowReader:
        return self._rows(self.new)

    def _rows(self, day: dt.date) -> RowReader:
        today = clock.today()
        return RowReader(today=today, on=day if day < today else None, using=self.using)

    def _present(self, day: dt.date, ids: Iterable[int]) -> set[int]:
        """Which of them the ledger had as the day closed."""
        rows: QuerySet[Any]
        if day < clock.today():
            rows = ProblemState.objects.at(day).filter(problem__in=MANY).values_list("problem_id")
        else:
            rows = Problem.objects.filter(pk__in=MANY).values_list("pk")
        there = rows.using(self.using).filter(withdrawn=False).order_by()
        return {pk for (pk,) in ManyQuery(there).rows(ids)}

    def _unequal(self, ids: list[int]) -> set[int]:
        if not ids:
            return set()
        found = differences(self._old_rows.rows(ids), self._new_rows.rows(ids))
        return {self._ids[line.code] for line in found.lines}

    def _removed(self, gone: set[int]) -> list[ComparedProblem]:
        """With the numbers they had."""
        there = self._present(self.old, self._ids.values()) if gone else set()
        return [
            ComparedProblem(ChangeKind.REMOVED, code, number, "")
            for number, code, pk in self._numbered(there)
            if pk in gone
        ]

    def _numbered(self, there: set[int]) -> Iterator[tuple[int, str, int]]:
        """(number, code, id) of those that are there."""
        present = ((code, pk) for code, pk in self._ids.items() if pk in there)
        return ((number, *one) for number, one in enumerate(present, 1))


def _told(line: ComparedProblem, old: ProblemRow | None, new: ProblemRow | None) -> ComparedProblem:
    row = new or old
    changes = changes_of(old, new) if old and new else ()
    return replace(line, title=row.title if row else "", changes=changes)

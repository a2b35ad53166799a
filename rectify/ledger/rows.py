"""Problems to rows of the ledger: a fixed number of queries for each chunk of problems, plain values only."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from rectify import clock
from rectify.choices import DayCount, MeasureKind, MeasureStatus, Role, Source
from rectify.ledger.archive.earlier import Earlier
from rectify.ledger.cause_rows import CauseReader, Causes
from rectify.ledger.closing_rows import NOT_APPLIED, ClosingReader, Concluding, close_out_words
from rectify.ledger.note_rows import NoteReader
from rectify.ledger.row_queries import LEAD_UNIT, ROUND, WORDS, RowQueries
from rectify.ledger.row_types import MeasureRow, ProblemRow
from rectify.ledger.row_words import (
    contact,
    deadline_cell,
    finished_words,
    label_of,
    numbered,
    status_and_light,
    step_day,
)
from rectify.models import LedgerSettings, Problem, ProblemState
from rectify.models.office import LedgerRule
from rectify.wording import date, kind_words, listed

SNAPSHOT = "snapshot"
CHUNK = 500

Grouped = defaultdict[int, list[Any]]
Steps = defaultdict[int, list[MeasureRow]]
Posts = defaultdict[int | None, tuple[list[str], list[str]]]


@contextlib.contextmanager
def snapshot(using: str = "") -> Iterator[str]:
    """One consistent state for everything an export reads, without keeping writers waiting."""
    using = using or SNAPSHOT
    with transaction.atomic(using=using):
        yield using


def ledger_rows(
    problems: QuerySet[Problem], *, today: dt.date, on: dt.date | None = None, using: str = ""
) -> Iterator[ProblemRow]:
    """The ledger of these problems as they stand today, or as they stood when the day `on` ended.

    In the order of the report; withdrawn problems are left out, and so are causes that no person
    has confirmed. Read it inside `snapshot()`.
    """
    using = using or SNAPSHOT
    ids = in_order(problems.using(using)).values_list("pk", flat=True)
    reader = RowReader(today=today, on=on, using=using)
    yield from reader.rows(array("q", ids.iterator(chunk_size=CHUNK)))


def in_order(problems: QuerySet[Problem]) -> QuerySet[Problem]:
    """As the report has them."""
    return problems.order_by("report_id", F("aspect__number").asc(nulls_last=True), "number", "pk")


def units_of_problems(
    problems: QuerySet[Problem], *, on: dt.date | None = None, using: str = ""
) -> list[tuple[str, list[int]]]:
    """The problems of each responsible unit, in the order of the units' tree; those without one last."""
    using = using or SNAPSHOT
    ordered = problems.using(using)
    rows: QuerySet[Any] = ordered.filter(withdrawn=False)
    fields = ("pk", "lead_unit__path", "lead_unit__name")
    if on:
        rows = ProblemState.objects.using(using).at(on)
        rows = rows.filter(problem__in=ordered.order_by().values("pk"), withdrawn=False)
        fields = ("problem_id", "lead_unit__path", "lead_unit__name")
    grouped: dict[tuple[bool, str, str], list[int]] = defaultdict(list)
    for pk, path, name in rows.order_by().values_list(*fields):
        grouped[path is None, path or "", name or ""].append(pk)
    return [(key[2], grouped[key]) for key in sorted(grouped)]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What belongs to some problems, by the problem (posts by the unit)."""

    supporting: Grouped
    manifestations: Grouped
    causes: defaultdict[int, Causes]
    measures: Steps
    done: Counter[int]
    notes: dict[int, tuple[str, int]]
    evidence: Grouped
    extended: dict[int, str]
    applications: dict[int, Concluding]
    posts: Posts


class RowReader:
    """Reads problems and what belongs to them, a chunk at a time: as of today, or as the day `on` ended."""

    def __init__(self, *, today: dt.date, on: dt.date | None, using: str) -> None:
        self.today = today = on or today
        end = clock.end_of(on) if on else None
        self.earlier = Earlier(end, using) if end else None
        rules: list[LedgerRule] = LedgerSettings.objects.using(using).rules()
        self.calendar = next((rule.calendar for rule in rules if rule.calendar), None)
        self.queries = RowQueries(today=today, end=end, using=using, rules=rules, earlier=self.earlier)
        self.causes = CauseReader(self.earlier, using)
        self.notes = NoteReader(end=end, using=using)
        self.closing = ClosingReader(end=end, using=using)
        self.numbers = itertools.count(1)

    def rows(self, ids: Sequence[int]) -> Iterator[ProblemRow]:
        """The rows of these problems, in this order."""
        for start in range(0, len(ids), CHUNK):
            yield from self._rows(list(ids[start : start + CHUNK]))

    def _rows(self, ids: list[int]) -> Iterator[ProblemRow]:
        found, owners = self._problems(ids)
        chunk = self._chunk(ids, found, owners)
        for pk in ids:
            if pk in found:
                yield self._row(pk, found[pk], chunk)

    def _chunk(self, ids: list[int], found: dict[int, tuple[Any, ...]], owners: dict[int, int]) -> _Chunk:
        measures, done = self._measures(ids)
        turns = {pk: values[ROUND] for pk, values in found.items()}
        return _Chunk(
            supporting=self._supporting(owners),
            manifestations=self._manifestations(ids),
            causes=self.causes.confirmed(ids),
            measures=measures,
            done=done,
            notes=self.notes.newest(ids),
            evidence=_grouped(self.queries.evidence.rows(ids)),
            extended=self.closing.extensions(ids, turns),
            applications=self.closing.applications(ids, turns),
            posts=self._posts(found),
        )

    def _row(self, pk: int, values: tuple[Any, ...], chunk: _Chunk) -> ProblemRow:
        (
            title, status, kind, also_standing, deadline, deadline_text, original, closed_on,
            turn, carried, responsible, clerk, phone, leader, unit, lead_unit, light, code, source,
            aspect, short, period, day_count, _row, _problem,
        ) = values[len(WORDS):]  # fmt: skip
        steps, causes = chunk.measures[pk], chunk.causes[pk]
        working = self._working(deadline, day_count)
        progress, earlier_notes = chunk.notes.get(pk, ("", 0))
        application = chunk.applications.get(pk, NOT_APPLIED)
        heads, clerks = chunk.posts[unit]
        return ProblemRow(
            number=next(self.numbers),
            code=code,
            title=title,
            aspect=aspect or "",
            aspect_short=short or "",
            source=label_of(Source, source),
            manifestations=numbered(chunk.manifestations[pk]),
            causes=causes.in_full,
            cause_titles=causes.in_brief,
            leader=leader or "",
            lead_unit=lead_unit or "",
            supporting_units=listed(chunk.supporting[pk]),
            responsible=responsible or clerk or "",
            kind=kind_words(kind, also_standing),
            deadline=deadline_cell(deadline, deadline_text, kind, original, chunk.extended.get(pk, "")),
            due=date(deadline),
            progress=progress,
            earlier_notes=earlier_notes,
            completion=self._completion(status, light, deadline, period, working, chunk.done[pk], len(steps)),
            light=light,
            evidence=numbered(chunk.evidence[pk]),
            close_out=close_out_words(
                application.standing, status, deadline, original, closed_on, turn, carried
            ),
            chief=listed(heads),
            contact=contact(clerk, phone) if clerk else "\n".join(clerks),
            applied="\n".join(filter(None, [lead_unit, application.applied])) if application.applied else "",
            review=application.review,
            acceptance=application.acceptance,
            closed=date(closed_on),
            **dict(zip(WORDS, values, strict=False)),
            measures=tuple(steps),
        )

    def _working(self, deadline: dt.date | None, day_count: str | None) -> int | None:
        """The working days left, for a ledger that counts them."""
        if self.calendar is None or deadline is None or day_count != DayCount.WORKING:
            return None
        return self.calendar.between(self.today, deadline)

    def _completion(
        self,
        status: str,
        light: str,
        deadline: dt.date | None,
        period: str | None,
        working: int | None,
        done: int,
        steps: int,
    ) -> str:
        words = status_and_light(status, light, deadline, self.today, period or "", working)
        return f"{words}\n措施完成 {done}/{steps}" if steps else words

    # -- what belongs to the problems of a chunk -------------------------------------------------------

    def _problems(self, ids: list[int]) -> tuple[dict[int, tuple[Any, ...]], dict[int, int]]:
        """Each problem's values; and which problem the row read (its own or its state's) belongs to."""
        values, owners = {}, {}
        for each in self.queries.problems.rows(ids):
            row, problem = each[-2:]
            owners[row], values[problem] = problem, each
        return values, owners

    def _supporting(self, owners: dict[int, int]) -> Grouped:
        return _grouped((owners[row], name) for row, name in self.queries.supporting.rows(owners))

    def _manifestations(self, ids: list[int]) -> Grouped:
        earlier = self.earlier
        return _grouped(
            (problem, earlier.was("manifestation", "text", pk, text) if earlier else text)
            for pk, problem, text in self.queries.manifestations.rows(ids)
        )

    def _measures(self, ids: list[int]) -> tuple[Steps, Counter[int]]:
        """The measures of each problem, and how many of them are done."""
        steps: Steps = defaultdict(list)
        done = Counter[int]()
        rows = self.queries.measures.rows(ids)
        for problem, text, kind, standard, unit, deadline, status, result, finished in rows:
            is_done = status == MeasureStatus.DONE
            done[problem] += is_done
            step = MeasureRow(
                text,
                label_of(MeasureKind, kind),
                standard,
                unit or "",
                date(deadline),
                finished_words(result, finished),
                step_day(deadline, finished if is_done else None, self.today),
            )
            steps[problem].append(step)
        return steps, done

    def _posts(self, found: dict[int, tuple[Any, ...]]) -> Posts:
        """Who heads each lead unit and who its clerks are."""
        units = {values[LEAD_UNIT] for values in found.values()} - {None}
        posts: Posts = defaultdict(lambda: ([], []))
        for unit, role, name, phone in self.queries.posts.rows(units):
            heads, clerks = posts[unit]
            if role == Role.UNIT_HEAD:
                heads.append(name)
            else:
                clerks.append(contact(name, phone))
        return posts


def _grouped(rows: Iterable[tuple[int, str]]) -> Grouped:
    grouped: Grouped = defaultdict(list)
    for key, value in rows:
        grouped[key].append(value)
    return grouped

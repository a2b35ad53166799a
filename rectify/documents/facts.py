"""What a document says of a problem beyond its ledger row: status, newest note, application, reasons."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from rectify import clock
from rectify.choices import ENDED, MeasureStatus, Status, StepOutcome
from rectify.models import (
    CloseOut,
    CloseOutStep,
    Extension,
    Measure,
    MeasureState,
    Problem,
    ProblemState,
    ProgressNote,
)


@dataclass
class Facts:
    """As of the day of the document; `steps` belong to the application."""

    status: str = Status.NOT_STARTED
    round: int = 1
    note: str = ""
    noted: dt.date | None = None
    reason: str = ""  # why more time was asked for, the last time
    statement: str = ""
    applied: dt.date | None = None
    applicant: str = ""
    steps: list[CloseOutStep] = field(default_factory=list)
    open_steps: list[tuple[str, dt.date | None]] = field(default_factory=list)  # measures still to finish

    @property
    def status_words(self) -> str:
        return str(Status(self.status).label)

    @property
    def is_finished(self) -> bool:
        return self.status in ENDED

    @property
    def is_standing(self) -> bool:
        return self.status == Status.STANDING


def read_facts(problems: QuerySet[Problem], *, on: dt.date | None, using: str) -> dict[str, Facts]:
    """By the problem's code, for the problems of one report; a fixed number of queries."""
    chosen = problems.using(using).order_by()
    codes = dict(chosen.values_list("pk", "code"))
    found = {pk: Facts() for pk in codes}
    reader = _Reader(list(codes), clock.end_of(on) if on else None, on, using)
    reader.states(found)
    reader.notes(found)
    reader.reasons(found)
    reader.applications(found)
    reader.measures(found)
    return {codes[pk]: facts for pk, facts in found.items()}


class _Reader:
    """`end` is the moment a past day ended; none for now."""

    def __init__(self, ids: list[int], end: dt.datetime | None, on: dt.date | None, using: str) -> None:
        self.ids, self.end, self.on, self.using = ids, end, on, using

    def _before(self, rows: Any, moment: str) -> Any:
        return rows.filter(**{f"{moment}__lt": self.end}) if self.end else rows

    def states(self, found: dict[int, Facts]) -> None:
        rows: Any = Problem.objects.using(self.using).filter(pk__in=self.ids)
        owner = "pk"
        if self.on:
            rows = ProblemState.objects.using(self.using).at(self.on).filter(problem__in=self.ids)
            owner = "problem_id"
        for pk, status, turn in rows.order_by().values_list(owner, "status", "round"):
            found[pk].status, found[pk].round = status, turn

    def notes(self, found: dict[int, Facts]) -> None:
        rows = self._before(ProgressNote.objects.using(self.using).filter(problem__in=self.ids), "at")
        in_force = Q(correction__isnull=True)
        rows = rows.filter(in_force | Q(correction__at__gte=self.end) if self.end else in_force)
        moment = Coalesce("corrects__at", "at")
        for pk, text, at in rows.order_by(moment, "pk").values_list("problem_id", "text", moment):
            found[pk].note, found[pk].noted = text, clock.day_of(at)

    def reasons(self, found: dict[int, Facts]) -> None:
        rows = self._before(Extension.objects.using(self.using).filter(problem__in=self.ids), "applied_at")
        for pk, turn, reason in rows.order_by("pk").values_list("problem_id", "round", "reason"):
            if turn == found[pk].round:
                found[pk].reason = reason

    def applications(self, found: dict[int, Facts]) -> None:
        rows = self._before(CloseOut.objects.using(self.using).filter(problem__in=self.ids), "applied_at")
        newest = {
            row.problem_id: row for row in rows.order_by("pk") if row.round == found[row.problem_id].round
        }
        steps = CloseOutStep.objects.using(self.using).filter(
            application__in=[row.pk for row in newest.values()]
        )
        taken: dict[int, list[CloseOutStep]] = {}
        for step in self._before(steps.order_by("pk"), "at"):
            taken.setdefault(step.application_id, []).append(step)
        for pk, row in newest.items():
            given = taken.get(row.pk, [])
            if given and given[-1].outcome == StepOutcome.WITHDRAW:
                continue
            facts = found[pk]
            facts.statement, facts.applied = row.statement, clock.day_of(row.applied_at)
            facts.applicant, facts.steps = row.applicant_label, given

    def measures(self, found: dict[int, Facts]) -> None:
        rows: Any = Measure.objects.using(self.using).filter(problem__in=self.ids).order_by("number")
        path = ""
        if self.on:
            rows = MeasureState.objects.using(self.using).at(self.on).filter(measure__problem__in=self.ids)
            rows, path = rows.order_by("measure__number"), "measure__"
        for pk, text, deadline in rows.filter(status=MeasureStatus.OPEN).values_list(
            f"{path}problem_id", "text", "deadline"
        ):
            found[pk].open_steps.append((text, deadline))

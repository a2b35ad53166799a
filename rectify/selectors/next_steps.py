"""What is still to be settled about the items of one ledger: who, until when, by what measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists
from django.urls import reverse

from rectify import clock
from rectify.choices import RagStatus
from rectify.hand_overs import NO_LEADER, NO_UNIT, OPEN_LIGHTS, UNDATED
from rectify.models import Problem, Report
from rectify.selectors.todo import UNFINISHED, kept_measures

SHOWN = 50


@dataclass(frozen=True)
class Unsettled:
    """An item with what it lacks."""

    problem: Problem
    lacks: tuple[str, ...]

    @property
    def button(self) -> tuple[str, str]:
        """The next thing to do about it: its word and its page."""
        if self.lacks == (MEASURES,):
            return "拟定措施", reverse("measure_add", args=[self.problem.pk])
        return "明确责任", reverse("assign", args=[self.problem.pk])


@dataclass(frozen=True)
class NextStep:
    """One sort of thing to settle: of how many items, and where they are listed and settled at once."""

    label: str
    count: int
    url: str = ""
    at_once: str = ""
    grid: str = ""
    is_main: bool = False

    @property
    def verb(self) -> str:
        return "拟定" if self.label == MEASURES else "明确"


MEASURES = "整改措施"
LACKING: dict[str, Callable[[Any], bool]] = {
    "责任领导": lambda problem: problem.leader_id is None,
    "责任单位": lambda problem: problem.lead_unit_id is None,
    "整改时限": lambda problem: problem.light == RagStatus.UNDATED,
    MEASURES: lambda problem: not problem.has_measure,
}
LISTS = {"责任领导": NO_LEADER.query, "责任单位": NO_UNIT.query, "整改时限": UNDATED.query}


def unsettled(report: Report) -> list[Unsettled]:
    """The open items of the ledger that lack something, in their order."""
    rows = report.problems.filter(UNFINISHED).with_light(clock.today())
    rows = rows.annotate(has_measure=Exists(kept_measures())).select_related("leader", "lead_unit")
    found = [
        Unsettled(problem, tuple(what for what, lacks in LACKING.items() if lacks(problem)))
        for problem in rows.order_by("number")
        if getattr(problem, "light", "") in OPEN_LIGHTS
    ]
    return [row for row in found if row.lacks]


def next_steps(report: Report, rows: list[Unsettled]) -> list[NextStep]:
    """Each sort of thing with its number, which opens exactly those items."""
    counts = {what: sum(what in row.lacks for row in rows) for what in LACKING}
    first = next((what for what in LISTS if counts[what]), "")
    return [_step(report, what, count, what == first) for what, count in counts.items()]


def _step(report: Report, what: str, count: int, is_main: bool) -> NextStep:
    if what not in LISTS:
        return NextStep(what, count)
    where = f"report={report.pk}&{LISTS[what]}"
    at_once = f"{reverse('bulk')}?{urlencode({'all': 1, 'where': where})}"
    return NextStep(
        what, count, f"{reverse('problems')}?{where}", at_once, f"{reverse('grid')}?{where}", is_main
    )

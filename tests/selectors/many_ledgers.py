"""Ledgers of which every light is shown: by many items of one, by few of another."""

from __future__ import annotations

import datetime as dt
import random

from rectify import clock
from rectify.choices import Status
from rectify.models import ChainHead, Problem, Report
from tests import builders
from tests.builders import Cast

# A large one in which few rows show a light, one in which many do, and small ones.
SIZES = (70, 70, 9, 3, 1)
STATUSES = (*[Status.IN_PROGRESS] * 5, Status.STANDING, Status.CLOSED, Status.FINISHED_BEFORE)


def ledgers() -> Cast:
    made, chance = builders.cast(), random.Random(11)
    rows = []
    for n, size in enumerate(SIZES):
        report = _another(made, n) if n else made.report
        rows += [_problem(report, 100 + number, chance, late=n == 1) for number in range(size)]
    Problem.objects.bulk_create(rows)
    return made


def _another(made: Cast, n: int) -> Report:
    by = {"created_by": made["office"], "created_at": clock.now()}
    report = Report.objects.create(unit=made.county, year=2020 + n, title="报告", prefix=f"数{n}", **by)
    ChainHead.objects.create(report=report, number=1)
    return report


def _problem(report: Report, number: int, chance: random.Random, late: bool) -> Problem:
    days = chance.choice([-500, -400, -3] if late else [None, None, -900, -366, -365, -1, 0, 5, 200])
    deadline = None if days is None else clock.today() + dt.timedelta(days=days)
    status = chance.choice(STATUSES)
    return Problem(
        report=report,
        number=number,
        code=f"数-{number}",
        title="问题",
        deadline=deadline,
        original_deadline=deadline,
        status=status,
        closed_on=clock.today() if status == Status.CLOSED else None,
        carried=status == Status.IN_PROGRESS and chance.random() < 0.1,
        withdrawn=chance.random() < 0.1,
        created_at=clock.now() - dt.timedelta(days=chance.choice([0, 90])),
        reported_at=chance.choice([None, clock.now(), clock.now() - dt.timedelta(days=80)]),
    )

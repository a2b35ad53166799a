"""A ledger after a hundred days of work: what the overviews are asked about."""

from __future__ import annotations

import datetime as dt

from rectify import clock
from rectify.choices import MeasureKind
from rectify.models import Problem
from rectify.operations import measures, problems, progress
from rectify.operations.closing import decisions
from tests import builders
from tests.builders import Cast

DAYS = 100


def history() -> Cast:
    """A hundred days of work: closed, extended, returned, overdue, withdrawn, standing, and lasting rules."""
    start = clock.now() - dt.timedelta(days=DAYS)
    today = clock.today()
    with clock.pretend(start):
        made = builders.cast(assigned=False)
        builders.another_ledger(made)
        for number, days in ((1, -6), (2, 4)):
            one = Problem.objects.get(report=made.report, number=number)
            builders.assign(made, one, deadline=today + dt.timedelta(days=days))
        extra = [
            problems.add(made.report, by=made["office"], title=f"另一项 {n}", source="public", kind="by_date")
            for n in range(4)
        ]
        for one in extra[:3]:
            builders.assign(made, one, deadline=today + dt.timedelta(days=20))
    with clock.pretend(start + dt.timedelta(days=60)):
        rule = {"rule_name": "管理办法", "rule_number": "1号"}
        done = Problem.objects.get(pk=extra[0].pk)
        builders.closed(made, builders.ready(made, done, kind=MeasureKind.LASTING, **rule))
    with clock.pretend(clock.now() - dt.timedelta(hours=1)):
        builders.extended(made, Problem.objects.get(pk=extra[1].pk), new_date=today + dt.timedelta(days=50))
        asked = builders.asked_later(
            made, Problem.objects.get(pk=extra[2].pk), new_date=today + dt.timedelta(days=60)
        )
        decisions.return_application(asked, by=made["unit_head"], step="confirm", comment="理由不充分")
        gone = Problem.objects.get(pk=extra[3].pk)
        problems.withdraw(gone, by=made["office"], seen=gone.version, reason="重复")
        progress.add(made.problem, by=made["clerk"], text="已开工", percent=20)
        measures.add(made.problem, by=made["clerk"], text="建立长效机制", kind=MeasureKind.LASTING)
    return made

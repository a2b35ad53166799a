"""What happens to a ledger by chance, one act at a time."""

from __future__ import annotations

import datetime as dt
import random

from rectify import clock
from rectify.choices import Status
from rectify.errors import Refusal
from rectify.models import Problem
from rectify.operations import problems, progress
from rectify.operations.closing import deadlines
from tests import builders
from tests.builders import Cast

START = dt.datetime(2026, 3, 2, 12, tzinfo=clock.SHANGHAI)


STEP = 4  # days from one look to the next


def an_act(made: Cast, chance: random.Random) -> None:
    """One of what happens to a ledger; an act that is refused that day is no act."""
    one = chance.choice(list(Problem.objects.filter(report=made.report)))
    office, day = made["office"], clock.today()
    what = chance.randrange(8)
    try:
        if what == 0:
            problems.add(made.report, by=office, title=f"新查出 {day}", source="public", kind="by_date")
        elif what == 1:
            problems.withdraw(one, by=office, seen=one.version, reason="重复")
        elif what == 2:
            problems.restore(one, by=office, seen=one.version, reason="恢复")
        elif what == 3:
            unit = chance.choice([made.bureau, made.other_bureau])
            problems.assign(one, by=office, seen=one.version, leader=made.leader, lead_unit=unit)
        elif what == 4 and one.deadline is None:
            later = day + dt.timedelta(days=chance.randrange(2, 30))
            builders.assign(made, one, deadline=later)
        elif what == 5:
            progress.add(one, by=office, text="有进展", percent=None)
        elif what == 6 and one.lead_unit_id == made.bureau.pk:
            builders.closed(made, builders.ready(made, one))
        elif what == 7 and one.deadline and one.status != Status.CLOSED:
            given = {"deadline": one.deadline + dt.timedelta(days=9), "deadline_text": ""}
            deadlines.correct(one, by=office, seen=one.version, reason="录入有误", **given)
    except Refusal:
        return

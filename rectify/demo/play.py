"""The whole story of the demo: the report and its people, who is chased, and what --more adds to it."""

from __future__ import annotations

from django.db import transaction

from rectify.demo.cast import Stage
from rectify.demo.chasing import Chasing
from rectify.demo.reviewed_ledger import Players, ReviewedLedger
from rectify.demo.second_county import SecondCounty


def play(stage: Stage, *, more: bool = False) -> list[dict[str, str]]:
    """Everything, all or nothing; with more than the report's ten problems when asked for. The accounts."""
    second = SecondCounty(stage) if more else None
    stage.schedule_report(more=more)
    Chasing(stage).schedule()
    stage.schedule_decisions()
    if second:
        second.schedule()
    with transaction.atomic():
        stage.run()
        if second:
            _earlier(stage).play()
            second.play()
    return [*stage.cast["accounts"], *(second.story["accounts"] if second else ())]


def _earlier(stage: Stage) -> ReviewedLedger:
    """The ledger of the year before, of the same county."""
    assert stage.report
    players = Players(stage.units, stage.leaders, stage.users)
    report = stage.report
    return ReviewedLedger(stage.cast["earlier"], players, unit=report.unit, year=report.year - 1)

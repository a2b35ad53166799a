"""The whole story of the demo: the report and its people, who is chased, and an earlier ledger."""

from __future__ import annotations

from django.db import transaction

from rectify.demo.cast import Stage
from rectify.demo.chasing import Chasing
from rectify.demo.earlier_ledger import EarlierLedger


def play(stage: Stage, *, more: bool = False) -> None:
    """Everything, all or nothing; with more than the report's ten problems when asked for."""
    stage.schedule_report(more=more)
    Chasing(stage).schedule()
    stage.schedule_decisions()
    with transaction.atomic():
        stage.run()
        if more:
            EarlierLedger(stage).play()

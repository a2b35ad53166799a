"""A second county under the same city: one person of each post, and a ledger with items in every state."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from rectify.demo.cast import OPENING, Stage
from rectify.demo.reviewed_ledger import Players, ReviewedLedger
from rectify.models import Leader, Unit, User
from rectify.operations import people


class SecondCounty:
    """Stands beside the county of the stage, so that borders and the city's figures can be tried."""

    def __init__(self, stage: Stage) -> None:
        text = (settings.BASE_DIR / "fixtures" / "second_county.json").read_text(encoding="utf-8")
        self.stage = stage
        self.story: dict[str, Any] = json.loads(text)
        self.units: dict[str, Unit] = {}
        self.leaders: dict[str, Leader] = {}
        self.users: dict[str, User] = {}

    def schedule(self) -> None:
        """Its people come after those of the first county."""
        self.stage.at(self.story["people_days_ago"], OPENING, 30, self._people)

    def play(self) -> None:
        assert self.stage.report
        players = Players(self.units, self.leaders, self.users)
        unit = self.units[self.story["report_unit"]]
        ReviewedLedger(self.story["ledger"], players, unit=unit, year=self.stage.report.year).play()

    def _people(self) -> None:
        for row in self.story["units"]:
            parent = self.units.get(row["parent"]) or self.stage.units[row["parent"]]
            self.units[row["key"]] = people.add_unit(
                by=None, name=row["name"], short=row["short"], parent=Unit.objects.get(pk=parent.pk)
            )
        for row in self.story["accounts"]:
            self.users[row["role"]] = people.add_account(
                by=None,
                username=row["username"],
                name=row["name"],
                password=self.stage.password,
                memberships=[(self.units[row["unit"]], row["role"])],
                must_change=False,
            )
        for rank, row in enumerate(self.story["leaders"], start=1):
            user = self.users["leader"] if row["account"] else None
            unit = self.units[row["unit"]]
            self.leaders[row["key"]] = people.add_leader(
                by=None, post=row["post"], unit=unit, user=user, rank=rank
            )

"""Who was chased in the demonstration: supervision papers and their replies, instructions, reminders."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rectify.demo.cast import Stage
from rectify.demo.samples import sample
from rectify.models import Instruction, Supervision
from rectify.notifications import reminders
from rectify.operations import instructions, supervision

# Hours of a working day: reminders come before work, papers in the afternoon, replies after them.
REMINDING, CHASING, REPLYING = 8, 15, 16


class Chasing:
    """Puts what is chased into the events of the stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.papers: dict[int, Supervision] = {}
        self.words: dict[int, Instruction] = {}

    def schedule(self) -> None:
        for index, row in enumerate(self.stage.cast["supervisions"]):
            self.stage.at(row["days_ago"], CHASING, index, self._supervise, index, row)
            for reply in row["replies"]:
                self.stage.at(reply["signed_days_ago"], REPLYING, index, self._sign, index, reply["by"])
                self.stage.at(reply["days_ago"], REPLYING, index, self._reply, index, reply)
        for index, row in enumerate(self.stage.cast["instructions"]):
            self.stage.at(row["days_ago"], CHASING, 30 + index, self._instruct, index, row)
            if "handled_by" in row:
                self.stage.at(row["handled_days_ago"], REPLYING, 30, self._handle, index, row["handled_by"])
        for days in self.stage.cast["reminded_days_ago"]:
            self.stage.at(days, REMINDING, 0, reminders.remind)

    def _supervise(self, index: int, row: dict[str, Any]) -> None:
        self.papers[index] = supervision.issue(
            [self.stage.problem(number) for number in row["problems"]],
            by=self.stage.office,
            level=row["level"],
            reason=row["reason"],
            reply_by=self.stage.today + dt.timedelta(days=row["reply_days"]),
            units=[self.stage.units[key] for key in row["units"]],
            leaders=[self.stage.leaders[key] for key in row["leaders"]],
        )

    def _sign(self, index: int, unit: str) -> None:
        addressee = self.papers[index].addressees.get(unit=self.stage.units[unit])
        supervision.acknowledge(addressee, by=self.stage.unit_users[unit])

    def _reply(self, index: int, row: dict[str, Any]) -> None:
        addressee = self.papers[index].addressees.get(unit=self.stage.units[row["by"]])
        files = [sample(file["name"], file["kind"]) for file in row["evidence"]]
        supervision.reply(addressee, by=self.stage.unit_users[row["by"]], text=row["text"], files=files)

    def _instruct(self, index: int, row: dict[str, Any]) -> None:
        by = self.stage.users[row["leader"]]
        self.words[index] = instructions.instruct(self.stage.problem(row["problem"]), by=by, text=row["text"])

    def _handle(self, index: int, unit: str) -> None:
        instructions.acknowledge(self.words[index], by=self.stage.unit_users[unit])

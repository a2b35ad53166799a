"""A further ledger of the demonstration: applications at every step, a relapse, what can be carried over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rectify import clock
from rectify.choices import CloseKind, Finding, Kind, MeasureStatus, Status
from rectify.demo.samples import sample
from rectify.models import Leader, Measure, Problem, Unit, User
from rectify.operations import measures, problems, progress, reports
from rectify.operations.closing import close_out, decisions

# Working hours at which things are done on a day, in their order.
WORK, NOTE, FINISH, APPLY, DECIDE = 9, 11, 14, 15, 17
STEPS = {"confirm": "unit_head", "review": "office", "sign": "leader", "return": "office"}


@dataclass(frozen=True)
class Players:
    """Who plays a ledger: units and leaders by their keys in the fixtures, accounts by their role."""

    units: dict[str, Unit]
    leaders: dict[str, Leader]
    users: dict[str, User]


class ReviewedLedger:
    """Plays a ledger whose unit head and leader have accounts of their own."""

    def __init__(self, story: dict[str, Any], players: Players, *, unit: Unit, year: int) -> None:
        self.story, self.players, self.unit, self.year = story, players, unit, year
        self.today = clock.today()
        self.events: list[tuple[dt.datetime, int, Callable[[], object]]] = []
        self.made: dict[str, int] = {}

    def play(self) -> None:
        """Everything, in the order of its moments."""
        start = self.story["created_days_ago"]
        with clock.pretend(self._moment(start, WORK)):
            self._load()
        for row in self.story["problems"]:
            self._plan(row, start - 2)
        for moment, _, act in sorted(self.events, key=lambda event: event[:2]):
            with clock.pretend(moment):
                act()

    def _load(self) -> None:
        outline = {
            "aspects": self.story["aspects"],
            "problems": [
                {"number": number, "title": row["title"], "aspect": row["aspect"], "kind": row["kind"]}
                for number, row in enumerate(self.story["problems"], 1)
            ],
        }
        made = reports.load(
            reports.Outline.from_dict(outline),
            by=self.players.users["office"],
            unit=self.unit,
            year=self.year,
            title=f"{self.year}年度{self.story['title']}",
        )
        self.made = dict(made.problems.values_list("title", "pk"))

    def _plan(self, row: dict[str, Any], day: int) -> None:
        title = row["title"]
        self._at(day, WORK, self._assign, row)
        if row.get("begun", True):
            self._at(day - 1, WORK, self._set_status, title, Status.IN_PROGRESS)
        for number, measure in enumerate(row["measures"], 1):
            self._at(day - 2, WORK, self._add_measure, title, measure)
            if measure["finished"]:
                self._at(measure["finished"], FINISH, self._finish, title, number, measure)
        for days, percent, text in row["notes"]:
            self._at(days, NOTE, self._note, title, percent, text)
        for days, act, text in row["course"]:
            hour = APPLY if act == "apply" else DECIDE
            self._at(days, hour, self._step, row, act, text)
        if again := row.get("again"):
            days = row["course"][-1][0]
            self._at(days - 1, WORK, self._add_measure, title, {"text": again["measure"]})
            for note_days, percent, text in again["notes"]:
                self._at(note_days, NOTE, self._note, title, percent, text)

    def _at(self, days: int, hour: int, act: Callable[..., object], *given: Any) -> None:
        self.events.append((self._moment(days, hour), len(self.events), lambda: act(*given)))

    def _moment(self, days: int, hour: int) -> dt.datetime:
        day = self.today - dt.timedelta(days=days)
        return clock.start_of(day) + dt.timedelta(hours=hour, minutes=len(self.events) % 50)

    def _problem(self, title: str) -> Problem:
        related = ("report__unit", "report__settings", "leader__user", "lead_unit", "clerk")
        return Problem.objects.select_related(*related).get(pk=self.made[title])

    def _assign(self, row: dict[str, Any]) -> None:
        problem, players = self._problem(row["title"]), self.players
        given = {
            "leader": players.leaders[self.story["leader"]],
            "lead_unit": players.units[self.story["unit"]],
            "clerk": players.users["clerk"],
        }
        if row["deadline"] is not None:
            given["deadline"] = self.today + dt.timedelta(days=row["deadline"])
        if row["kind"] == Kind.STANDING:
            given["deadline_text"] = "长期坚持，每半年检查一次"
        by, reason = players.users["office"], "按分工明确责任"
        problems.assign(problem, by=by, seen=problem.version, reason=reason, **given)

    def _set_status(self, title: str, status: str, reason: str = "") -> None:
        problem, by = self._problem(title), self.players.users["office"]
        if problem.status != status:  # the first measure may have moved it
            problems.set_status(problem, by=by, seen=problem.version, status=status, reason=reason)

    def _add_measure(self, title: str, row: dict[str, Any]) -> None:
        given = {name: row[name] for name in ("text", "kind", "standard") if name in row}
        measures.add(self._problem(title), by=self.players.users["clerk"], **given)

    def _finish(self, title: str, number: int, row: dict[str, Any]) -> None:
        problem = self._problem(title)
        measure = Measure.objects.select_related("problem").get(
            problem=problem, number=number, status=MeasureStatus.OPEN
        )
        rule = {name: row[name] for name in ("rule_name", "rule_number") if name in row}
        proof = sample(f"{problem.code} 措施{number}完成证明.pdf", "pdf")
        by = self.players.users["clerk"]
        measures.finish(measure, by=by, seen=measure.version, result=row["result"], files=[proof], **rule)

    def _note(self, title: str, percent: int, text: str) -> None:
        progress.add(self._problem(title), by=self.players.users["clerk"], text=text, percent=percent)

    def _step(self, row: dict[str, Any], act: str, text: str) -> None:
        problem, users = self._problem(row["title"]), self.players.users
        if act == "apply":
            kind = CloseKind.STANDING if row["kind"] == Kind.STANDING else CloseKind.CLOSE
            close_out.apply_close_out(
                problem, by=users["clerk"], seen=problem.version, statement=text, kind=kind
            )
        elif act == "relapsed":
            deadline = self.today + dt.timedelta(days=row["again"]["deadline"])
            close_out.record_follow_up(
                problem, by=users["inspector"], outcome=Finding.RELAPSED, finding=text, deadline=deadline
            )
        elif act == "mostly_done":
            self._set_status(row["title"], Status.MOSTLY_DONE, text)
        elif act == "withdraw":
            problems.withdraw(problem, by=users["office"], seen=problem.version, reason=text)
        else:
            self._decide(problem, act, text)

    def _decide(self, problem: Problem, act: str, text: str) -> None:
        application = problem.close_outs.get(ended_at__isnull=True)
        by = self.players.users[STEPS[act]]
        if act == "return":
            decisions.return_application(application, by=by, step="review", comment=text)
        else:
            decisions.decide(application, by=by, step=act, comment=text)

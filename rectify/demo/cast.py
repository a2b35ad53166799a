"""The demonstration: the report of the fixtures, a cast by post, and some weeks of their work."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings

from rectify import clock
from rectify.choices import CloseKind, MeasureStatus, Role, Source, Status, Step
from rectify.demo.samples import sample
from rectify.models import (
    CloseOut,
    Extension,
    Leader,
    Manifestation,
    Measure,
    Problem,
    ProgressNote,
    Report,
    Unit,
    User,
)
from rectify.operations import measures, people, problems, progress, reference, reports
from rectify.operations.closing import close_out, deadlines, decisions

Event = tuple[dt.datetime, int, Callable[[], object]]
# Hours of a working day, in Shanghai: what follows from what on the same day comes later.
OPENING, DECIDING, PLANNING, STARTING = 9, 10, 11, 12
REPORTING, FINISHING, CONCLUDING = 14, 16, 17
UNIT_FIELDS = {"lead_unit", "supporting_units"}
LEADER_FIELDS = {"leader", "supporting_leaders"}
# The reviewed path of a conclusion: how many days before it, and at what hour.
CONCLUSION = ((1, 17), (0, 9), (0, 11), (0, 17))
RULE = ("rule_name", "rule_number")
COMMENTS = {"confirm": "情况属实。", "review": "材料齐全，完成标志达到。", "sign": ""}
SOURCES = {str(label): value for value, label in Source.choices}


def load_story() -> tuple[dict[str, Any], dict[str, Any]]:
    """The report and the cast of the fixtures."""
    folder = settings.BASE_DIR / "fixtures"
    report, cast = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in ("report.json", "cast.json")
    )
    return report, cast


class Stage:
    """Plays the story in the order of its moments, so that the chains look like those of real work."""

    def __init__(self, password: str) -> None:
        self.outline, self.cast = load_story()
        self.password = password
        self.today = clock.today()
        self.units: dict[str, Unit] = {}
        self.leaders: dict[str, Leader] = {}
        self.users: dict[str, User] = {}
        self.unit_users: dict[str, User] = {}
        self.report: Report | None = None
        self.numbers: dict[int, int] = {}
        self.measures: dict[tuple[int, int], int] = {}
        self.notes: dict[tuple[int, int], int] = {}
        self.events: list[Event] = []

    def schedule_report(self, *, more: bool = False) -> None:
        """People, the report and what is done about its problems; with more problems when asked for."""
        imported = self.cast["imported_days_ago"]
        self.at(imported + 1, OPENING, 0, self._people)
        self.at(imported, OPENING, 0, self._report)
        for story in self.cast["tracking"]:
            self._track(story)
        for story in self.cast["extra_problems"] if more else ():
            self._extra(story)

    def schedule_decisions(self) -> None:
        for decision in self.cast["link_decisions"]:
            self.at(decision["days_ago"], DECIDING, decision["problem"], self._decide, decision)

    def run(self) -> None:
        """All that was scheduled, in the order of its moments."""
        for moment, _, act in sorted(self.events, key=lambda event: event[:2]):
            with clock.pretend(moment):
                act()

    def at(self, days_ago: int, hour: int, minute: int, act: Callable[..., object], *given: Any) -> None:
        day = self.today - dt.timedelta(days=days_ago)
        moment = clock.start_of(day) + dt.timedelta(hours=hour, minutes=minute)
        self.events.append((moment, len(self.events), lambda: act(*given)))

    # -- who ----------------------------------------------------------------------------------------

    def _people(self) -> None:
        for row in self.cast["units"]:
            parent = self.units.get(row["parent"])
            self.units[row["key"]] = people.add_unit(
                by=None, name=row["name"], short=row["short"], parent=parent
            )
        owners = {}
        for row in self.cast["accounts"]:
            user = self._account(row["username"], row["name"], row["unit"], row["role"], self.password)
            self.users[row["username"]] = user
            if row["role"] in (Role.CLERK, Role.UNIT_HEAD):
                self.unit_users[row["unit"]] = user
            if "leader" in row:
                owners[row["leader"]] = user
        for key in self._reporting_units():
            if key not in self.unit_users:
                name = f"{self.units[key].name} 经办人"
                # Whoever reports for the other units exists, but has no password to sign in with.
                self.unit_users[key] = self._account(f"clerk_{key}", name, key, Role.CLERK, None)
        for rank, row in enumerate(self.cast["leaders"], start=1):
            self.leaders[row["key"]] = people.add_leader(
                by=None,
                post=row["post"],
                unit=self.units[row["unit"]],
                user=owners.get(row["key"]),
                rank=rank,
            )

    def _account(self, username: str, name: str, unit: str, role: str, password: str | None) -> User:
        return people.add_account(
            by=None,
            username=username,
            name=name,
            password=password,
            memberships=[(self.units[unit], role)],
            must_change=False,
        )

    def _reporting_units(self) -> list[str]:
        notes = [note for story in self.cast["tracking"] for note in story["notes"]]
        return sorted({note["unit"] for note in notes if note["by"] == "unit"})

    @property
    def office(self) -> User:
        return self.users["office"]

    # -- what ---------------------------------------------------------------------------------------

    def _report(self) -> None:
        self.report = reports.load(
            reports.Outline.from_dict(self.outline),
            by=self.office,
            unit=self.units[self.cast["report_unit"]],
            year=self.outline["year"],
            title=self.outline["title"],
            meeting=self.outline["meeting"],
        )
        self.numbers = dict(self.report.problems.values_list("number", "pk"))

    def problem(self, number: int) -> Problem:
        related = ("report__unit", "report__settings", "leader__user", "lead_unit", "clerk")
        return Problem.objects.select_related(*related).get(pk=self.numbers[number])

    def _track(self, story: dict[str, Any]) -> None:
        number = story["number"]
        for index, step in enumerate(story["history"]):
            if self._reviewed(number, step):
                continue
            self.at(step["days_ago"], _hour_of(step), number * 3 + index, self._change, number, step)
        for index, row in enumerate(story["measures"]):
            minute = number * 4 + index
            self.at(row["added"], PLANNING, minute, self._add_measure, number, index, row)
            if row["status"] != MeasureStatus.OPEN:
                self.at(row["done_after"], FINISHING, minute, self._end_measure, number, index, row)
        for index, note in enumerate(story["notes"]):
            self.at(note["days_ago"], REPORTING, number * 4 + index, self._note, number, index, note)

    def _change(self, number: int, step: dict[str, Any]) -> None:
        problem, reason = self.problem(number), step["reason"]
        values, act = self._values(step["set"]), step["act"]
        if act == "goal":
            problems.edit(problem, by=self.office, seen=problem.version, reason=reason, **values)
        elif act != "status":
            problems.assign(problem, by=self.office, seen=problem.version, reason=reason, **values)
        elif problem.status != values["status"]:  # the first measure may have moved it
            problems.set_status(
                problem, by=self.office, seen=problem.version, status=values["status"], reason=reason
            )

    def _reviewed(self, number: int, step: dict[str, Any]) -> bool:
        """Concluding and extending take the reviewed path, over some days."""
        status, day = step["set"].get("status"), step["days_ago"]
        concludes = status in (Status.CLOSED, Status.STANDING)
        if not concludes and step["act"] != "extension":
            return False
        model = CloseOut if concludes else Extension
        names = ("apply", "confirm", "review", "sign")
        days: Sequence[Any] = step.get("days", CONCLUSION)
        for place, (name, when) in enumerate(zip(names, days, strict=False)):
            before, hour = when
            given = (number, step) if name == "apply" else (number, model, name)
            act = (self._apply if concludes else self._extend) if name == "apply" else self._decide_step
            self.at(day + before, hour, number * 3 + place, act, *given)
        return True

    def _apply(self, number: int, step: dict[str, Any]) -> None:
        problem = self.problem(number)
        standing = step["set"]["status"] == Status.STANDING
        close_out.apply_close_out(
            problem,
            by=self._clerk_of(problem),
            seen=problem.version,
            kind=CloseKind.STANDING if standing else CloseKind.CLOSE,
            statement=step["reason"],
        )

    def _extend(self, number: int, step: dict[str, Any]) -> None:
        problem = self.problem(number)
        new_date = self._day(step["set"]["deadline"])
        assert new_date
        deadlines.apply_extension(
            problem,
            by=self._clerk_of(problem),
            seen=problem.version,
            new_date=new_date,
            reason=step["reason"],
            progress=step["progress"],
        )

    def _decide_step(self, number: int, model: type[CloseOut | Extension], name: str) -> None:
        """By whoever holds the step; where nobody has an account, registered from paper by the office."""
        problem = self.problem(number)
        application: Any = model.objects.open().get(problem=problem)
        holder = {"confirm": self._head_of(problem), "review": self.office, "sign": self._leader_of(problem)}
        by = holder[name]
        paper: dict[str, Any] = {}
        if by is None:
            scan = f"{problem.code} {Step(name).label}环节签字扫描件.pdf"
            paper = {"signed_on": clock.today(), "files": [sample(scan, "pdf")]}
        decisions.decide(application, by=by or self.office, step=name, comment=COMMENTS[name], **paper)

    def _clerk_of(self, problem: Problem) -> User:
        key = next(key for key, unit in self.units.items() if unit.pk == problem.lead_unit_id)
        return problem.clerk or self.unit_users[key]

    def _head_of(self, problem: Problem) -> User | None:
        head = self.users["unit_head"]
        return head if problem.lead_unit_id in head.unit_ids(Role.UNIT_HEAD) else None

    def _leader_of(self, problem: Problem) -> User | None:
        return problem.leader.user if problem.leader else None

    def _values(self, given: dict[str, Any]) -> dict[str, Any]:
        """Keys of the fixtures become rows, days become dates."""
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name in UNIT_FIELDS:
                values[name] = _looked_up(self.units, value)
            elif name in LEADER_FIELDS:
                values[name] = _looked_up(self.leaders, value)
            elif name == "clerk":
                values[name] = self.users[value] if value else None
            elif name == "deadline":
                values[name] = self._day(value)
            else:
                values[name] = value
        return values

    def _day(self, days: int | None) -> dt.date | None:
        return None if days is None else self.today + dt.timedelta(days=days)

    def _add_measure(self, number: int, index: int, row: dict[str, Any]) -> None:
        measure = measures.add(
            self.problem(number),
            by=self.office,
            text=row["text"],
            kind=row["kind"],
            standard=row["standard"],
            unit=self.units[row["unit"]] if row["unit"] else None,
            deadline=self._day(row["deadline"]),
        )
        self.measures[number, index] = measure.pk

    def _end_measure(self, number: int, index: int, row: dict[str, Any]) -> None:
        measure = Measure.objects.select_related("problem").get(pk=self.measures[number, index])
        by = self.unit_users.get(row["unit"], self.office)
        if row["status"] == MeasureStatus.DONE:
            rule: dict[str, Any] = {name: row[name] for name in RULE if name in row}
            proof = sample(row["proof"], row["proof"].rsplit(".", 1)[1])
            result, files = row["result"], [proof]
            measures.finish(measure, by=by, seen=measure.version, result=result, files=files, **rule)
        else:
            measures.drop(measure, by=self.office, seen=measure.version, reason=row["drop_reason"])

    def _note(self, number: int, index: int, row: dict[str, Any]) -> None:
        by = self.unit_users[row["unit"]] if row["by"] == "unit" else self.office
        given = {
            "by": by,
            "text": row["text"],
            "percent": row["percent"],
            "files": [sample(file["name"], file["kind"]) for file in row["evidence"]],
        }
        if row.get("corrects") is None:
            note = progress.add(self.problem(number), **given)
        else:
            wrong = ProgressNote.objects.get(pk=self.notes[number, row["corrects"]])
            note = progress.correct(wrong, reason="录入有误，予以更正", **given)
        self.notes[number, index] = note.pk

    def _decide(self, decision: dict[str, Any]) -> None:
        problem = self.problem(decision["problem"])
        if "cause" in decision:
            link: Any = problem.cause_links.get(cause__number=decision["cause"])
        else:
            link = problem.direction_links.get(direction__number=decision["direction"])
        confirm = decision["decision"] == "confirm"
        problems.decide_link(link, by=self.office, confirm=confirm, reason=decision["comment"])

    # -- what came later ----------------------------------------------------------------------------

    def _extra(self, story: dict[str, Any]) -> None:
        self.at(story["added_days_ago"], OPENING, 50, self._add_problem, story)
        if story.get("withdrawn"):
            self.at(story["withdrawn_days_ago"], CONCLUDING, 50, self._withdraw, story)

    def _add_problem(self, story: dict[str, Any]) -> None:
        assert self.report
        aspect = self.report.aspects.filter(number=story["aspect"]).first()
        problem = problems.add(
            self.report,
            by=self.office,
            title=story["title"],
            text=story["text"],
            aspect=aspect,
            source=SOURCES[story["source"]],
            kind=story["kind"],
            reason=story["add_reason"],
        )
        self.numbers[story["number"]] = problem.pk
        for number, text in enumerate(story["manifestations"], start=1):
            row = Manifestation(problem=problem, number=number, text=text)
            reference.store(row, by=self.office, reason=story["add_reason"], report=self.report)
        given = {name: story[name] for name in ("leader", "lead_unit", "supporting_units")}
        problems.assign(
            problem, by=self.office, seen=problem.version, reason="先行明确责任", **self._values(given)
        )

    def _withdraw(self, story: dict[str, Any]) -> None:
        problem = self.problem(story["number"])
        problems.withdraw(problem, by=self.office, seen=problem.version, reason=story["withdrawn"])


def _hour_of(step: dict[str, Any]) -> int:
    if step["act"] != "status":
        return OPENING
    return STARTING if step["set"]["status"] == Status.IN_PROGRESS else CONCLUDING


def _looked_up(rows: dict[str, Any], keys: str | list[str] | None) -> Any:
    if isinstance(keys, list):
        return [rows[key] for key in keys]
    return rows[keys] if keys else None

"""The demonstration: the fixture report with a cast, acted out day by day through the operations."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from django.conf import settings

from .. import clock
from ..choices import LinkStatus, MeasureStatus, Role, Status
from ..models import Leader, Measure, Problem, ProblemDirection, ProgressNote, Report, Unit, User
from ..operations import closing, measures, people, problems, progress, reports

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
DOCX_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
DOCX_BODY = (
    '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
    'wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>'
)


class Play:
    """Everything the cast does, collected as moments and then performed in their order."""

    def __init__(self, password: str) -> None:
        self.report_data = _read("report.json")
        self.data = _read("cast.json")
        self.password = password
        self.today = clock.today()
        self.events: list[tuple[dt.datetime, int, Callable[[], Any]]] = []
        self.units: dict[str, Unit] = {}
        self.users: dict[str, User] = {}
        self.workers: dict[str, User] = {}
        self.leaders: dict[str, Leader] = {}
        self.notes: dict[tuple[int, int], ProgressNote] = {}
        self.report: Report

    def perform(self) -> Report:
        """Act it all out; returns the ledger."""
        begin = self.data["imported_days_ago"]
        with clock.pretend(self._moment(begin + 1, 9)):
            self._people()
        with clock.pretend(self._moment(begin, 9)):
            outline = reports.Outline.from_dict(self.report_data)
            self.report = reports.load(
                outline,
                by=self.users["office"],
                unit=self.units[self.data["report_unit"]],
                year=self.report_data["year"],
                title=self.report_data["title"],
                meeting=self.report_data["meeting"],
            )
        self._collect()
        for moment, _, act in sorted(self.events, key=lambda event: event[:2]):
            with clock.pretend(moment):
                act()
        for worker in self.workers.values():
            people.close_account(worker, by=None, reason="演示中只开放七个账号登录")
        return self.report

    def _people(self) -> None:
        for row in self.data["units"]:
            parent = self.units.get(row["parent"])
            self.units[row["key"]] = people.add_unit(
                by=None, name=row["name"], short=row["short"], parent=parent
            )
        for row in self.data["accounts"]:
            self.users[row["username"]] = people.add_account(
                by=None,
                username=row["username"],
                name=row["name"],
                password=self.password,
                memberships=[(self.units[row["unit"]], row["role"])],
                must_change=False,
            )
        accounts = {row["leader"]: row["username"] for row in self.data["accounts"] if row.get("leader")}
        for rank, row in enumerate(self.data["leaders"], start=1):
            user = self.users[accounts[row["key"]]] if row["key"] in accounts else None
            self.leaders[row["key"]] = people.add_leader(
                by=None, post=row["post"], unit=self.units[row["unit"]], user=user, rank=rank
            )

    def _collect(self) -> None:
        for item in self.data["tracking"]:
            for change in item["history"]:
                self._at(change["days_ago"], 9, lambda i=item, c=change: self._change(i["number"], c))
            for number, measure in enumerate(item["measures"], start=1):
                self._at(measure["added"], 10, lambda i=item, m=measure: self._measure(i["number"], m))
                if measure["done_after"] is not None:
                    self._at(
                        measure["done_after"],
                        16,
                        lambda i=item, m=measure, n=number: self._settle(i["number"], n, m),
                    )
            for index, note in enumerate(item["notes"]):
                self._at(note["days_ago"], 15, lambda i=item, n=note, k=index: self._note(i, k, n))
        for row in self.data["link_decisions"]:
            self._at(row["days_ago"], 17, lambda r=row: self._decide(r))

    def _at(self, days_ago: int, hour: int, act: Callable[[], Any]) -> None:
        self.events.append((self._moment(days_ago, hour), len(self.events), act))

    def _moment(self, days_ago: int, hour: int) -> dt.datetime:
        """An office hour some days ago, never in the future."""
        start = clock.start_of(self.today - dt.timedelta(days=days_ago))
        minutes = (len(self.events) * 7) % 50
        return min(start + dt.timedelta(hours=hour, minutes=minutes), clock.now())

    def _problem(self, number: int) -> Problem:
        return Problem.objects.get(report=self.report, number=number)

    def _worker(self, key: str) -> User:
        """Whoever writes for a unit: its account where the demo has one, else a clerk who cannot sign in."""
        if key == "development":
            return self.users["clerk"]
        if key not in self.workers:
            unit = self.units[key]
            self.workers[key] = people.add_account(
                by=None,
                username=f"unit_{key}",
                name=f"{unit.name} 经办人",
                password=None,
                memberships=[(unit, Role.CLERK)],
                must_change=False,
            )
        return self.workers[key]

    def _change(self, number: int, change: dict[str, Any]) -> None:
        problem, office, values = self._problem(number), self.users["office"], dict(change["set"])
        reason = change["reason"]
        status, goal = values.pop("status", None), values.pop("goal", None)
        if goal is not None:
            problem = problems.edit(problem, by=office, seen=problem.version, reason=reason, goal=goal)
        if values:
            fields = {name: self._value(name, value) for name, value in values.items()}
            if fields.get("deadline", True) is None:
                fields.pop("deadline")
            problem = problems.assign(problem, by=office, seen=problem.version, reason=reason, **fields)
        if status in (Status.CLOSED, Status.STANDING):
            closing.register_paper(
                problem,
                by=office,
                seen=problem.version,
                status=status,
                decided_on=clock.today(),
                reason=reason,
            )
        elif status:
            problems.set_status(problem, by=office, seen=problem.version, status=status, reason=reason)

    def _value(self, name: str, value: Any) -> Any:
        if value is None:
            return None
        if name == "deadline":
            return self.today + dt.timedelta(days=value)
        if name in ("lead_unit", "supporting_units"):
            return [self.units[key] for key in value] if isinstance(value, list) else self.units[value]
        if name in ("leader", "supporting_leaders"):
            return [self.leaders[key] for key in value] if isinstance(value, list) else self.leaders[value]
        return self.users[value] if name == "clerk" else value

    def _measure(self, number: int, row: dict[str, Any]) -> None:
        problem = self._problem(number)
        measures.add(
            problem,
            by=self.users["office"],
            text=row["text"],
            kind=row["kind"],
            standard=row["standard"],
            unit=self.units[row["unit"]],
            deadline=self.today + dt.timedelta(days=row["deadline"]),
        )

    def _settle(self, number: int, place: int, row: dict[str, Any]) -> None:
        measure = Measure.objects.get(problem=self._problem(number), number=place)
        office = self.users["office"]
        if row["status"] == MeasureStatus.DROPPED:
            measures.drop(measure, by=office, seen=measure.version, reason=row["drop_reason"])
        else:
            measures.finish(measure, by=office, seen=measure.version, result=row["result"])

    def _note(self, item: dict[str, Any], index: int, row: dict[str, Any]) -> None:
        problem = self._problem(item["number"])
        author = self.users["office"] if row["by"] == "office" else self._worker(row["unit"])
        files = [_file(part["name"], part["kind"]) for part in row["evidence"]]
        if "corrects" in row:
            old = self.notes[item["number"], row["corrects"]]
            self.notes[item["number"], index] = progress.correct(
                old, by=author, text=row["text"], percent=row["percent"], reason="核对后更正", files=files
            )
        else:
            self.notes[item["number"], index] = progress.add(
                problem, by=author, text=row["text"], percent=row["percent"], files=files
            )

    def _decide(self, row: dict[str, Any]) -> None:
        link = ProblemDirection.objects.filter(
            problem=self._problem(row["problem"]),
            direction__number=row.get("direction"),
            status=LinkStatus.PENDING,
        ).first()
        if link is not None:
            problems.decide_link(link, by=self.users["office"], confirm=True, reason=row["comment"])


def _read(name: str) -> dict[str, Any]:
    return dict(json.loads((FIXTURES / name).read_text(encoding="utf-8")))


def _file(name: str, kind: str) -> io.BytesIO:
    """A small true file of the kind, so that it opens when somebody looks."""
    content = {"pdf": lambda: PDF, "png": lambda: PNG, "xlsx": _xlsx, "docx": _docx}[kind]
    file = io.BytesIO(content() if kind in ("pdf", "png") else content(name))  # type: ignore[operator]
    file.name = name
    return file


def _xlsx(title: str) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = title  # type: ignore[index]
    book.save(out)
    return out.getvalue()


def _docx(title: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", DOCX_TYPES)
        archive.writestr("word/document.xml", DOCX_BODY.format(title))
    return out.getvalue()

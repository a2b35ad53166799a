"""One problem as lists show it: its light in words and its newest note in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from rectify import clock, wording
from rectify.choices import RagStatus, Status
from rectify.models import Holiday, LedgerSettings, Problem, ProgressNote, Report
from rectify.models.compiled import compiled, padded
from rectify.models.office import LedgerRule
from rectify.models.supervision import to_supervise
from rectify.selectors.search_hits import Hit, Parts, hits_of, parts_of

NOTED = ("pk", "at", "text", "percent")


@dataclass(frozen=True)
class ProblemRow:
    """One problem as lists show it: its light and its newest note in force."""

    problem: Problem
    light: wording.LightChip
    note: ProgressNote | None
    said: str
    percent: int | None
    can_report: bool = False
    ledger: str = ""  # its short name, where several ledgers are in sight
    words: Sequence[str] = ()  # that were searched
    hit: Hit | None = None  # where they stand, if not in the title

    @property
    def title(self) -> Parts:
        return parts_of(self.problem.title, self.words)

    @property
    def name(self) -> str:
        """A number tells which item is meant in one ledger only."""
        return f"{self.problem.code} · {self.ledger}" if self.ledger else f"第 {self.problem.number} 项"

    @property
    def kind(self) -> str:
        return wording.kind_words(self.problem.kind, self.problem.also_standing)


def problem_rows(
    ids: Sequence[int],
    workable: Callable[[list[Problem]], set[int]] | None = None,
    rules: list[LedgerRule] | None = None,
    ledgers: Mapping[int, str] | None = None,
    *,
    named: tuple[str, ...] = (),
    reports: Iterable[Report] = (),
    with_suggestion: bool = False,
) -> list[ProblemRow]:
    """The rows of these problems in this order, in a fixed number of queries; `ledgers` are the names to
    give with them; `named` is read with each besides leader and unit; `reports` are those known with their
    unit and settings; `with_suggestion` asks whether a 督办单 is suggested."""
    today = clock.today()
    if not ids:
        return []
    rules = LedgerSettings.objects.rules() if rules is None else rules
    key = ("rows", today, named, with_suggestion, *(rule.on(today) for rule in rules))
    build = partial(_problems, today, rules, named, with_suggestion)
    shown = _in_order(ids, compiled(key, build, *padded(ids)))
    _give_reports(shown, {report.pk: report for report in reports})
    able = workable(shown) if workable else set()
    calendar = calendar_of(shown, rules)
    names = ledgers or {}
    return [
        _row(one, chip(one, today, calendar), today, one.pk in able, names.get(one.report_id, ""))
        for one in shown
    ]


def _in_order(ids: Sequence[int], problems: Iterable[Problem]) -> list[Problem]:
    by_id = {problem.pk: problem for problem in problems}
    return [by_id[pk] for pk in ids if pk in by_id]


def _problems(
    today: dt.date, rules: list[LedgerRule], named: tuple[str, ...], with_suggestion: bool, *ids: int
) -> QuerySet[Problem]:
    newest = ProgressNote.objects.in_force().filter(problem=OuterRef("pk")).newest_first()
    related = ("leader", "lead_unit", *named)
    noted: dict[str, Any] = {f"noted_{name}": Subquery(newest.values(name)[:1]) for name in NOTED}
    if with_suggestion:
        late = to_supervise(Problem.objects.filter(pk=OuterRef("pk")), today, rules)
        noted["suggested"] = Exists(late)
    found = Problem.objects.select_related(*related).with_light(today, rules).annotate(**noted)
    return found.filter(pk__in=ids).order_by()


def _give_reports(problems: Iterable[Problem], known: dict[int, Report]) -> None:
    """The ledgers of all of them, each read once with its settings and unit."""
    if ids := sorted({problem.report_id for problem in problems} - known.keys()):
        known |= {one.pk: one for one in compiled("ledgers of rows", _reports, *padded(ids))}
    for problem in problems:
        problem.report = known[problem.report_id]


def _reports(*ids: int) -> QuerySet[Report]:
    return Report.objects.filter(pk__in=ids).select_related("unit", "settings").order_by()


def with_hits(rows: Sequence[ProblemRow], words: Sequence[str]) -> list[ProblemRow]:
    """The same rows, telling where the words that were searched stand."""
    shown = {row.problem.pk: f"{row.problem.code} {row.problem.title}" for row in rows}
    hits = hits_of(list(shown), words, shown)
    return [replace(row, words=words, hit=hits.get(row.problem.pk)) for row in rows]


def _row(
    problem: Problem,
    light: wording.LightChip,
    today: dt.date,
    can_report: bool,
    ledger: str,
) -> ProblemRow:
    noted = {name: getattr(problem, f"noted_{name}") for name in NOTED}
    note = ProgressNote(problem=problem, **noted) if noted["at"] else None
    said = f"{wording.days_ago(clock.day_of(note.at), today)}：{note.text}" if note else "还没有进展记录"
    percent = note.percent if note else None
    return ProblemRow(problem, light, note, said, percent, can_report, ledger)


def chip(problem: Problem, today: dt.date, calendar: clock.WorkCalendar | None = None) -> wording.LightChip:
    """The chip of a problem that carries the annotation `light`."""
    settings = getattr(problem.report, "settings", None) or LedgerSettings()
    working = None
    if calendar and problem.deadline and settings.by_working_days:
        working = calendar.between(today, problem.deadline)
    light = problem.light  # type: ignore[attr-defined]
    if problem.status == Status.IN_REVIEW and light == RagStatus.NORMAL:
        return wording.in_review_chip(problem.deadline, today)
    return wording.light_chip(light, problem.deadline, today, settings.period, working)


def calendar_of(
    problems: Iterable[Problem], rules: list[LedgerRule] | None = None
) -> clock.WorkCalendar | None:
    """The calendar of working days, read only where one of the ledgers counts them and no rule brings it."""
    settings = (getattr(problem.report, "settings", None) for problem in problems)
    if not any(settings_row and settings_row.by_working_days for settings_row in settings):
        return None
    known = (rule.calendar for rule in rules or () if rule.calendar)
    return next(known, None) or Holiday.objects.calendar()

"""Reports: load one with its problems, causes, directions and links; edit its texts and settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction

from rectify import clock
from rectify.audit import chain, field_values
from rectify.choices import Action, Basis, Kind, LinkStatus, Source, Status
from rectify.errors import Incomplete
from rectify.models import (
    Aspect,
    ChainHead,
    ImprovementDirection,
    LedgerSettings,
    Manifestation,
    Problem,
    ProblemCause,
    ProblemDirection,
    Report,
    RootCause,
    Unit,
    User,
)
from rectify.models.each import insert
from rectify.operations import measures as measure_acts
from rectify.operations import problems as problem_acts
from rectify.operations import recording

Part = Aspect | RootCause | ImprovementDirection | Manifestation
PART_FIELDS = {"title", "short", "text", "covers_all"}


@dataclass(frozen=True)
class Outline:
    """A report's content after a person has looked at it: plain values, by their numbers."""

    aspects: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    causes: list[dict[str, Any]] = field(default_factory=list)
    directions: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        names = ("aspects", "problems", "causes", "directions", "links")
        return cls(**{name: list(data.get(name, [])) for name in names})


def load(outline: Outline, *, by: User, unit: Unit, year: int, title: str = "", meeting: str = "") -> Report:
    """Create a ledger from an outline, all or nothing.

    Links that the text itself gives count as confirmed by the person who loads after looking;
    inferred ones wait for a person.
    """
    with transaction.atomic():
        counts = {name: len(getattr(outline, name)) for name in ("aspects", "causes", "directions")}
        report = begin(counts, by=by, unit=unit, year=year, title=title, meeting=meeting)
        fill(report, outline, by=by)
        return report


def begin(
    counts: dict[str, int], *, by: User, unit: Unit, year: int, title: str = "", meeting: str = ""
) -> Report:
    """Create a ledger that is filled in the same transaction; `counts` are of its parts besides problems."""
    with transaction.atomic():
        if not any(unit.path.startswith(path) for path in by.paths("office")):
            recording.require(by, Action.CREATE_REPORT, Report(unit=unit))
        report = Report.objects.create(
            unit=unit,
            year=year,
            title=title or f"{year}年度对照检查报告",
            meeting=meeting,
            prefix=_free_prefix(unit, year),
            created_at=clock.now(),
            created_by=by,
        )
        LedgerSettings.objects.create(report=report)
        ChainHead.objects.create(report=report)
        facts = {name: str(count) for name, count in counts.items()}
        recording.created(
            report, by=by, act=Action.CREATE_REPORT, report=report, label=report.prefix, facts=facts
        )
        return report


def start(*, by: User, unit: Unit, year: int, title: str, meeting: str = "") -> Report:
    """Open a ledger without a report: its problems are typed, or brought by a sheet, afterwards."""
    with transaction.atomic():
        chain.lock([None])
        if Report.objects.filter(unit=unit, year=year, title=title).exists():
            raise Incomplete(f"{unit}{year} 年度已有名为“{title}”的台账，请换一个名称。", field="title")
        return load(Outline(), by=by, unit=unit, year=year, title=title, meeting=meeting)


def fill(report: Report, outline: Outline, *, by: User) -> dict[Any, Problem]:
    """Put an outline's parts into a ledger that holds none yet; returns its problems by number."""
    aspects = {row["number"]: _make(Aspect, report, row, "short") for row in outline.aspects}
    causes = {row["number"]: _make(RootCause, report, row, "text") for row in outline.causes}
    directions = {
        row["number"]: _make(ImprovementDirection, report, row, "text", "covers_all")
        for row in outline.directions
    }
    problems = {}
    for row in sorted(outline.problems, key=lambda row: row["number"]):
        problem = problem_acts.add(
            report,
            by=by,
            title=row["title"],
            text=row.get("text", ""),
            aspect=aspects.get(row.get("aspect")),
            source=row.get("source") or Source.SELF_CHECK,
            kind=row.get("kind") or Kind.BY_DATE,
            status=row.get("status") or Status.NOT_STARTED,
            follow_up=row.get("follow_up"),
            reason=row.get("reason", ""),
            **row.get("fields", {}),
        )
        problems[row["number"]] = problem
        for number, text in enumerate(row.get("manifestations", []), start=1):
            Manifestation.objects.create(problem=problem, number=number, text=text)
        for measure in row.get("measures", []):
            measure_acts.add(problem, by=by, **measure)
    for row in outline.links:
        _link(problems[row["problem"]], row, causes, directions, by)
    chain.append_waiting(by)
    return problems


def _make(model: Any, report: Report, row: dict[str, Any], *optional: str) -> Any:
    values = {name: row[name] for name in optional if name in row}
    made = model(report=report, number=row["number"], title=row["title"], **values)
    _check(made)
    insert(made)
    return made


def _link(
    problem: Problem,
    row: dict[str, Any],
    causes: dict[int, RootCause],
    directions: dict[int, ImprovementDirection],
    by: User,
) -> None:
    decided: dict[str, Any] = {"basis": row["basis"], "status": LinkStatus.PENDING}
    if row["basis"] in (Basis.EXPLICIT, Basis.CONTENT):
        decided |= {"status": LinkStatus.CONFIRMED, "decided_by": by, "decided_at": clock.now()}
    link: ProblemCause | ProblemDirection
    if row.get("cause"):
        link = ProblemCause.objects.create(problem=problem, cause=causes[row["cause"]], **decided)
    else:
        link = ProblemDirection.objects.create(
            problem=problem, direction=directions[row["direction"]], **decided
        )
    if link.status == LinkStatus.PENDING and row.get("status") == LinkStatus.CONFIRMED:
        problem_acts.decide_link(link, by=by, confirm=True)


def _free_prefix(unit: Unit, year: int) -> str:
    taken = set(Report.objects.filter(unit=unit, year=year).values_list("prefix", flat=True))
    prefix, number = str(year), 2
    while prefix in taken:
        prefix, number = f"{year}-{number}", number + 1
    return prefix


def edit(report: Report, *, by: User, reason: str = "", **fields: Any) -> Report:
    """Change a report's title or meeting."""
    _change(report, report, by, Action.EDIT_REPORT, reason, fields, {"title", "meeting"})
    return report


def edit_settings(report: Report, *, by: User, reason: str = "", **fields: Any) -> LedgerSettings:
    """Change a ledger's thresholds, period or wording."""
    settings = LedgerSettings.objects.get(report=report)
    names = {item.name for item in LedgerSettings._meta.fields} - {"id", "report", "rule_key"}
    _change(settings, report, by, Action.EDIT_SETTINGS, reason, fields, names)
    return settings


def edit_part(part: Part, *, by: User, reason: str = "", **fields: Any) -> Part:
    """Change the text of an aspect, a cause, a direction or a manifestation."""
    report = part.problem.report if isinstance(part, Manifestation) else part.report
    _change(part, report, by, Action.EDIT_REPORT, reason, fields, PART_FIELDS)
    return part


def _change(
    row: models.Model,
    report: Report,
    by: User,
    act: str,
    reason: str,
    fields: dict[str, Any],
    names: set[str],
) -> None:
    unknown = set(fields) - names
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, act, row if isinstance(row, Manifestation) else report)
        row.refresh_from_db()
        changes = [field_values.describe(row, name, value) for name, value in fields.items()]
        changes = [change for change in changes if change["old"] != change["new"]]
        if not changes:
            return
        for name, value in fields.items():
            setattr(row, name, value)
        _check(row)
        row.save(update_fields=list(fields))
        chain.append_entry(
            by=by,
            act=act,
            report=report,
            target=row,
            label=field_values.label_of(row),
            payload={"changes": changes},
            reason=reason,
        )


def _check(row: models.Model) -> None:
    """Raises Incomplete when a text does not fit; it is never cut silently."""
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Incomplete("；".join(error.messages)) from error


def add_part(report: Report, model: type[Part], *, by: User, reason: str = "", **fields: Any) -> Any:
    """Add an aspect, a cause, a direction or (with `problem`) a manifestation to a ledger that exists."""
    unknown = set(fields) - PART_FIELDS - {"problem"}
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.EDIT_REPORT, report)
        holder = {"problem": fields["problem"]} if model is Manifestation else {"report": report}
        last = model._default_manager.filter(**holder).order_by("-number").values_list("number", flat=True)
        row = model(number=(last.first() or 0) + 1, **(fields | holder))
        _check(row)
        insert(row)
        names = [name for name in fields if name in PART_FIELDS]
        changes = [field_values.describe(row, name, getattr(row, name)) for name in names]
        chain.append_entry(
            by=by,
            act=Action.EDIT_REPORT,
            report=report,
            target=row,
            label=field_values.label_of(row),
            payload={"changes": [change | {"old": None, "old_text": "（空）"} for change in changes]},
            reason=reason,
            problem=fields.get("problem"),
        )
        return row


PARTS: dict[str, Any] = {"aspect": Aspect, "cause": RootCause, "direction": ImprovementDirection}


def add_named_part(report: Report, *, by: User, kind: str, title: str, text: str = "") -> Any:
    """Add an aspect, a cause or a direction by hand; one that is there already is not added twice."""
    model = PARTS[kind]
    with transaction.atomic():
        chain.lock([report])
        if model.objects.filter(report=report, title=title).exists():
            raise Incomplete(f"这本台账已有“{title}”，请核对。", field="title")
        more = {"text": text} if text and model is not Aspect else {}
        return add_part(report, model, by=by, title=title, **more)


def add_link(problem: Problem, other: RootCause | ImprovementDirection, *, by: User, **row: Any) -> None:
    """Tie a problem of a ledger that exists to a cause or a direction; a tie that is there stays."""
    with transaction.atomic():
        chain.lock([problem.report])
        recording.require(by, Action.EDIT_REPORT, problem.report)
        kind = "cause" if isinstance(other, RootCause) else "direction"
        model: Any = ProblemCause if kind == "cause" else ProblemDirection
        if model.objects.filter(problem=problem, **{kind: other}).exists():
            return
        _link(problem, row | {kind: 1}, {1: other}, {1: other}, by)  # type: ignore[dict-item]
        link = model.objects.get(problem=problem, **{kind: other})
        chain.append_entry(
            by=by,
            act=Action.EDIT_REPORT,
            report=problem.report,
            target=link,
            label=field_values.label_of(link),
            payload={"link": {"title": str(other), "basis": link.basis}},
            problem=problem,
        )

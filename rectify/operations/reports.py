"""Reports: load one with its problems, causes, directions and links; edit its texts and settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction

from .. import clock
from ..choices import Act, Basis, Kind, LinkStatus, Source
from ..errors import Incomplete
from ..models import (
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
from . import problems as problem_acts
from . import recording

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
        if not any(unit.path.startswith(path) for path in by.paths("office")):
            recording.require(by, Act.CREATE_REPORT, Report(unit=unit))
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
        counts = {name: str(len(getattr(outline, name))) for name in ("aspects", "causes", "directions")}
        recording.created(
            report, by=by, act=Act.CREATE_REPORT, report=report, label=report.prefix, facts=counts
        )
        _load_parts(report, outline, by)
        return report


def _load_parts(report: Report, outline: Outline, by: User) -> None:
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
            source=Source.SELF_CHECK,
            kind=row.get("kind") or Kind.BY_DATE,
        )
        problems[row["number"]] = problem
        for number, text in enumerate(row.get("manifestations", []), start=1):
            Manifestation.objects.create(problem=problem, number=number, text=text)
    for row in outline.links:
        _link(problems[row["problem"]], row, causes, directions, by)


def _make(model: Any, report: Report, row: dict[str, Any], *optional: str) -> Any:
    values = {name: row[name] for name in optional if name in row}
    return model.objects.create(report=report, number=row["number"], title=row["title"], **values)


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
    if row.get("cause"):
        ProblemCause.objects.create(problem=problem, cause=causes[row["cause"]], **decided)
    else:
        ProblemDirection.objects.create(problem=problem, direction=directions[row["direction"]], **decided)


def _free_prefix(unit: Unit, year: int) -> str:
    taken = set(Report.objects.filter(unit=unit, year=year).values_list("prefix", flat=True))
    prefix, number = str(year), 2
    while prefix in taken:
        prefix, number = f"{year}-{number}", number + 1
    return prefix


def edit(report: Report, *, by: User, reason: str = "", **fields: Any) -> Report:
    """Change a report's title or meeting."""
    _change(report, report, by, Act.EDIT_REPORT, reason, fields, {"title", "meeting"})
    return report


def edit_settings(report: Report, *, by: User, reason: str = "", **fields: Any) -> LedgerSettings:
    """Change a ledger's thresholds, period or wording."""
    settings = LedgerSettings.objects.get(report=report)
    names = {item.name for item in LedgerSettings._meta.fields} - {"id", "report", "rule_key"}
    _change(settings, report, by, Act.EDIT_SETTINGS, reason, fields, names)
    return settings


def edit_part(part: Part, *, by: User, reason: str = "", **fields: Any) -> Part:
    """Change the text of an aspect, a cause, a direction or a manifestation."""
    report = part.problem.report if isinstance(part, Manifestation) else part.report
    _change(part, report, by, Act.EDIT_REPORT, reason, fields, PART_FIELDS)
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
        recording.lock([report])
        recording.require(by, act, row if isinstance(row, Manifestation) else report)
        row.refresh_from_db()
        changes = [recording.describe(row, name, value) for name, value in fields.items()]
        changes = [change for change in changes if change["old"] != change["new"]]
        if not changes:
            return
        for name, value in fields.items():
            setattr(row, name, value)
        try:
            row.full_clean(validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise Incomplete("；".join(error.messages)) from error
        row.save(update_fields=list(fields))
        recording.enter(
            by=by,
            act=act,
            report=report,
            target=row,
            label=recording.label_of(row),
            payload={"changes": changes},
            reason=reason,
        )

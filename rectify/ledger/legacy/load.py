"""An old sheet that a person has looked at becomes a new ledger: one transaction, one batch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from rectify import clock
from rectify.choices import Basis, ImportKind, Kind, Status
from rectify.errors import Incomplete
from rectify.ledger.legacy.finished import History
from rectify.ledger.legacy.problem import OldMeasure, OldProblem, OldSheet
from rectify.operations import measures, progress, reports
from rectify.operations.exchange import import_export
from rectify.papers.names import NEW, SKIP, Match, Names

CAUSE_TITLE = 200
BEGINNINGS: dict[str, Status] = {History.FINISHED: Status.FINISHED_BEFORE, History.STANDING: Status.STANDING}


def load_old(
    sheet: OldSheet,
    *,
    by: Any,
    unit: Any,
    year: int,
    title: str,
    name: str,
    sha256: str,
    names: Names,
    columns: dict[str, str],
    upload: Any = None,
) -> Any:
    """Create the ledger, all or nothing; returns the batch. `columns` are the meanings of its headings."""
    if not sheet.problems:
        raise Incomplete("没有读到任何问题，没有建立台账。请核对表头所在的行和各栏的对应关系。")
    if why := sheet.too_many:
        raise Incomplete(why)
    with transaction.atomic():
        report = reports.load(reports.Outline(), by=by, unit=unit, year=year, title=title)
        kept: dict[str, Any] = {"kind": ImportKind.OLD, "name": name, "sha256": sha256}
        with import_export.batch(report, by=by, upload=upload, **kept) as batch:
            loader = _Loader(
                by,
                f"导入旧台账《{batch.name}》",
                {match.name: _unit(match, report, by, names) for match in names.units},
                {match.name: _leader(match, report, by, names) for match in names.leaders},
                report.settings.standing_months,
            )
            made = reports.fill(report, _outline(sheet, loader), by=by)
            for number, old in enumerate(sheet.problems, 1):
                loader.complete(made[number], old)
            import_export.remember_columns(unit, columns)
            batch.counts = {"new": len(made), "measures": sheet.measure_count, "applied": len(made)}
    return batch


def _outline(sheet: OldSheet, loader: _Loader) -> reports.Outline:
    """The parts of a report: aspects, problems, and the causes that the sheet itself names."""
    aspects = {title: number for number, title in enumerate(sheet.aspects, 1)}
    causes: dict[str, int] = {}
    links = []
    rows = []
    for number, old in enumerate(sheet.problems, 1):
        rows.append(loader.row(old) | {"number": number, "aspect": aspects.get(old.aspect)})
        if old.causes:
            cause = causes.setdefault(old.causes, len(causes) + 1)
            links.append({"problem": number, "cause": cause, "basis": Basis.EXPLICIT})
    return reports.Outline(
        aspects=[{"number": number, "title": title} for title, number in aspects.items()],
        problems=rows,
        causes=[{"number": number, **_cause(text)} for text, number in causes.items()],
        links=links,
    )


def _cause(text: str) -> dict[str, str]:
    line = " ".join(text.split())
    if len(line) <= CAUSE_TITLE:
        return {"title": line}
    return {"title": f"{line[:60]}…", "text": text}


def _unit(match: Match, report: Any, by: Any, names: Names) -> Any:
    if match.chosen == SKIP:
        return None
    if match.chosen == NEW:
        return import_export.add_unit(report, by=by, name=match.name)
    return names.known_units[int(match.chosen)]


def _leader(match: Match, report: Any, by: Any, names: Names) -> Any:
    if match.chosen == SKIP:
        return None
    if match.chosen == NEW:
        return import_export.add_leader(report, by=by, post=match.name)
    return names.known_leaders[int(match.chosen)]


class _Loader:
    """What a problem carries beyond its text: who answers for it, its measures, what was done."""

    def __init__(
        self, by: Any, reason: str, units: dict[str, Any], leaders: dict[str, Any], standing_months: int
    ) -> None:
        self.by = by
        self.standing_months = standing_months
        self.reason = reason
        self.units = units
        self.leaders = leaders

    def row(self, old: OldProblem) -> dict[str, Any]:
        """Everything of the problem itself, so that one act makes it."""
        status = BEGINNINGS.get(old.history, Status.NOT_STARTED)
        months = old.review_months or self.standing_months
        is_standing = status == Status.STANDING
        return {
            "status": status,
            "follow_up": clock.months_after(clock.today(), months) if is_standing else None,
            "title": old.title,
            "text": old.text,
            "manifestations": old.manifestations,
            "kind": old.kind,
            "source": old.source,
            "reason": f"{self.reason}第 {old.row} 行",
            "fields": {**old.texts, "remark": old.remark, **self._assignment(old)},
        }

    def complete(self, problem: Any, old: OldProblem) -> None:
        for measure in old.measures:
            measures.add(
                problem,
                by=self.by,
                text=_text(measure, old),
                kind=measure.kind,
                standard=measure.standard,
                deadline=measure.deadline if old.has_own_days else None,
            )
        if old.progress:
            progress.add(problem, by=self.by, text=old.progress)

    @staticmethod
    def _stands(old: OldProblem) -> bool:
        return old.history == History.STANDING and old.kind != Kind.STANDING

    def _assignment(self, old: OldProblem) -> dict[str, Any]:
        """The first of several named owns it, the others support."""
        leaders = _distinct(self.leaders.get(name) for name in old.leaders)
        units = _distinct(self.units.get(name) for name in old.units)
        supporting = _distinct([*units[1:], *(self.units.get(name) for name in old.supporting)])
        values: dict[str, Any] = {
            "also_standing": old.also_standing or self._stands(old),
            "responsible": old.responsible,
            "deadline_text": old.deadline_text,
            "supporting_leaders": leaders[1:],
            "supporting_units": [unit for unit in supporting if unit not in units[:1]],
        }
        if leaders:
            values["leader"] = leaders[0]
        if units:
            values["lead_unit"] = units[0]
        if old.deadline:
            values["deadline"] = old.deadline
        return values


def _text(measure: OldMeasure, old: OldProblem) -> str:
    """A measure keeps the words of its own time where no day says the same."""
    if old.has_own_days and measure.deadline is None and measure.deadline_words:
        return f"{measure.text}（时限：{measure.deadline_words}）"
    return measure.text


def _distinct(rows: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(row for row in rows if row is not None))

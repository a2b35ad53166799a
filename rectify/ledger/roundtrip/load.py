"""A confirmed plan to operations: one transaction, one batch, through the acts everybody else uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from rectify.audit import chain
from rectify.choices import Action, Basis, ImportKind
from rectify.errors import Incomplete, Refusal
from rectify.ledger.legacy.match import NEW, SKIP, Match
from rectify.ledger.legacy.sheet import OldProblem, OldSheet
from rectify.ledger.roundtrip import merge
from rectify.ledger.roundtrip.columns import KIND_WORDS
from rectify.ledger.roundtrip.plan import OF_TEXT, CellChange, MergePlan, PlannedItem
from rectify.ledger.roundtrip.reader import Returned
from rectify.operations import measures, problems, progress, recording, reports
from rectify.operations.exchange import import_export

CAUSE_TITLE = 200


class ItemRefused(Exception):
    """An operation refused an item: nothing was written; `code` and `words` say which and why."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


@dataclass
class Loaded:
    """What became of a confirmation: the batch, or the plan that is no longer the one confirmed."""

    plan: MergePlan
    batch: Any = None
    moved: bool = False
    applied: int = 0


def apply(
    returned: Returned,
    *,
    by: Any,
    may: Any,
    name: str,
    sha256: str,
    digest: str = "",
    choices: Mapping[str, str] | None = None,
    refusals: Mapping[str, str] | None = None,
    upload: Any = None,
) -> Loaded:
    """Plan again under the lock, and carry the plan out if it still is the one of `digest` (empty: any)."""
    choices = choices or {}
    report = merge.report_of(returned, by)
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.IMPORT, report)
        plan = merge.plan(returned, by, may=may, refusals=refusals)
        if digest and plan.digest != digest:
            return Loaded(plan, moved=True)
        if why := plan.too_much:
            raise Incomplete(why, field="file")
        items = plan.applicable(choices)
        if not items:
            return Loaded(plan)
        kept = {"kind": ImportKind.RETURNED, "name": name, "sha256": sha256}
        with import_export.batch(report, by=by, upload=upload, **kept) as batch:
            for item in items:
                _apply_item(item, choices, by, f"导入填报表《{batch.name}》")
            batch.counts = plan.counts | {"applied": len(items)}
        return Loaded(plan, batch, applied=len(items))


def _apply_item(item: PlannedItem, choices: Mapping[str, str], by: Any, reason: str) -> None:
    try:
        problem = item.problem
        edits, assigned = _fields(item.accepted(choices))
        if edits:
            problem = problems.edit(problem, by=by, seen=problem.version, reason=reason, **edits)
        if assigned:
            problem = problems.assign(problem, by=by, seen=problem.version, reason=reason, **assigned)
        for text, kind in item.measures:
            measures.add(problem, by=by, text=text, kind=kind)
        if item.note:
            text, percent = item.note
            progress.add(problem, by=by, text=text, percent=percent)
    except Refusal as refusal:
        raise ItemRefused(item.code, refusal.message) from refusal


def _fields(changes: list[CellChange]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What belongs to the text of the problem, and what to its assignment."""
    edits: dict[str, Any] = {}
    assigned: dict[str, Any] = {}
    for change in changes:
        if change.key in OF_TEXT:
            edits[change.key] = change.value
        elif change.key == "kind":
            assigned["kind"], assigned["also_standing"] = KIND_WORDS[change.value]
        else:
            assigned[change.key] = change.value
    return edits, assigned


# -- an old sheet: a new ledger ---------------------------------------------------------------------------


def load_old(
    sheet: OldSheet,
    *,
    by: Any,
    unit: Any,
    year: int,
    title: str,
    name: str,
    sha256: str,
    units: Iterable[Match],
    leaders: Iterable[Match],
    known_units: dict[int, Any],
    known_leaders: dict[int, Any],
    upload: Any = None,
) -> Any:
    """Create the ledger, all or nothing; returns the batch."""
    if not sheet.problems:
        raise Incomplete("没有读到任何问题，没有建立台账。请核对表头所在的行和各栏的对应关系。")
    if why := sheet.too_many:
        raise Incomplete(why)
    with transaction.atomic():
        report = reports.load(reports.Outline(), by=by, unit=unit, year=year, title=title)
        kept = {"kind": ImportKind.OLD, "name": name, "sha256": sha256}
        with import_export.batch(report, by=by, upload=upload, **kept) as batch:
            loader = _OldLoader(
                by,
                f"导入旧台账《{batch.name}》",
                {match.name: _old_unit(match, report, by, known_units) for match in units},
                {match.name: _old_leader(match, report, by, known_leaders) for match in leaders},
            )
            made = reports.fill(report, _outline(sheet, loader), by=by)
            for number, old in enumerate(sheet.problems, 1):
                loader.complete(made[number], old)
            batch.counts = {"new": len(made), "measures": sheet.measure_count, "applied": len(made)}
    return batch


def _outline(sheet: OldSheet, loader: _OldLoader) -> reports.Outline:
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


def _old_unit(match: Match, report: Any, by: Any, known: dict[int, Any]) -> Any:
    if match.chosen == SKIP:
        return None
    return (
        import_export.add_unit(report, by=by, name=match.name)
        if match.chosen == NEW
        else known[int(match.chosen)]
    )


def _old_leader(match: Match, report: Any, by: Any, known: dict[int, Any]) -> Any:
    if match.chosen == SKIP:
        return None
    return (
        import_export.add_leader(report, by=by, post=match.name)
        if match.chosen == NEW
        else known[int(match.chosen)]
    )


class _OldLoader:
    """What a problem carries beyond its text: who answers for it, its measures, what was done."""

    def __init__(self, by: Any, reason: str, units: dict[str, Any], leaders: dict[str, Any]) -> None:
        self.by = by
        self.reason = reason
        self.units = units
        self.leaders = leaders

    def row(self, old: OldProblem) -> dict[str, Any]:
        """Everything of the problem itself, so that one act makes it."""
        return {
            "title": old.title,
            "text": old.text,
            "manifestations": old.manifestations,
            "kind": old.kind,
            "source": old.source,
            "reason": f"{self.reason}第 {old.row} 行",
            "fields": {**old.texts, "remark": old.remark, **self._assignment(old)},
        }

    def complete(self, problem: Any, old: OldProblem) -> None:
        for text, kind, standard in old.measures:
            measures.add(problem, by=self.by, text=text, kind=kind, standard=standard)
        if old.progress:
            progress.add(problem, by=self.by, text=old.progress)

    def _assignment(self, old: OldProblem) -> dict[str, Any]:
        """The first of several named owns it, the others support."""
        leaders = _distinct(self.leaders.get(name) for name in old.leaders)
        units = _distinct(self.units.get(name) for name in old.units)
        supporting = _distinct([*units[1:], *(self.units.get(name) for name in old.supporting)])
        values: dict[str, Any] = {
            "also_standing": old.also_standing,
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


def _distinct(rows: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(row for row in rows if row is not None))

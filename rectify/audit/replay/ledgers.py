"""Playing the entries again: the rows of a ledger must be what its entries say, now and at every step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import OuterRef, Subquery

from rectify.audit.chain import TICK
from rectify.audit.field_values import as_plain
from rectify.audit.replay import closing
from rectify.audit.replay.reading import (
    CHUNK,
    Break,
    chunks,
    details_of,
    entries_of,
    grouped,
    name_of,
    place,
    vanished,
)
from rectify.choices import Action, Basis, LinkStatus
from rectify.digests import digest_of
from rectify.models import (
    AuditEntry,
    Evidence,
    Measure,
    MeasureState,
    Problem,
    ProblemCause,
    ProblemDirection,
    ProblemState,
    ProgressNote,
    Report,
)

# Acts that add evidence to a measure.
PROVING = (Action.FINISH_MEASURE, Action.ADD_RULE)
# An entry is written moments after its state row, in the same transaction.
TOLERANCE = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Step:
    """The values one entry led to; a field that a purge made unknowable is left out."""

    entry: AuditEntry
    values: dict[str, Any]


def disagreements(report: Report, using: str) -> Iterator[Break]:
    """Everything of a ledger that is not what its entries say, in the order of the rows."""
    made: list[str] = [Action.ADD_PROBLEM, Action.CARRY_OVER]
    yield from _tracked(report, using, Problem, ProblemState, made, "report")
    yield from _tracked(report, using, Measure, MeasureState, [Action.ADD_MEASURE], "problem__report")
    yield from _notes(report, using)
    yield from _reported(report, using)
    for model in (ProblemCause, ProblemDirection):
        yield from _links(report, using, model)
    yield from closing.disagreements(report, using)


# -- problems and measures ------------------------------------------------------------------------------


def _tracked(
    report: Report, using: str, model: Any, states: Any, added: list[str], path: str
) -> Iterator[Break]:
    kind, sets = str(model._meta.model_name), model.TRACKED_SETS
    rows = model._default_manager.using(using).filter(**{path: report})
    rows = rows.select_related("problem") if model is Measure else rows
    for chunk in chunks(rows.prefetch_related(*sets)):
        entries = entries_of(report, using, kind, chunk)
        found = states._default_manager.using(using).filter(**{f"{kind}__in": [row.pk for row in chunk]})
        history = grouped(found.order_by("valid_from").prefetch_related(*sets), f"{kind}_id")
        for row in chunk:
            yield from _row_breaks(row, entries[row.pk], history[row.pk])
    yield from vanished(report, using, kind, added, rows)


def _row_breaks(row: Any, entries: list[AuditEntry], states: list[Any]) -> Iterator[Break]:
    """The first thing that does not hold of one problem or measure."""
    steps: list[Step] = []
    for entry in entries:
        step = _next_step(entry, steps[-1].values if steps else {})
        if isinstance(step, Break):
            yield step
            return
        if step:
            steps.append(step)
    where = f"{place(entries[-1])}，{name_of(row)}" if entries else name_of(row)
    if not steps:
        yield Break(where, "没有新增的记录")
    elif len(states) != len(steps):
        yield Break(where, f"历史有 {len(states)} 段，记录却有 {len(steps)} 次变更")
    elif any(one.valid_to != two.valid_from for one, two in pairwise(states)) or states[-1].valid_to:
        yield Break(where, "历史各段的起止时间不相接")
    elif row.version != len(states):
        yield Break(where, f"版本号是 {row.version}，记录却有 {len(steps)} 次变更")
    else:
        yield from _value_breaks(row, steps, states)


def _value_breaks(row: Any, steps: list[Step], states: list[Any]) -> Iterator[Break]:
    for index, (step, state) in enumerate(zip(steps, states, strict=True)):
        where = f"{place(step.entry)}，{name_of(row)}"
        if field := _differing(state, step.values):
            yield Break(f"{where}的历史", f"{field}与这一条的记录不符")
            return
        follows = bool(index) and state.valid_from == states[index - 1].valid_from + TICK
        if abs(state.valid_from - step.entry.at) > TOLERANCE and not follows:
            yield Break(f"{where}的历史", "起始时间与这一条的时间不符")
            return
    current = {name: _stored(states[-1], name) for name in (*row.TRACKED, *row.TRACKED_SETS)}
    if field := _differing(row, current):
        yield Break(f"{place(steps[-1].entry)}，{name_of(row)}的当前内容", f"{field}与最近一次记录不符")


def _next_step(entry: AuditEntry, values: dict[str, Any]) -> Step | Break | None:
    """The values after an entry; None when it changed no tracked field."""
    if entry.is_purged:
        return Step(entry, {})
    details = details_of(entry)
    if "state" in details:
        return Step(entry, dict(details["state"]["values"]))
    if not details.get("changes"):
        return None
    after = dict(values)
    for change in details["changes"]:
        field = change["field"]
        if field in after and after[field] != change["old"]:
            return Break(place(entry), f"{change['label']}的原值与此前的记录不符")
        after[field] = change["new"]
    return Step(entry, after)


def _differing(row: Any, expected: dict[str, Any]) -> str:
    """The label of the first field that differs."""
    for name, value in expected.items():
        if _stored(row, name) != value:
            return str(row._meta.get_field(name).verbose_name)
    return ""


def _stored(row: Any, name: str) -> Any:
    field = row._meta.get_field(name)
    if field.many_to_many:
        return sorted(other.pk for other in getattr(row, name).all())
    return as_plain(getattr(row, field.attname))


# -- notes and evidence ---------------------------------------------------------------------------------


def _notes(report: Report, using: str) -> Iterator[Break]:
    notes = (
        ProgressNote.objects.using(using).filter(problem__report=report).select_related("measure", "problem")
    )
    for chunk in chunks(notes):
        entries = entries_of(report, using, "progressnote", chunk)
        files = _files(using, "note", chunk)
        for note in chunk:
            yield from _proof_breaks(note, entries[note.pk], files[note.pk], _note_fault)
    yield from vanished(report, using, "progressnote", [Action.ADD_PROGRESS, Action.CORRECT_NOTE], notes)
    proven = Measure.objects.using(using).filter(problem__report=report, evidence__isnull=False)
    measures = proven.select_related("problem").distinct()
    for chunk in chunks(measures):
        entries = entries_of(report, using, "measure", chunk)
        files = _files(using, "measure", chunk)
        for measure in chunk:
            finished = [entry for entry in entries[measure.pk] if entry.act in PROVING]
            yield from _proof_breaks(measure, finished, files[measure.pk], lambda row, said: "")


def _reported(report: Report, using: str) -> Iterator[Break]:
    """Each problem carries the time of its last note, from which 未报 is computed."""
    newest = ProgressNote.objects.using(using).filter(problem=OuterRef("pk")).order_by("-at").values("at")[:1]
    problems = Problem.objects.using(using).filter(report=report).annotate(newest=Subquery(newest))
    for problem in problems.order_by("pk").iterator(chunk_size=CHUNK):
        if problem.reported_at != problem.newest:
            yield Break(name_of(problem), "最近填报时间与进展记录不符")


def _proof_breaks(row: Any, entries: list[AuditEntry], files: list[Evidence], fault: Any) -> Iterator[Break]:
    if not entries:
        yield Break(name_of(row), "没有对应的记录")
        return
    entry = entries[0]
    if any(one.is_purged for one in entries):
        return
    details, where = details_of(entry), f"{place(entry)}，{name_of(row)}"
    proofs = [part for one in entries for part in details_of(one).get("evidence", [])]
    said = sorted((part["name"], part["size"], part["sha256"]) for part in proofs)
    if what := fault(row, details.get("note", {})):
        yield Break(where, what)
    elif said != sorted((file.name, file.size, file.sha256) for file in files):
        yield Break(where, "佐证材料与记录不符")


def _note_fault(note: ProgressNote, said: dict[str, Any]) -> str:
    if digest_of(note.text) != said.get("text_digest"):
        return "进展内容与记录不符"
    measure = note.measure.number if note.measure else None
    if (note.percent, measure, note.corrects_id) != (said["percent"], said["measure"], said["corrects"]):
        return "完成比例、对应措施或更正关系与记录不符"
    return ""


def _files(using: str, holder: str, chunk: list[Any]) -> dict[int, list[Evidence]]:
    rows = Evidence.objects.using(using).filter(**{f"{holder}__in": [row.pk for row in chunk]})
    return grouped(rows, f"{holder}_id")


# -- links ----------------------------------------------------------------------------------------------


def _links(report: Report, using: str, model: Any) -> Iterator[Break]:
    """A link stands as it was loaded, or as the last decision on it says."""
    for chunk in chunks(model._default_manager.using(using).filter(problem__report=report)):
        entries = entries_of(report, using, str(model._meta.model_name), chunk)
        for link in chunk:
            said = LinkStatus.PENDING if link.basis == Basis.INFERRED else LinkStatus.CONFIRMED
            for entry in entries[link.pk]:
                said = next((c["new"] for c in details_of(entry).get("changes", [])), said)
            if link.status != said:
                yield Break(name_of(link), "确认情况与记录不符")

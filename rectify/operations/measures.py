"""Acts on a measure: add, edit, finish, drop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from django.db import transaction

from rectify import clock
from rectify.audit import chain, field_values
from rectify.choices import Action, MeasureKind, MeasureStatus
from rectify.errors import Incomplete
from rectify.evidence import storage as evidence_files
from rectify.models import Measure, Problem, Unit, User
from rectify.operations import recording

TEXT_MAX = 5000


def add(
    problem: Problem,
    *,
    by: User | None,
    text: str,
    kind: str = MeasureKind.NOW,
    standard: str = "",
    unit: Unit | None = None,
    deadline: dt.date | None = None,
    idempotency_key: str | None = None,
) -> Measure:
    """Add a measure; the same key again returns the measure already made."""
    check(problem, {"text": text, "unit": unit})
    with transaction.atomic():
        chain.lock([problem.report])
        current = Problem.objects.select_related("report__unit").get(pk=problem.pk)
        recording.require(by, Action.ADD_MEASURE, current)
        if earlier := chain.find_duplicate(by, idempotency_key):
            return Measure.objects.get(pk=earlier)
        last = problem.measures.order_by("-number").values_list("number", flat=True).first() or 0
        measure = Measure.objects.create(
            problem=problem,
            number=last + 1,
            text=text.strip(),
            kind=kind,
            standard=standard,
            unit=unit or problem.lead_unit,
            deadline=deadline,
            created_at=clock.now(),
        )
        recording.created(
            measure,
            by=by,
            act=Action.ADD_MEASURE,
            report=problem.report,
            label=field_values.label_of(measure),
            problem=problem,
            **recording.begin_work(current),
            idempotency_key=idempotency_key,
        )
        return measure


def edit(measure: Measure, *, by: User, seen: int, reason: str = "", **fields: Any) -> Measure:
    """Change text, kind, completion standard, unit or deadline of an open measure."""
    unknown = set(fields) - {"text", "kind", "standard", "unit", "deadline"}
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")
    check(measure.problem, fields)
    return _update(measure, by=by, act=Action.EDIT_MEASURE, seen=seen, changes=fields, reason=reason)


def finish(
    measure: Measure,
    *,
    by: User,
    seen: int,
    result: str,
    finished_on: dt.date | None = None,
    rule_name: str = "",
    rule_number: str = "",
    files: Sequence[Any] = (),
) -> Measure:
    """Declare an open measure done, saying what came of it, with evidence where there is some.

    A lasting measure ends with its institutional result: the name and number of the rule.
    """
    if not result.strip():
        raise Incomplete("请写明完成情况，填写的内容没有丢失。", ["完成情况"], field="result")
    day = finished_on or clock.today()
    if day > clock.today():
        raise Incomplete("完成日期不能晚于今天。", field="finished_on")
    changes = {"status": MeasureStatus.DONE, "result": result.strip(), "finished_on": day}
    if measure.kind == MeasureKind.LASTING:
        changes |= _rule(rule_name, rule_number)
    with evidence_files.keeping(files) as kept, transaction.atomic():
        evidence_files.attach(kept, measure, problem=measure.problem, by=by)
        return _update(measure, by=by, act=Action.FINISH_MEASURE, seen=seen, changes=changes, files=kept)


def add_rule(
    measure: Measure, *, by: User, seen: int, rule_name: str, rule_number: str, files: Sequence[Any] = ()
) -> Measure:
    """Give a lasting measure that was finished without it the name and number of its rule."""
    changes = _rule(rule_name, rule_number)
    with evidence_files.keeping(files) as kept, transaction.atomic():
        evidence_files.attach(kept, measure, problem=measure.problem, by=by)
        return _update(measure, by=by, act=Action.ADD_RULE, seen=seen, changes=changes, files=kept)


def add_evidence(
    measure: Measure, *, by: User, files: Sequence[Any], idempotency_key: str | None = None
) -> Measure:
    """Files that prove a measure, brought after it was reported or finished."""
    if not files:
        raise Incomplete("请选择佐证材料。", ["佐证材料"], field="files")
    recording.require(by, Action.ADD_EVIDENCE, measure)
    with evidence_files.keeping(files) as kept, transaction.atomic():
        chain.lock([measure.problem.report])
        current = Measure.objects.select_related("problem__report__unit").get(pk=measure.pk)
        if chain.find_duplicate(by, idempotency_key):
            return current
        recording.require(by, Action.ADD_EVIDENCE, current)
        evidence_files.attach(kept, current, problem=current.problem, by=by)
        chain.append_entry(
            by=by,
            act=Action.ADD_EVIDENCE,
            report=current.problem.report,
            target=current,
            label=field_values.label_of(current),
            payload={"evidence": [file.facts for file in kept]},
            problem=current.problem,
            idempotency_key=idempotency_key,
        )
        return current


def drop(measure: Measure, *, by: User, seen: int, reason: str) -> Measure:
    """Give up an open measure, with the reason; it is kept and marked."""
    changes = {"status": MeasureStatus.DROPPED}
    reason = recording.need_reason(reason)
    return _update(measure, by=by, act=Action.DROP_MEASURE, seen=seen, changes=changes, reason=reason)


def _update(
    measure: Measure,
    *,
    by: User,
    act: str,
    seen: int,
    changes: dict[str, Any],
    reason: str = "",
    files: Sequence[evidence_files.Kept] = (),
) -> Measure:
    extra: dict[str, Any] = {"evidence": [kept.facts for kept in files]} if files else {}
    changed = recording.update(measure, by=by, act=act, seen=seen, changes=changes, reason=reason, **extra)
    return cast(Measure, changed)


def _rule(name: str, number: str) -> dict[str, Any]:
    if not name.strip():
        raise Incomplete("长久立的措施请填写形成的制度名称。", ["制度名称"], field="rule_name")
    if not number.strip():
        raise Incomplete("请填写制度的文号；没有文号的请填“无”。", ["文号"], field="rule_number")
    if len(name.strip()) > 200 or len(number.strip()) > 100:
        raise Incomplete("制度名称最多 200 个字，文号最多 100 个字，请精简。", field="rule_name")
    return {"rule_name": name.strip(), "rule_number": number.strip()}


def check(problem: Problem, fields: dict[str, Any]) -> None:
    """Raises Incomplete when a measure may not say this, or belong to this unit."""
    text = fields.get("text")
    if text is not None and not text.strip():
        raise Incomplete("请填写整改措施，其余内容没有丢失。", ["整改措施"], field="text")
    if text is not None and len(text) > TEXT_MAX:
        raise Incomplete(f"整改措施最多 {TEXT_MAX} 个字，现在 {len(text)} 个字，请精简。", field="text")
    unit = fields.get("unit")
    if unit is None or unit.pk == problem.lead_unit_id:
        return
    if not problem.supporting_units.filter(pk=unit.pk).exists():
        raise Incomplete("措施的责任单位应是这一项的责任单位或配合单位。", field="unit")

"""结转: last year's unfinished and standing problems go on in another ledger, each once, linked both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from rectify import clock
from rectify.audit import chain, field_values
from rectify.choices import ENDED, Action, MeasureStatus, Source, Status
from rectify.errors import Incomplete
from rectify.models import Aspect, FollowUp, Manifestation, Measure, Problem, Report, User
from rectify.models.field_registry import FIELDS, Shape
from rectify.operations import recording, reports
from rectify.operations.closing import follow_ups
from rectify.policies.closing import granted_count

# What a carried problem keeps of the old one, besides code, history and the sets.
KEPT = tuple(field.name for field in FIELDS if field.is_carried and field.shape != Shape.ROWS)
MEASURE_KEPT = ("text", "kind", "standard", "unit", "deadline")


@dataclass(frozen=True)
class Carried:
    """What a carry-over made: the ledger it went to, and its new problems."""

    report: Report
    problems: list[Problem]


def carry_over(
    source: Report,
    problems: Sequence[Problem],
    *,
    by: User,
    reason: str,
    target: Report | None = None,
    year: int | None = None,
    title: str = "",
) -> Carried:
    """Carry problems of a ledger over to another one, or to a new one of the year; all or nothing.

    Raises Incomplete that names every problem which cannot be carried (any more).
    """
    reason = recording.need_reason(reason)
    _check_target(source, target, year)
    if not problems:
        raise Incomplete("请至少勾选一项要结转的事项。", ["要结转的事项"], field="problems")
    with transaction.atomic():
        chain.lock([source, *([target] if target else [])])
        recording.require(by, Action.CARRY_OVER, source)
        if target is not None:
            recording.require(by, Action.ADD_PROBLEM, target)
        chosen = _current(source, problems)
        if target is None:
            empty = reports.Outline()
            new_year = year or source.year + 1
            target = reports.load(empty, by=by, unit=source.unit, year=new_year, title=title.strip())
        made = [_carry(problem, target, by, reason) for problem in chosen]
        return Carried(target, made)


def _check_target(source: Report, target: Report | None, year: int | None) -> None:
    if target is not None and target.pk == source.pk:
        raise Incomplete("不能结转到同一本台账，请选择另一本。", field="target")
    if target is not None and target.unit_id != source.unit_id:
        raise Incomplete("只能结转到同一单位的台账，请重新选择。", field="target")
    if target is not None and target.year < source.year:
        raise Incomplete("不能结转到更早年度的台账，请重新选择。", field="target")
    if target is None and year is not None and not source.year < year <= source.year + 5:
        raise Incomplete(f"新台账的年度应晚于 {source.year} 年，请核对。", field="year")


def _current(source: Report, problems: Sequence[Problem]) -> list[Problem]:
    """The problems as they are now, in their order; refused together when one cannot be carried."""
    related = ("report__unit", "report__settings", "aspect", "leader", "lead_unit", "clerk")
    rows = Problem.objects.filter(pk__in=[problem.pk for problem in problems], report=source)
    found = list(rows.select_related(*related).order_by("number"))
    refused = [f"{problem.named}：{why}" for problem in found if (why := cannot(problem))]
    if len(found) < len({problem.pk for problem in problems}):
        refused.append("有的事项不属于这本台账")
    if refused:
        raise Incomplete("没有结转任何事项，勾选的内容没有丢失。下面这些不能结转：", refused)
    return found


def cannot(problem: Problem, extending: bool | None = None) -> str:
    """Why a problem cannot be carried over; empty when it can. `extending` spares a query where known."""
    if problem.carried:
        return "已经结转过，一项只能结转一次"
    if problem.withdrawn:
        return "已撤回"
    if problem.status in ENDED:
        return str(Status(problem.status).label)
    if problem.status == Status.IN_REVIEW:
        return "销号申请正在办理，等办结后再结转"
    if problem.extensions.open().exists() if extending is None else extending:
        return "延期申请正在办理，等办结后再结转"
    return ""


def _carry(old: Problem, target: Report, by: User, reason: str) -> Problem:
    number = (target.problems.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    if target.problems.filter(code=old.code).exists():
        raise Incomplete(f"目标台账里已有编号 {old.code}，没有结转任何事项。请先核对。", field="target")
    new = Problem.objects.create(
        report=target,
        aspect=_aspect(old, target),
        number=number,
        code=old.code,
        source=Source.CARRIED,
        carried_from=old,
        years=old.years + 1,
        extensions_before=granted_count(old),
        created_at=clock.now(),
        **{name: getattr(old, name) for name in KEPT},
    )
    new.supporting_units.set(old.supporting_units.all())
    new.supporting_leaders.set(old.supporting_leaders.all())
    for line in old.manifestations.all():
        Manifestation.objects.create(problem=new, number=line.number, text=line.text)
    planned = _planned(old, new)
    said: dict[str, Any] = {"planned": planned} if planned else {}
    link = {"report": old.report_id, "problem": old.pk, "code": old.code, "years": new.years}
    recording.created(
        new,
        by=by,
        act=Action.CARRY_OVER,
        report=target,
        label=new.code,
        reason=reason,
        problem=new,
        carried_from=link,
        **said,
    )
    _carry_measures(old, new, by)
    recording.update(
        old,
        by=by,
        act=Action.CARRY_OVER,
        seen=old.version,
        changes={"carried": True},
        reason=reason,
        carried_to={"report": target.pk, "problem": new.pk, "title": str(target), "number": number},
    )
    return new


def _aspect(old: Problem, target: Report) -> Aspect | None:
    """The aspect of the same words, where the other ledger has it."""
    if old.aspect is None:
        return None
    titles = {old.aspect.title, old.aspect.short} - {""}
    return next((aspect for aspect in target.aspects.all() if titles & {aspect.title, aspect.short}), None)


def _planned(old: Problem, new: Problem) -> list[dict[str, Any]]:
    """The review date of a standing problem goes on with it."""
    days = (
        FollowUp.objects.filter(problem=old)
        .open()
        .order_by("planned_on")
        .values_list("planned_on", flat=True)
    )
    return follow_ups.plan(new, [day for day in days if day])


def _carry_measures(old: Problem, new: Problem, by: User) -> None:
    """What is still to be done is done in the new ledger; what is finished stays with its proofs."""
    for number, measure in enumerate(old.measures.filter(status=MeasureStatus.OPEN).order_by("number"), 1):
        copy = Measure.objects.create(
            problem=new,
            number=number,
            created_at=clock.now(),
            **{name: getattr(measure, name) for name in MEASURE_KEPT},
        )
        recording.created(
            copy,
            by=by,
            act=Action.ADD_MEASURE,
            report=new.report,
            label=field_values.label_of(copy),
            problem=new,
            carried_from={"problem": old.pk, "measure": measure.number},
        )

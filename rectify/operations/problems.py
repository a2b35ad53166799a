"""Acts on a problem: add, edit, assign, set status, withdraw, restore, decide a link."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.db import transaction
from django.db.models import prefetch_related_objects

from rectify import clock, transitions
from rectify.audit import chain, field_values
from rectify.choices import Action, Kind, LinkStatus, MeasureStatus, Source, Status
from rectify.errors import Incomplete
from rectify.models import Aspect, Problem, ProblemCause, ProblemDirection, Report, Unit, User
from rectify.models.each import insert
from rectify.models.field_registry import ASSIGNED, EDITED, names_of
from rectify.operations import recording
from rectify.operations.closing import follow_ups

OF_ASSIGNMENT, OF_TEXT = names_of(ASSIGNED), names_of(EDITED)
# What `add` takes besides its own arguments.
BESIDES = tuple(name for name in (*OF_ASSIGNMENT, *OF_TEXT) if name not in ("title", "text", "kind"))
TITLE_MAX = 200


def add(
    report: Report,
    *,
    by: User | None,
    title: str,
    text: str = "",
    aspect: Aspect | None = None,
    source: str = Source.OTHER,
    kind: str = Kind.BY_DATE,
    status: str = Status.NOT_STARTED,
    follow_up: dt.date | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
    **fields: Any,
) -> Problem:
    """Add a problem to a ledger; the same key again returns the problem already made.

    `fields` are what `edit` and `assign` would set next, where it is known from the start. `status` is not
    未启动 where an old sheet says so; what stands for good is looked at again on the day of `follow_up`.
    """
    _only(fields, BESIDES)
    if status not in transitions.BEGINNINGS:
        raise TypeError(f"a problem does not begin as {status}")
    _check_title(title)
    if aspect is not None and aspect.report_id != report.pk:
        raise Incomplete("所选查摆方面不属于这本台账，请重新选择。", field="aspect")
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.ADD_PROBLEM, report)
        if earlier := chain.find_duplicate(by, idempotency_key):
            return Problem.objects.get(pk=earlier)
        number = _next_number(report)
        problem = Problem(
            report=report, aspect=aspect, number=number, code=f"{report.prefix}-{number:02d}", source=source,
            title=title.strip(), text=text, kind=kind, status=status, created_at=clock.now(),
        )  # fmt: skip
        _store_new(problem, fields)
        if follow_up:
            follow_ups.plan(problem, [follow_up])
        recording.created(
            problem, by=by, act=Action.ADD_PROBLEM, report=report, label=problem.code, reason=reason,
            problem=problem, idempotency_key=idempotency_key,
        )  # fmt: skip
        return problem


def _next_number(report: Report) -> int:
    return (report.problems.order_by("-number").values_list("number", flat=True).first() or 0) + 1


def _store_new(problem: Problem, fields: dict[str, Any]) -> None:
    sets = {name: fields.get(name, []) for name in Problem.TRACKED_SETS}
    if fields:
        problem.open_measures = []  # type: ignore[attr-defined]
        check_assignment(problem, fields | sets)
        del problem.open_measures  # type: ignore[attr-defined]
        for name in fields.keys() - sets.keys():
            setattr(problem, name, fields[name])
        problem.original_deadline = problem.deadline
    insert(problem)
    for name, rows in sets.items():
        if rows:
            getattr(problem, name).set(rows)
    prefetch_related_objects([problem], *sets)  # the state and the entry read them too


def edit(problem: Problem, *, by: User, seen: int, reason: str = "", **fields: str) -> Problem:
    """Change what the problem says: its title and its other texts."""
    check_edit(fields)
    changed = recording.update(
        problem, by=by, act=Action.EDIT_PROBLEM, seen=seen, changes=fields, reason=reason
    )
    return cast(Problem, changed)


def assign(problem: Problem, *, by: User, seen: int, reason: str = "", **fields: Any) -> Problem:
    """Set who answers for the problem, of what type it is, and by when. Only the fields given change.

    A deadline once set is changed by an extension or a correction, not here.
    """
    fields = assignment(problem, by, fields)
    changed = recording.update(problem, by=by, act=Action.ASSIGN, seen=seen, changes=fields, reason=reason)
    return cast(Problem, changed)


def set_status(problem: Problem, *, by: User, seen: int, status: str, reason: str = "") -> Problem:
    """Move among 未启动, 整改中, 基本完成; raises WrongState for every other step."""
    if problem.version == seen:
        check_status(problem, status)
    changed = recording.update(
        problem, by=by, act=Action.SET_STATUS, seen=seen, changes={"status": status}, reason=reason
    )
    return cast(Problem, changed)


def check_status(problem: Problem, status: str) -> None:
    """Raises WrongState where no step leads from the item's status to this one."""
    known = status in Status.values
    allowed = known and transitions.allowed(transitions.PROBLEM, Action.SET_STATUS, problem.status, status)
    name = Status(status).label if known else status
    recording.check_transition(allowed, "这一项", Status(problem.status).label, str(name))


def withdraw(problem: Problem, *, by: User, seen: int, reason: str) -> Problem:
    """Take a problem out of the counts; it is kept and marked."""
    changes = {"withdrawn": True}
    reason = recording.need_reason(reason)
    changed = recording.update(problem, by=by, act=Action.WITHDRAW, seen=seen, changes=changes, reason=reason)
    return cast(Problem, changed)


def restore(problem: Problem, *, by: User, seen: int, reason: str) -> Problem:
    """Take a withdrawn problem up again."""
    changes = {"withdrawn": False}
    reason = recording.need_reason(reason)
    changed = recording.update(problem, by=by, act=Action.RESTORE, seen=seen, changes=changes, reason=reason)
    return cast(Problem, changed)


def decide_link(link: ProblemCause | ProblemDirection, *, by: User, confirm: bool, reason: str = "") -> None:
    """Confirm or reject that a cause or direction belongs to a problem."""
    act = Action.CONFIRM_LINK if confirm else Action.REJECT_LINK
    target = LinkStatus.CONFIRMED if confirm else LinkStatus.REJECTED
    with transaction.atomic():
        chain.lock([link.problem.report])
        recording.require(by, act, link)
        current = type(link).objects.get(pk=link.pk)
        # Decided by somebody else since it was seen: a conflict, not a lack of rights.
        allowed = transitions.allowed(transitions.LINK, act, current.status, target)
        source, goal = LinkStatus(current.status).label, target.label
        recording.check_transition(allowed, "这一对应关系", str(source), str(goal))
        recording.require(by, act, current)
        payload = {
            "changes": [field_values.describe(current, "status", target)],
            "link": {"title": str(current.other), "basis": current.basis},
        }
        current.status, current.decided_by, current.decided_at = target, by, clock.now()
        current.save(update_fields=["status", "decided_by", "decided_at"])
        chain.append_entry(
            by=by,
            act=act,
            report=current.problem.report,
            target=current,
            label=field_values.label_of(current),
            payload=payload,
            reason=reason,
            problem=current.problem,
        )


def _only(fields: dict[str, Any], names: tuple[str, ...]) -> None:
    unknown = set(fields) - set(names)
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")


def check_edit(fields: dict[str, str]) -> None:
    """Raises Incomplete when the item would be left without a title."""
    _only(fields, OF_TEXT)
    if "title" in fields:
        _check_title(fields["title"])


def assignment(problem: Problem, by: User, fields: dict[str, Any]) -> dict[str, Any]:
    """All that `assign` sets where these fields are given; raises what it refuses."""
    _only(fields, OF_ASSIGNMENT)
    recording.require(by, Action.ASSIGN, problem)
    fields = leave_clerk_behind(problem, fields)
    check_assignment(problem, fields)
    if (deadline := fields.get("deadline")) and problem.original_deadline is None:
        return fields | {"original_deadline": deadline}
    return fields


def _check_title(title: str) -> None:
    if not title.strip():
        raise Incomplete("请填写问题名称，其余内容没有丢失。", ["问题"], field="title")
    if len(title) > TITLE_MAX:
        raise Incomplete(f"问题名称最多 {TITLE_MAX} 个字，现在 {len(title)} 个字，请精简。", field="title")


def check_assignment(problem: Problem, fields: dict[str, Any]) -> None:
    """Raises Incomplete when these fields do not go together; asks nothing that was prefetched."""
    kind = fields.get("kind", problem.kind)
    if kind == Kind.STANDING and fields.get("also_standing", problem.also_standing):
        raise Incomplete("类型已是长期坚持，不必再选“并长期坚持”。", field="also_standing")
    deadline = fields.get("deadline")
    if isinstance(deadline, dt.date) and not 1990 <= deadline.year <= 2100:
        raise Incomplete("整改时限的年份不对，请核对。", field="deadline")
    moved = any(
        name in fields and fields[name] != getattr(problem, name) for name in ("deadline", "deadline_text")
    )
    if moved and problem.deadline is not None:
        raise Incomplete(
            "整改时限已经定下：要推迟，请由责任单位申请延期；录入有误，请用“更正时限”。", field="deadline"
        )
    lead = fields.get("lead_unit", problem.lead_unit)
    supporting = fields.get("supporting_units")
    if supporting is not None and lead in list(supporting):
        raise Incomplete("责任单位不能同时是配合单位。", field="supporting_units")
    leader = fields.get("leader", problem.leader)
    if leader is not None and leader in list(fields.get("supporting_leaders") or []):
        raise Incomplete("责任领导不能同时是配合领导。", field="supporting_leaders")
    _check_leaders(problem, fields)
    _check_clerk(problem, fields)
    if "lead_unit" in fields or supporting is not None:
        _check_measures_keep_their_unit(problem, _units(problem, fields))


def leave_clerk_behind(problem: Problem, fields: dict[str, Any]) -> dict[str, Any]:
    """An item that moves to other units leaves a clerk behind who works in none of them."""
    if "clerk" in fields or problem.clerk is None or not _moves(problem, fields):
        return fields
    units = {unit.pk for unit in _units(problem, fields)}
    return fields if problem.clerk.may_clerk(units) else fields | {"clerk": None}


def _moves(problem: Problem, fields: dict[str, Any]) -> bool:
    return any(
        name in fields and field_values.plain(problem, name) != field_values.as_plain(fields[name])
        for name in ("lead_unit", "supporting_units")
    )


def _units(problem: Problem, fields: dict[str, Any]) -> list[Unit]:
    """The units that would answer for the item or support it."""
    supporting = fields.get("supporting_units")
    units = list(problem.supporting_units.all()) if supporting is None and problem.pk else supporting or []
    return [unit for unit in [fields.get("lead_unit", problem.lead_unit), *units] if unit]


def _check_clerk(problem: Problem, fields: dict[str, Any]) -> None:
    """Whoever is named clerk must be able to open the item."""
    clerk = fields.get("clerk")
    if clerk is None or (clerk == problem.clerk and not _moves(problem, fields)):
        return
    if not clerk.may_clerk({unit.pk for unit in _units(problem, fields)}):
        raise Incomplete(
            f"{clerk.label}不是责任单位或配合单位的经办人、负责人，打不开这一项，不能作经办人。请改选或留空。",
            field="clerk",
        )


def _check_leaders(problem: Problem, fields: dict[str, Any]) -> None:
    """A leader newly named is in office, and can open the item where there is an account."""
    named = {"leader": [fields.get("leader")], "supporting_leaders": fields.get("supporting_leaders") or []}
    for name, leaders in named.items():
        known = [problem.leader]
        if name == "supporting_leaders" and problem.pk:
            known = list(problem.supporting_leaders.all())
        for leader in leaders:
            if leader and leader not in known and not leader.is_able:
                raise Incomplete(
                    f"{leader}已不在任，或其账号没有责任领导的任职，打不开这一项。请改选，或请系统管理员补录任职。",
                    field=name,
                )


def _check_measures_keep_their_unit(problem: Problem, units: list[Unit]) -> None:
    kept = {unit.pk for unit in units}
    left = getattr(problem, "open_measures", None)
    if left is None:
        left = problem.measures.filter(status=MeasureStatus.OPEN).select_related("unit")
    orphans = [measure for measure in left if measure.unit and measure.unit_id not in kept]
    if orphans:
        lines = [f"措施 {measure.number}（{measure.unit}）" for measure in orphans]
        raise Incomplete("还有措施由不再承担的单位负责，请先调整这些措施。", lines, field="supporting_units")

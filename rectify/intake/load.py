"""A plan becomes records: through the operations, in one transaction, with the source kept beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction

from rectify import clock
from rectify.choices import Kind, LinkStatus, Source, Status
from rectify.errors import Incomplete, WrongState
from rectify.intake.plan import CHANGED, NEW, Plan, Step, make_plan
from rectify.intake.review.edited import EditedLink, Item
from rectify.intake.review.understood import own_deadline, understand
from rectify.models import (
    Aspect,
    ImprovementDirection,
    IntakeDraft,
    LedgerSettings,
    Manifestation,
    Problem,
    Report,
    RootCause,
    User,
)
from rectify.operations import measures, problems, reports
from rectify.operations.exchange import import_export, intake_drafts, sources

PARTS: dict[str, Any] = {"aspects": Aspect, "causes": RootCause, "directions": ImprovementDirection}


def load(draft: IntakeDraft, *, by: User, seen: int, digest: str) -> Report:
    """Carry out what the person saw and confirmed, all or nothing.

    Raises WrongState when the plan is no longer the one that was shown, so that it is shown again, and
    Incomplete when something stands in the way.
    """
    with transaction.atomic():
        plan = make_plan(intake_drafts.hold(draft, by=by, seen=seen))
        if plan.faults:
            raise Incomplete("还不能载入，草稿没有丢失。", plan.faults)
        if plan.digest != digest:
            raise WrongState("您看过以后内容有变化，还没有载入。请核对下面的新结果，再按“载入台账”。")
        report = _update(plan, draft, by) if plan.target else _create(plan, draft, by)
        sources.keep(report, draft, by=by, places=_places(plan, report))
        intake_drafts.finish(draft, by=by, seen=seen, report=report)
        return report


def _create(plan: Plan, draft: IntakeDraft, by: User) -> Report:
    report = reports.begin(
        {name: len(getattr(plan, name)) for name in PARTS},
        by=by, unit=draft.unit, year=draft.year, title=draft.title, meeting=draft.meeting,
    )  # fmt: skip
    _make_names(plan, report, by)
    reports.fill(report, _outline(plan), by=by)
    return report


def _make_names(plan: Plan, report: Report, by: User) -> None:
    """The leaders and units that a person wants made of names; new problems get them like known ones."""
    given = plan.given
    units = {name: import_export.add_unit(report, by=by, name=name) for name in given.new_units}
    leaders = {name: import_export.add_leader(report, by=by, post=name) for name in given.new_leaders}
    if plan.names is None or not (units or leaders):
        return
    plan.names = plan.names.made(units, leaders)
    plan.problems = [
        replace(step, given=understand(step.given.said, plan.names, plan.year)) if step.given else step
        for step in plan.problems
    ]


def _outline(plan: Plan) -> reports.Outline:
    numbers = {
        step.piece.key: step.number
        for steps in (plan.aspects, plan.problems, plan.causes, plan.directions)
        for step in steps
    }
    return reports.Outline(
        aspects=[{"number": step.number, "title": step.piece.title.strip()} for step in plan.aspects],
        problems=[_problem_row(step, plan, numbers) for step in plan.problems],
        causes=[_part_row(step) for step in plan.causes],
        directions=[_part_row(step) | {"covers_all": _item(step).covers} for step in plan.directions],
        links=[_link_row(plan, link, numbers) for link in plan.links],
    )


def _problem_row(step: Step, plan: Plan, numbers: dict[str, int]) -> dict[str, Any]:
    item = _item(step)
    row = {
        "number": step.number,
        "title": item.title.strip(),
        "text": item.text.strip(),
        "aspect": numbers.get(item.aspect or ""),
        "manifestations": [part.text for part in item.manifestations],
        "measures": _measures(item, plan),
    }
    return row | _given(step, plan) | _carried(item)


def _measures(item: Item, plan: Plan) -> list[dict[str, Any]]:
    return [{"text": part.text, "deadline": own_deadline(part, plan.year)} for part in item.measures]


def _given(step: Step, plan: Plan) -> dict[str, Any]:
    """Who answers for it, by when, and whether it stands for good: as an old sheet begins an item."""
    fields = step.given.fields if step.given else {}
    row: dict[str, Any] = {"kind": fields.pop("kind", Kind.BY_DATE), "fields": fields}
    if step.given and step.given.is_standing:
        settings = plan.target.settings if plan.target else LedgerSettings()
        months = step.given.deadline.every or settings.standing_months
        row |= {"status": Status.STANDING, "follow_up": clock.months_after(clock.today(), months)}
    return row


def _carried(item: Item) -> dict[str, str]:
    if not item.carried:
        return {}
    return {"source": str(Source.CARRIED), "reason": f"上年结转：{item.carried}"}


def _part_row(step: Step) -> dict[str, Any]:
    return {"number": step.number, "title": step.piece.title.strip(), "text": _item(step).text.strip()}


def _link_row(plan: Plan, link: EditedLink, numbers: dict[str, int]) -> dict[str, Any]:
    kind = plan.outline.item(link.other).kind
    return {
        "problem": numbers[link.problem],
        kind: numbers[link.other],
        "basis": link.basis,
        "status": link.status,
    }


def _update(plan: Plan, draft: IntakeDraft, by: User) -> Report:
    """A corrected version: texts change and what is new is added; who, when and how far stays."""
    report = plan.target
    assert report is not None
    _make_names(plan, report, by)
    reason = f"载入修订稿：{draft.name}"[:500]
    rows: dict[str, Any] = {}
    for name, model in PARTS.items():
        for step in getattr(plan, name):
            rows[step.piece.key] = _update_part(report, model, step, by, reason)
    for step in plan.problems:
        rows[step.piece.key] = _update_problem(plan, report, step, rows, by, reason)
    for link in plan.links:
        confirmed = link.status == LinkStatus.CONFIRMED
        status = str(LinkStatus.CONFIRMED if confirmed else LinkStatus.PENDING)
        problem = rows[link.problem]
        reports.add_link(problem, rows[link.other], by=by, basis=link.basis, status=status)
    return report


def _update_part(report: Report, model: Any, step: Step, by: User, reason: str) -> Any:
    if step.state == CHANGED:
        changes = {change.field: change.new for change in step.changes}
        return reports.edit_part(step.row, by=by, reason=reason, **changes)
    if step.state != NEW:
        return step.row
    fields: dict[str, Any] = {"title": step.piece.title.strip()}
    if model is not Aspect:
        fields["text"] = _item(step).text.strip()
    if model is ImprovementDirection:
        fields["covers_all"] = _item(step).covers
    return reports.add_part(report, model, by=by, reason=reason, **fields)


def _update_problem(
    plan: Plan, report: Report, step: Step, rows: dict[str, Any], by: User, reason: str
) -> Problem:
    item = _item(step)
    if step.state == NEW:
        extra, given = _carried(item), _given(step, plan)
        why = "；".join(words for words in (reason, extra.get("reason")) if words)
        made = problems.add(
            report,
            by=by,
            title=item.title.strip(),
            text=item.text.strip(),
            aspect=rows.get(item.aspect or ""),
            source=extra.get("source", str(Source.SELF_CHECK)),
            reason=why,
            **given.pop("fields"),
            **given,
        )
        for measure in _measures(item, plan):
            measures.add(made, by=by, **measure)
        _add_manifestations(report, made, [part.text for part in item.manifestations], by, reason)
        return made
    if step.state == CHANGED:
        fields = {change.field: change.new for change in step.changes}
        if fields:
            problems.edit(step.row, by=by, seen=step.row.version, reason=reason, **fields)
        _add_manifestations(report, step.row, list(step.more), by, reason)
    return Problem.objects.get(pk=step.row.pk)


def _add_manifestations(report: Report, problem: Problem, texts: list[str], by: User, reason: str) -> None:
    for text in texts:
        reports.add_part(report, Manifestation, by=by, reason=reason, problem=problem, text=text)


def _places(plan: Plan, report: Report) -> dict[int, tuple[int, int]]:
    """Where each problem stands in the source; one a person added by hand stands nowhere."""
    rows = {row.number: row.pk for row in report.problems.all()}
    found: dict[int, tuple[int, int]] = {}
    last = max(rows, default=0) - plan.count(NEW)
    for step in plan.problems:
        if step.row is None:
            last += 1
        key = step.row.pk if step.row else rows[last]
        item = _item(step)
        if item.end > item.start:
            found[key] = (item.start, item.end)
    return found


def _item(step: Step) -> Item:
    assert isinstance(step.piece, Item)
    return step.piece

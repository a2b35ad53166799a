"""Close-outs, extensions, their steps and follow-ups must be what their entries say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from rectify.audit.field_values import as_plain
from rectify.audit.replay.reading import Break, chunks, details_of, grouped, name_of, place
from rectify.choices import Action, Outcome, Step, StepOutcome
from rectify.digests import digest_of
from rectify.models import (
    AuditEntry,
    CloseOut,
    CloseOutStep,
    Evidence,
    Extension,
    ExtensionStep,
    FollowUp,
    Report,
)
from rectify.models.evidence import holder_of
from rectify.operations.closing.review import FACTS, STEP_FACTS, TEXTS
from rectify.policies.closing import DECIDING, WITHDRAWING

APPLYING: dict[type, str] = {CloseOut: Action.APPLY_CLOSE_OUT, Extension: Action.APPLY_EXTENSION}
ACTS = (*APPLYING.values(), *DECIDING, *WITHDRAWING, Action.RECORD_FOLLOW_UP, Action.CARRY_OVER)
ENDS = {StepOutcome.RETURN: Outcome.RETURNED, StepOutcome.WITHDRAW: Outcome.WITHDRAWN}
Said = dict[tuple[str, int], tuple[AuditEntry, dict[str, Any]]]


def disagreements(report: Report, using: str) -> Iterator[Break]:
    """Everything of the reviewed procedures of a ledger that is not what its entries say."""
    for model, steps in ((CloseOut, CloseOutStep), (Extension, ExtensionStep)):
        rows: Any = model.objects.using(using).filter(problem__report=report).select_related("problem")
        for chunk in chunks(rows):
            said = _said(report, using, [row.problem_id for row in chunk])
            taken = grouped(
                steps._default_manager.using(using)
                .filter(application__in=[row.pk for row in chunk])
                .order_by("id"),
                "application_id",
            )
            files = _files(using, steps, [step.pk for row in chunk for step in taken[row.pk]])
            for row in chunk:
                yield from _application_breaks(row, taken[row.pk], said, files)
    follow_ups = FollowUp.objects.using(using).filter(problem__report=report).select_related("problem")
    for chunk in chunks(follow_ups):
        said = _said(report, using, [row.problem_id for row in chunk])
        proofs = Evidence.objects.using(using).filter(follow_up__in=[row.pk for row in chunk])
        files = grouped(proofs, "follow_up_id")
        for row in chunk:
            yield from _follow_up_breaks(row, said, files[row.pk])
    yield from _vanished(report, using)


def _said(report: Report, using: str, problems: list[int]) -> Said:
    """What the entries of these problems say of each row of the procedures, by model and key."""
    said: Said = {}
    entries = AuditEntry.objects.using(using).filter(report=report, problem__in=problems, act__in=ACTS)
    for entry in entries.order_by("number"):
        for key, part in parts_of(entry):
            said.setdefault(key, (entry, part))
    return said


def parts_of(entry: AuditEntry) -> Iterator[tuple[tuple[str, int], dict[str, Any]]]:
    """The rows an entry speaks of: (model, id) and what it says; a purged entry speaks of none."""
    details = details_of(entry)
    evidence = details.get("evidence", [])
    if (application := details.get("application")) and "model" in application:
        yield (application["model"], application["id"]), application
    if step := details.get("step"):
        yield (step["model"], step["id"]), step | {"evidence": evidence}
    if follow_up := details.get("follow_up"):
        yield ("followup", follow_up["id"]), follow_up | {"evidence": evidence}
    for planned in details.get("planned", []):
        yield ("planned", planned["id"]), planned


def _application_breaks(
    row: Any, steps: list[Any], said: Said, files: dict[int, list[Evidence]]
) -> Iterator[Break]:
    model = type(row)
    kind = str(model._meta.model_name)
    if (kind, row.pk) in said:
        entry, part = said[kind, row.pk]
        where = f"{place(entry)}，{name_of(row)}"
        if any(as_plain(getattr(row, name)) != part[name] for name in FACTS[model]):
            yield Break(where, "申请的内容与记录不符")
        elif any(digest_of(getattr(row, name)) != part[f"{name}_digest"] for name in TEXTS[model]):
            yield Break(where, "申请的文字与记录不符")
        elif row.applicant_id != entry.actor_id:
            yield Break(where, "申请人与记录不符")
    for step in steps:
        yield from _step_breaks(row, step, said, files[step.pk])
    if what := _course_fault(row, steps):
        yield Break(name_of(row), what)


def _step_breaks(row: Any, step: Any, said: Said, files: list[Evidence]) -> Iterator[Break]:
    kind = str(step._meta.model_name)
    if (kind, step.pk) not in said:
        # The entry was purged, which the chain itself has checked; or there never was one.
        if not _purged(row):
            yield Break(name_of(row), f"{step.get_step_display()}没有对应的记录")
        return
    entry, part = said[kind, step.pk]
    where = f"{place(entry)}，{name_of(row)}"
    if any(as_plain(getattr(step, name)) != part[name] for name in STEP_FACTS):
        yield Break(where, f"{step.get_step_display()}环节与记录不符")
    elif digest_of(step.comment) != part["comment_digest"] or part["application"] != row.pk:
        yield Break(where, f"{step.get_step_display()}的意见与记录不符")
    elif step.by_id != entry.actor_id or step.by_label != entry.actor_label:
        yield Break(where, f"{step.get_step_display()}的办理人与记录不符")
    elif step.applicant_id != row.applicant_id:
        yield Break(where, "环节里的申请人与申请不符")
    elif _differ(files, part["evidence"]):
        yield Break(where, "佐证材料与记录不符")


def _course_fault(row: Any, steps: list[Any]) -> str:
    """Where the application stands must follow from the steps that were taken."""
    if not steps or steps[0].step != Step.APPLY:
        return "没有申请环节"
    waiting, outcome = row.path_steps[0], ""
    for step in steps[1:]:
        if step.outcome in ENDS:
            waiting, outcome = "", ENDS[step.outcome]
        elif step.step == waiting:
            waiting = row.step_after(step.step)
            outcome = "" if waiting else Outcome.PASSED
        else:
            return "办理环节的次序与审核环节不符"
    if (row.waiting, row.outcome) != (waiting, outcome):
        return "办理到哪一步与环节记录不符"
    if (row.ended_at is None) != (outcome == ""):
        return "办结时间与环节记录不符"
    last = steps[-1]
    if isinstance(row, CloseOut) and outcome == Outcome.PASSED and last.signed_on:
        return "" if row.decided_on == last.signed_on else "审定日期与签字日期不符"
    return ""


def _follow_up_breaks(row: FollowUp, said: Said, files: list[Evidence]) -> Iterator[Break]:
    planned, done = said.get(("planned", row.pk)), said.get(("followup", row.pk))
    if planned and as_plain(row.planned_on) != planned[1]["planned_on"]:
        yield Break(f"{place(planned[0])}，{name_of(row)}", "计划日期与记录不符")
    if row.recorded_at is None:
        if done:
            yield Break(f"{place(done[0])}，{name_of(row)}", "检查情况不见了")
        elif not planned and not _purged(row):
            yield Break(name_of(row), "没有对应的记录")
        return
    if done is None:
        if not _purged(row):
            yield Break(name_of(row), "没有对应的记录")
        return
    entry, part = done
    where = f"{place(entry)}，{name_of(row)}"
    names = ("round", "planned_on", "done_on", "outcome")
    if any(as_plain(getattr(row, name)) != part[name] for name in names):
        yield Break(where, "检查的日期或结论与记录不符")
    elif digest_of(row.finding) != part["finding_digest"]:
        yield Break(where, "检查情况与记录不符")
    elif row.by_id != entry.actor_id:
        yield Break(where, "检查人与记录不符")
    elif _differ(files, part["evidence"]):
        yield Break(where, "佐证材料与记录不符")


def _purged(row: Any) -> bool:
    """Whether an entry of the problem was blanked by a purge: then not every row is spoken of."""
    entries = AuditEntry.objects.using(row._state.db).filter(problem=row.problem_id, act__in=ACTS)
    return any(entry.is_purged for entry in entries)


def _files(using: str, steps: type, ids: list[int]) -> dict[int, list[Evidence]]:
    holder = holder_of(steps)
    return grouped(Evidence.objects.using(using).filter(**{f"{holder}__in": ids}), f"{holder}_id")


def _differ(files: list[Evidence], said: list[dict[str, Any]]) -> bool:
    stored = sorted((file.name, file.size, file.sha256) for file in files)
    return stored != sorted((part["name"], part["size"], part["sha256"]) for part in said)


def _vanished(report: Report, using: str) -> Iterator[Break]:
    """An entry speaks of a row, and it is not there."""
    models: dict[str, Any] = {
        str(model._meta.model_name): model
        for model in (CloseOut, Extension, CloseOutStep, ExtensionStep, FollowUp)
    }
    models["planned"] = FollowUp
    spoken: dict[str, dict[int, AuditEntry]] = defaultdict(dict)
    entries = AuditEntry.objects.using(using).filter(report=report, act__in=ACTS).order_by("number")
    for entry in entries.iterator(chunk_size=2000):
        for (kind, key), _ in parts_of(entry):
            spoken[kind].setdefault(key, entry)
    for kind, found in spoken.items():
        rows = models[kind]._default_manager.using(using)
        path = "application__problem__report" if kind.endswith("step") else "problem__report"
        there = set(rows.filter(**{path: report}).values_list("pk", flat=True))
        for key in sorted(found.keys() - there):
            yield Break(place(found[key]), f"{models[kind]._meta.verbose_name}（编号 {key}）不见了")

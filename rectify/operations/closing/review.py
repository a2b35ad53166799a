"""What the reviewed applications share: how one begins, its steps, and what the entries say of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from rectify import clock
from rectify.audit import chain, field_values, written
from rectify.choices import Role, Step, StepOutcome
from rectify.digests import digest_of
from rectify.errors import Incomplete, WrongState
from rectify.evidence import storage as evidence_files
from rectify.models import CloseOut, CloseOutStep, Extension, ExtensionStep, Problem, User
from rectify.notifications import outbox, telling
from rectify.notifications.telling import Occasion
from rectify.operations import recording
from rectify.policies.closing import Capacity, Reviewed, path_of

TEXT_MAX = 5000
STEPS: dict[type, Any] = {CloseOut: CloseOutStep, Extension: ExtensionStep}
RELATED = (
    "problem__report__unit",
    "problem__report__settings",
    "problem__leader__user",
    "problem__lead_unit",
)


def check_text(label: str, text: str, field: str) -> str:
    """Raises Incomplete when a required text is empty or too long."""
    if not text.strip():
        raise Incomplete(f"请填写{label}，其余内容没有丢失。", [label], field=field)
    if len(text) > TEXT_MAX:
        raise Incomplete(f"{label}最多 {TEXT_MAX} 个字，现在 {len(text)} 个字，请精简。", field=field)
    return text.strip()


def begin(
    model: type[Reviewed],
    problem: Problem,
    *,
    by: User,
    kept: Sequence[evidence_files.Kept] = (),
    **facts: Any,
) -> tuple[Any, dict[str, Any]]:
    """The rows of a new application and what its entry says. Call inside the act's transaction."""
    manager: Any = model.objects
    earlier = manager.filter(problem=problem, round=problem.round).count()
    path = ",".join(path_of(by, problem))
    application = manager.create(
        problem=problem,
        round=problem.round,
        number=earlier + 1,
        applicant=by,
        applicant_label=by.label[:160],
        applied_at=clock.now(),
        path=path,
        waiting=path.split(",")[0],
        **facts,
    )
    capacity = Capacity(applicant_role(by, problem))
    step = take(application, by, Step.APPLY, StepOutcome.PASS, capacity, kept=kept)
    return application, {"application": facts_of(application), "step": step_facts(step), **proofs(kept)}


def enter_alone(
    application: Reviewed,
    *,
    by: User,
    act: str,
    extra: dict[str, Any],
    reason: str = "",
    idempotency_key: str | None = None,
) -> None:
    """An entry about the application itself, where the problem does not change."""
    problem = application.problem
    notices = telling.notices_of(Occasion(act, by, problem, application=application))
    entry = chain.append_entry(
        by=by,
        act=act,
        report=problem.report,
        target=application,
        label=field_values.label_of(application),
        payload=extra | recording.told(notices),
        reason=reason,
        problem=problem,
        idempotency_key=idempotency_key,
    )
    outbox.post(notices, entry)


def locked(application: Reviewed) -> Any:
    """The application as it is once nobody else can change its ledger."""
    chain.lock([application.problem.report])
    return type(application).objects.select_related(*RELATED).get(pk=application.pk)


def fresh(application: Reviewed) -> Any:
    """The application as it stands after an act."""
    return type(application).objects.get(pk=application.pk)


def take(
    application: Reviewed,
    by: User,
    step: str,
    outcome: str,
    as_what: Capacity,
    comment: str = "",
    signed_on: dt.date | None = None,
    kept: Sequence[evidence_files.Kept] = (),
) -> Any:
    """The row of a step that was taken, with its files."""
    row = STEPS[type(application)]._default_manager.create(
        application=application,
        applicant_id=application.applicant_id,
        step=step,
        outcome=outcome,
        at=clock.now(),
        by=by,
        by_label=by.label[:160],
        role=as_what.role,
        comment=comment,
        on_paper=as_what.on_paper,
        signer=as_what.signer[:100],
        signed_on=signed_on,
        stands_for_id=as_what.stands_for,
    )
    evidence_files.attach(kept, row, problem=application.problem, by=by)
    return row


def move(application: Reviewed, **values: Any) -> None:
    """The conditional update: of two who take the same step, one finds the row moved on."""
    still = {"pk": application.pk, "waiting": application.waiting, "ended_at__isnull": True}
    rows: Any = type(application).objects.filter(**still)
    if not rows.update(**values):
        raise WrongState("这份申请刚刚已由他人办理，您的意见没有提交。请刷新后查看。")
    for name, value in values.items():
        setattr(application, name, value)
    written.wrote(application)


def applicant_role(by: User, problem: Problem) -> str:
    """As what somebody applies: for the unit, or as the office on its behalf."""
    if problem.lead_unit_id in by.unit_ids(Role.UNIT_HEAD):
        return Role.UNIT_HEAD
    return Role.CLERK if problem.lead_unit_id in by.unit_ids(Role.CLERK) else Role.OFFICE


def proofs(kept: Sequence[evidence_files.Kept]) -> dict[str, Any]:
    """What an entry says of the files that came with an act."""
    return {"evidence": [file.facts for file in kept]} if kept else {}


# -- what the entries say ---------------------------------------------------------------------------

FACTS: dict[type, tuple[str, ...]] = {
    CloseOut: ("round", "number", "path", "kind", "deadline", "original_deadline", "back_to"),
    Extension: ("round", "number", "path", "old_date", "new_date", "late"),
}
TEXTS: dict[type, tuple[str, ...]] = {
    CloseOut: ("statement", "answers", "explanations"),
    Extension: ("reason", "progress"),
}
STEP_FACTS = ("step", "outcome", "role", "on_paper", "signer", "signed_on", "stands_for_id")


def facts_of(application: Reviewed) -> dict[str, Any]:
    """The values of an application that its entry vouches for; texts also by their digests."""
    model = type(application)
    facts = {name: field_values.as_plain(getattr(application, name)) for name in FACTS[model]}
    for name in TEXTS[model]:
        text = getattr(application, name)
        facts |= {name: text, f"{name}_digest": digest_of(text)}
    return {"id": application.pk, "model": field_values.kind_of(application), **facts}


def step_facts(step: Any) -> dict[str, Any]:
    facts = {name: field_values.as_plain(getattr(step, name)) for name in STEP_FACTS}
    stands_for = {"stands_for": step.stands_for.label} if step.stands_for else {}
    return {
        "id": step.pk,
        "model": field_values.kind_of(step),
        "application": step.application_id,
        "comment": step.comment,
        "comment_digest": digest_of(step.comment),
        **facts,
        **stands_for,
    }

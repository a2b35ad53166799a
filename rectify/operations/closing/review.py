"""The reviewed path that close-outs and extensions share: begin, decide, return, withdraw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from rectify import clock, wording
from rectify.audit import chain, field_values
from rectify.choices import Outcome, Role, Step, StepOutcome
from rectify.digests import digest_of
from rectify.errors import Incomplete, WrongState
from rectify.evidence import storage as evidence_files
from rectify.models import CloseOut, CloseOutStep, Extension, ExtensionStep, Problem, User
from rectify.operations import recording
from rectify.policies import taking
from rectify.policies.closing import (
    NOUNS,
    RETURN_ACTS,
    STEP_ACTS,
    WITHDRAW_ACTS,
    Capacity,
    Reviewed,
)

TEXT_MAX = 5000
STEPS: dict[type, Any] = {CloseOut: CloseOutStep, Extension: ExtensionStep}
HOLDERS: dict[type, str] = {CloseOut: "close_out_step", Extension: "extension_step"}
RELATED = (
    "problem__report__unit",
    "problem__report__settings",
    "problem__leader__user",
    "problem__lead_unit",
)
# What the conclusion of the last step, or an ending without one, does to the problem.
Effect = Callable[..., None]


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
    path = path_for(by, problem)
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
    role = Role.OFFICE if not _of_unit(by, problem) else _unit_role(by, problem)
    step = _take(application, by, Step.APPLY, StepOutcome.PASS, Capacity(role), "", None, kept)
    return application, {"application": facts_of(application), "step": step_facts(step), **_proofs(kept)}


def path_for(by: User, problem: Problem) -> str:
    """The ledger's path; a unit head who applies has confirmed by applying."""
    path = str(problem.report.settings.review_path)
    steps = path.split(",")
    if problem.lead_unit_id in by.unit_ids(Role.UNIT_HEAD) and len(steps) > 1:
        steps = [step for step in steps if step != Step.CONFIRM]
    return ",".join(steps)


def decide(
    application: Reviewed,
    *,
    by: User,
    step: str,
    passes: bool,
    effect: Effect,
    comment: str = "",
    signed_on: dt.date | None = None,
    files: Sequence[Any] = (),
    token: str | None = None,
) -> Any:
    """Take the step that is waited for: agree, or return the application with the reason.

    Raises WrongState when the step was taken meanwhile or the application has ended, NotAllowed for
    the applicant and for whoever took another step of it, Incomplete for a return without reason or
    a paper without date or scan.
    """
    model = type(application)
    act = STEP_ACTS[model].get(step, "") if passes else RETURN_ACTS[model]
    if not act:
        raise WrongState("没有这个办理环节，内容没有改动。")
    if not passes:
        check_text("退回理由", comment, "comment")
    if len(comment) > TEXT_MAX:
        raise Incomplete(f"意见最多 {TEXT_MAX} 个字，现在 {len(comment)} 个字，请精简。", field="comment")
    with evidence_files.keeping(files) as kept, transaction.atomic():
        current, as_what = _judge(application, by, step, act, token)
        if as_what is None:
            return current
        _check_paper(current, as_what, signed_on, kept)
        outcome = StepOutcome.PASS if passes else StepOutcome.RETURN
        row = _take(current, by, step, outcome, as_what, comment.strip(), signed_on, kept)
        following = current.step_after(step) if passes else ""
        said = {"step": step_facts(row), "application": {"id": current.pk}, **_proofs(kept)}
        reason = "" if passes else row.comment
        given: dict[str, Any] = {"by": by, "act": act, "reason": reason, "token": token, "extra": said}
        if following:
            _move(current, step, waiting=following)
            _enter(current, **given)
        else:
            end = Outcome.PASSED if passes else Outcome.RETURNED
            effect(current, end, signed_on or clock.today(), **given)
            decided = {"decided_on": signed_on or clock.today()} if passes and model is CloseOut else {}
            _move(current, step, waiting="", outcome=end, ended_at=clock.now(), **decided)
        return model.objects.get(pk=current.pk)


def withdraw(
    application: Reviewed, *, by: User, effect: Effect, reason: str, token: str | None = None
) -> Any:
    """Take an open application back; the unit may then go on working and apply again."""
    reason = recording.need_reason(reason)
    model = type(application)
    act = WITHDRAW_ACTS[model]
    with transaction.atomic():
        current = _locked(application)
        if chain.find_duplicate(by, token):
            return current
        if not current.is_open:
            raise WrongState(f"这份{NOUNS[model]}{_ended_words(current)}，不能再撤回。没有内容被改动。")
        recording.require(by, act, current)
        waiting = current.waiting
        role = Role.OFFICE if not _of_unit(by, current.problem) else _unit_role(by, current.problem)
        row = _take(current, by, Step.APPLY, StepOutcome.WITHDRAW, Capacity(role), reason, None, ())
        said = {"step": step_facts(row), "application": {"id": current.pk}}
        given = {"by": by, "act": act, "reason": reason, "token": token, "extra": said}
        effect(current, Outcome.WITHDRAWN, clock.today(), **given)
        _move(current, waiting, waiting="", outcome=Outcome.WITHDRAWN, ended_at=clock.now())
        return model.objects.get(pk=current.pk)


def enter_alone(application: Reviewed, **given: Any) -> None:
    """An entry about the application itself, where the problem does not change."""
    _enter(application, **given)


def _judge(
    application: Reviewed, by: User, step: str, act: str, token: str | None
) -> tuple[Any, Capacity | None]:
    """The application as it is now, and as what the person takes the step; None for a repeated submit."""
    current = _locked(application)
    if chain.find_duplicate(by, token):
        return current, None
    if not current.is_open:
        raise WrongState(
            f"这份{NOUNS[type(current)]}{_ended_words(current)}，您的意见没有提交。请刷新后查看。"
        )
    if current.waiting != step:
        taken = current.steps.filter(step=step).first()
        who = f"已由{taken.by_label}办理" if taken else "还没有轮到"
        raise WrongState(
            f"这份申请的{Step(step).label if step in Step.values else '环节'}{who}，您的意见没有提交。"
        )
    recording.require(by, act, current)
    return current, taking(by, current)


def _check_paper(
    application: Reviewed, as_what: Capacity, signed_on: dt.date | None, kept: Sequence[evidence_files.Kept]
) -> None:
    if not as_what.on_paper:
        if signed_on is not None:
            raise Incomplete("签字日期只在代录纸质签字时填写。", field="signed_on")
        return
    if signed_on is None:
        raise Incomplete("代录纸质签字，请填写纸上的签字日期。", ["签字日期"], field="signed_on")
    if not clock.day_of(application.applied_at) <= signed_on <= clock.today():
        raise Incomplete("签字日期应在申请之后，且不晚于今天，请核对。", field="signed_on")
    if not kept:
        raise Incomplete("代录纸质签字须上传签字页扫描件。", ["扫描件"], field="files")


def _locked(application: Reviewed) -> Any:
    chain.lock([application.problem.report])
    return type(application).objects.select_related(*RELATED).get(pk=application.pk)


def _take(
    application: Reviewed,
    by: User,
    step: str,
    outcome: str,
    as_what: Capacity,
    comment: str,
    signed_on: dt.date | None,
    kept: Sequence[evidence_files.Kept],
) -> Any:
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
    holder = {HOLDERS[type(application)]: row}
    evidence_files.attach(kept, problem=application.problem, by=by, **holder)
    return row


def _move(application: Reviewed, step: str, **values: Any) -> None:
    """The conditional update: of two who take the same step, one finds the row moved on."""
    rows: Any = type(application).objects.filter(pk=application.pk, waiting=step, ended_at__isnull=True)
    if not rows.update(**values):
        raise WrongState("这份申请刚刚已由他人办理，您的意见没有提交。请刷新后查看。")


def _enter(
    application: Reviewed,
    *,
    by: User,
    act: str,
    extra: dict[str, Any],
    reason: str = "",
    token: str | None = None,
) -> None:
    problem = application.problem
    chain.append_entry(
        by=by,
        act=act,
        report=problem.report,
        target=application,
        label=field_values.label_of(application),
        payload=extra,
        reason=reason,
        problem=problem,
        token=token,
    )


def _ended_words(application: Reviewed) -> str:
    last: Any = application.steps.order_by("-id").first()
    when = wording.moment(application.ended_at, clock.today())
    return f"{Outcome(application.outcome).label}（{last.by_label}，{when}）"


def _of_unit(by: User, problem: Problem) -> bool:
    return problem.lead_unit_id in by.unit_ids(Role.UNIT_HEAD, Role.CLERK)


def _unit_role(by: User, problem: Problem) -> str:
    return Role.UNIT_HEAD if problem.lead_unit_id in by.unit_ids(Role.UNIT_HEAD) else Role.CLERK


def _proofs(kept: Sequence[evidence_files.Kept]) -> dict[str, Any]:
    return {"evidence": [file.facts for file in kept]} if kept else {}


# -- what the entries say ---------------------------------------------------------------------------

FACTS: dict[type, tuple[str, ...]] = {
    CloseOut: ("round", "number", "path", "kind", "deadline", "original_deadline", "back_to"),
    Extension: ("round", "number", "path", "old_date", "new_date", "late"),
}
TEXTS: dict[type, tuple[str, ...]] = {CloseOut: ("statement",), Extension: ("reason", "progress")}
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

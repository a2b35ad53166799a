"""The decisions on a reviewed application, of whichever kind: agree, return, take back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from django.db import transaction

from rectify import clock, wording
from rectify.audit import chain
from rectify.choices import Outcome, Step, StepOutcome
from rectify.errors import Incomplete, WrongState
from rectify.evidence import storage as evidence_files
from rectify.models import CloseOut, Extension, User
from rectify.operations import recording
from rectify.operations.closing import close_out, deadlines, review
from rectify.policies import taking
from rectify.policies.closing import NOUNS, RETURN_ACTS, STEP_ACTS, WITHDRAW_ACTS, Capacity, Reviewed

Application = TypeVar("Application", bound=Reviewed)
# What the end of an application does to its problem.
CONCLUDE: dict[type, Callable[..., None]] = {CloseOut: close_out.conclude, Extension: deadlines.conclude}


def decide(
    application: Application,
    *,
    by: User,
    step: str,
    comment: str = "",
    signed_on: dt.date | None = None,
    files: Sequence[Any] = (),
    idempotency_key: str | None = None,
) -> Application:
    """Agree to the step that is waited for; after the last one the application has passed.

    Raises WrongState when the step was taken meanwhile or the application has ended, NotAllowed for
    the applicant and for whoever took another step of it, Incomplete for a paper without date or scan.
    """
    act = STEP_ACTS[type(application)].get(step)
    if act is None:
        raise WrongState("没有这个办理环节，内容没有改动。请刷新后再试。")
    return _take_step(application, by, step, act, comment, signed_on, files, idempotency_key)


def return_application(
    application: Application,
    *,
    by: User,
    step: str,
    comment: str,
    signed_on: dt.date | None = None,
    files: Sequence[Any] = (),
    idempotency_key: str | None = None,
) -> Application:
    """Send the application back to the unit with the reason, instead of agreeing; raises as `decide` does."""
    review.check_text("退回理由", comment, "comment")
    act = RETURN_ACTS[type(application)]
    return _take_step(application, by, step, act, comment, signed_on, files, idempotency_key)


def withdraw_application(
    application: Application, *, by: User, reason: str, idempotency_key: str | None = None
) -> Application:
    """Take an open application back; the unit may then go on working and apply again."""
    reason = recording.need_reason(reason)
    act = WITHDRAW_ACTS[type(application)]
    with transaction.atomic():
        current = review.locked(application)
        if chain.find_duplicate(by, idempotency_key):
            return cast(Application, current)
        if not current.is_open:
            noun = NOUNS[type(current)]
            raise WrongState(f"这份{noun}{_ended_words(current)}，不能再撤回。没有内容被改动。")
        recording.require(by, act, current)
        capacity = Capacity(review.applicant_role(by, current.problem))
        row = review.take(current, by, Step.APPLY, StepOutcome.WITHDRAW, capacity, reason)
        said = {"step": review.step_facts(row), "application": {"id": current.pk}}
        entry: dict[str, Any] = {
            "by": by,
            "act": act,
            "reason": reason,
            "idempotency_key": idempotency_key,
            "extra": said,
        }
        _end(current, Outcome.WITHDRAWN, clock.today(), entry)
        return cast(Application, review.fresh(current))


def _take_step(
    application: Reviewed,
    by: User,
    step: str,
    act: str,
    comment: str,
    signed_on: dt.date | None,
    files: Sequence[Any],
    idempotency_key: str | None,
) -> Any:
    if len(comment) > review.TEXT_MAX:
        raise Incomplete(
            f"意见最多 {review.TEXT_MAX} 个字，现在 {len(comment)} 个字，请精简。", field="comment"
        )
    returns = act == RETURN_ACTS[type(application)]
    with evidence_files.keeping(files) as kept, transaction.atomic():
        current = review.locked(application)
        if chain.find_duplicate(by, idempotency_key):
            return current
        as_what = _judge(current, by, step, act)
        _check_paper(current, as_what, signed_on, kept)
        outcome = StepOutcome.RETURN if returns else StepOutcome.PASS
        row = review.take(current, by, step, outcome, as_what, comment.strip(), signed_on, kept)
        said = {"step": review.step_facts(row), "application": {"id": current.pk}, **review.proofs(kept)}
        reason = row.comment if returns else ""
        entry: dict[str, Any] = {
            "by": by,
            "act": act,
            "reason": reason,
            "idempotency_key": idempotency_key,
            "extra": said,
        }
        if not returns and (following := current.step_after(step)):
            review.move(current, waiting=following)
            review.enter_alone(current, **entry)
        else:
            end = Outcome.RETURNED if returns else Outcome.PASSED
            _end(current, end, signed_on or clock.today(), entry)
        return review.fresh(current)


def _end(application: Reviewed, outcome: str, day: dt.date, entry: dict[str, Any]) -> None:
    decided = {"decided_on": day} if outcome == Outcome.PASSED and isinstance(application, CloseOut) else {}
    review.move(application, waiting="", outcome=outcome, ended_at=clock.now(), **decided)
    CONCLUDE[type(application)](application, outcome, day, **entry)


def _judge(current: Reviewed, by: User, step: str, act: str) -> Capacity:
    """As what the person takes the step; who comes too late is told what happened meanwhile."""
    if not current.is_open:
        ended = _ended_words(current)
        raise WrongState(f"这份{NOUNS[type(current)]}{ended}，您的意见没有提交。请刷新后查看。")
    if current.waiting != step:
        taken = current.steps.filter(step=step).first()
        who = f"已由{taken.by_label}办理" if taken else "还没有轮到"
        named = Step(step).label if step in Step.values else "环节"
        raise WrongState(f"这份申请的{named}{who}，您的意见没有提交。")
    recording.require(by, act, current)
    return cast(Capacity, taking(by, current))


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


def _ended_words(application: Reviewed) -> str:
    last: Any = application.steps.order_by("-id").first()
    when = wording.moment(application.ended_at, clock.today())
    return f"{Outcome(application.outcome).label}（{last.by_label}，{when}）"

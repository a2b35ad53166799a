"""Close-out: applied for by the unit, what its end does to the problem; reopening; looking again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from django.db import transaction

from rectify import clock, transitions
from rectify.audit import chain
from rectify.choices import Action, CloseKind, Finding, Outcome, Status
from rectify.errors import Incomplete
from rectify.evidence import storage as evidence_files
from rectify.models import CloseOut, FollowUp, Problem, User
from rectify.operations import recording
from rectify.operations.closing import follow_ups, review
from rectify.operations.closing.application import Application, answers_text, explanations_text
from rectify.policies.closing import kinds
from rectify.policies.closing_needs import kept as measures_of
from rectify.policies.closing_needs import lacking
from rectify.policies.points import points_to_answer


def apply_close_out(
    problem: Problem,
    *,
    by: User,
    seen: int,
    statement: str,
    idempotency_key: str | None = None,
    **given: Any,
) -> CloseOut:
    """Apply for close-out, or for the confirmed staged result of a standing problem; `given` are the other
    parts of an Application.

    Raises Incomplete with the list of what is missing; the same token again returns the application.
    """
    asked = Application(review.check_text("整改完成情况", statement, "statement"), **given)
    recording.require(by, Action.APPLY_CLOSE_OUT, problem)
    with evidence_files.keeping([file for _, file in asked.parcels]) as kept, transaction.atomic():
        current = _locked(problem)
        if chain.find_duplicate(by, idempotency_key):
            return CloseOut.objects.filter(problem=current).latest("pk")
        if current.version != seen:
            raise recording.stale(current, {})
        recording.require(by, Action.APPLY_CLOSE_OUT, current)
        said = _check(current, asked)
        application, extra = _begin(current, asked, by, kept, said)
        _change(
            current,
            by=by,
            act=Action.APPLY_CLOSE_OUT,
            changes={"status": Status.IN_REVIEW},
            idempotency_key=idempotency_key,
            application=application,
            extra=extra,
        )
        return application


def _check(problem: Problem, asked: Application) -> dict[str, str]:
    """The texts of answers and explanations. Raises Incomplete with the list of what is missing."""
    if asked.kind not in kinds(problem):
        raise Incomplete("这一项不是长期坚持的类型，只能申请销号。", field="kind")
    if missing := lacking(problem, asked.kind, asked.brought):
        raise Incomplete(f"还不能申请销号，填写的内容没有丢失。还差 {len(missing)} 处：", missing)
    return {
        "answers": answers_text(points_to_answer(problem), asked.answers),
        "explanations": explanations_text(measures_of(problem), asked.explained),
    }


def _begin(
    problem: Problem, asked: Application, by: User, kept: Sequence[evidence_files.Kept], said: dict[str, str]
) -> tuple[CloseOut, dict[str, Any]]:
    """The rows of the application, and its files where they belong."""
    own = [file for file, (measure, _) in zip(kept, asked.parcels, strict=True) if measure is None]
    for measure in measures_of(problem):
        theirs = [file for file, (pk, _) in zip(kept, asked.parcels, strict=True) if pk == measure.pk]
        evidence_files.attach(theirs, measure, problem=problem, by=by)
    application, extra = review.begin(
        CloseOut,
        problem,
        by=by,
        kept=own,
        kind=asked.kind,
        statement=asked.statement,
        deadline=problem.deadline,
        original_deadline=problem.original_deadline,
        back_to=problem.status if problem.status in transitions.UNDER_WAY else Status.IN_PROGRESS,
        **said,
    )
    return cast(CloseOut, application), extra | review.proofs(kept)


def reopen(problem: Problem, *, by: User, seen: int, reason: str, deadline: dt.date | None = None) -> Problem:
    """Start the next round of a concluded problem; the rounds before stay as they were.

    The new round has a date of its own, or none until the office sets one.
    """
    reason = recording.need_reason(reason)
    _check_new_date(deadline)
    with transaction.atomic():
        current = _locked(problem)
        if current.version != seen:
            raise recording.stale(current, {})
        recording.require(by, Action.REOPEN, current)
        changes = _next_round(current, deadline)
        return _change(current, by=by, act=Action.REOPEN, changes=changes, reason=reason)


def record_follow_up(
    problem: Problem,
    *,
    by: User,
    finding: str,
    outcome: str,
    done_on: dt.date | None = None,
    deadline: dt.date | None = None,
    files: Sequence[Any] = (),
    idempotency_key: str | None = None,
) -> FollowUp:
    """Record that somebody looked again: the result holds, or the problem is back and reopens."""
    finding = review.check_text("检查情况", finding, "finding")
    if outcome not in Finding.values:
        raise Incomplete("请选择结论：成效保持，或问题反弹。", field="outcome")
    day = done_on or clock.today()
    if day > clock.today():
        raise Incomplete("检查日期不能晚于今天。", field="done_on")
    if outcome == Finding.HOLDS and deadline is not None:
        raise Incomplete("成效保持的不重新整改，无需填写新的时限。", field="deadline")
    _check_new_date(deadline)
    recording.require(by, Action.RECORD_FOLLOW_UP, problem)
    with evidence_files.keeping(files) as kept, transaction.atomic():
        current = _locked(problem)
        if chain.find_duplicate(by, idempotency_key):
            return FollowUp.objects.filter(problem=current, by=by).done().latest("recorded_at")
        recording.require(by, Action.RECORD_FOLLOW_UP, current)
        row = follow_ups.done(current, by, finding, outcome, day)
        evidence_files.attach(kept, row, problem=current, by=by)
        said: dict[str, Any] = {"follow_up": follow_ups.facts(row), **review.proofs(kept)}
        if outcome == Finding.HOLDS and current.status == Status.STANDING:
            months = current.report.settings.standing_months
            said["planned"] = follow_ups.plan(current, [clock.months_after(day, months)])
        if outcome == Finding.RELAPSED:
            changes, act = _next_round(current, deadline), Action.RECORD_FOLLOW_UP
            _change(
                current,
                by=by,
                act=act,
                changes=changes,
                reason=finding,
                idempotency_key=idempotency_key,
                extra=said,
            )
        else:
            chain.append_entry(
                by=by,
                act=Action.RECORD_FOLLOW_UP,
                report=current.report,
                target=row,
                label=f"{current.code} 回头看",
                payload=said,
                problem=current,
                idempotency_key=idempotency_key,
            )
        return row


def conclude(application: CloseOut, end: str, decided_on: dt.date, **given: Any) -> None:
    """What the end of an application does to its problem."""
    problem = application.problem
    changes: dict[str, Any] = {"status": application.back_to}
    if end == Outcome.PASSED:
        settings = problem.report.settings
        closes = application.kind == CloseKind.CLOSE
        changes = {"status": Status.CLOSED if closes else Status.STANDING}
        if closes:
            changes["closed_on"] = decided_on
        months = settings.follow_ups if closes else [settings.standing_months]
        planned = follow_ups.plan(problem, [clock.months_after(decided_on, count) for count in months])
        given["extra"] = given["extra"] | {"planned": planned}
    _change(problem, changes=changes, judged=True, application=application, **given)


def _next_round(problem: Problem, deadline: dt.date | None) -> dict[str, Any]:
    return {
        "status": Status.IN_PROGRESS,
        "round": problem.round + 1,
        "closed_on": None,
        "deadline": deadline,
        "original_deadline": deadline,
        "deadline_text": "",
    }


def _change(
    problem: Problem,
    *,
    by: User,
    act: str,
    changes: dict[str, Any],
    reason: str = "",
    idempotency_key: str | None = None,
    judged: bool = False,
    application: CloseOut | None = None,
    extra: dict[str, Any] | None = None,
) -> Problem:
    source, target = problem.status, changes["status"]
    allowed = transitions.allowed(transitions.PROBLEM, act, source, target)
    recording.check_transition(allowed, "这一项", str(Status(source).label), str(Status(target).label))
    changed = recording.update(
        problem,
        by=by,
        act=act,
        seen=problem.version,
        changes=changes,
        reason=reason,
        idempotency_key=idempotency_key,
        judged=judged,
        reviewed=application,
        **(extra or {}),
    )
    if "round" in changes:
        follow_ups.tell_problem(problem)
    return cast(Problem, changed)


def _locked(problem: Problem) -> Problem:
    """The problem as it is once nobody else can change its ledger."""
    chain.lock([problem.report])
    related = ("report__unit", "report__settings", "leader", "lead_unit")
    return Problem.objects.select_related(*related).get(pk=problem.pk)


def _check_new_date(deadline: dt.date | None) -> None:
    if deadline is not None and not clock.today() < deadline <= dt.date(2100, 12, 31):
        raise Incomplete("新一轮的整改时限应晚于今天，请核对。", field="deadline")

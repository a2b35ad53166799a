"""Deadlines once set: extended by the reviewed path, or corrected by the office where one was mistyped."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action, Outcome
from rectify.errors import Incomplete
from rectify.models import Extension, Problem, ProblemState, User
from rectify.operations import recording
from rectify.operations.closing import review
from rectify.policies.closing import granted_count

LATEST = dt.date(2100, 12, 31)
# How long a date may be put later as a typing error; after that it is an extension.
CORRECTABLE = dt.timedelta(days=15)


def apply_extension(
    problem: Problem,
    *,
    by: User,
    seen: int,
    new_date: dt.date,
    reason: str,
    progress: str,
    idempotency_key: str | None = None,
) -> Extension:
    """Apply for a later deadline. After expiry this is still possible, and marked as late."""
    reason = review.check_text("延期理由", reason, "reason")
    progress = review.check_text("目前进展", progress, "progress")
    with transaction.atomic():
        current = _locked(problem)
        if chain.find_duplicate(by, idempotency_key):
            return Extension.objects.filter(problem=current).latest("pk")
        if current.version != seen:
            raise recording.stale(current, {"deadline": new_date})
        recording.require(by, Action.APPLY_EXTENSION, current)
        old_date = cast(dt.date, current.deadline)
        _check_later(new_date, old_date)
        application, said = review.begin(
            Extension,
            current,
            by=by,
            old_date=old_date,
            new_date=new_date,
            reason=reason,
            progress=progress,
            late=clock.today() > old_date,
        )
        review.enter_alone(
            application,
            by=by,
            act=Action.APPLY_EXTENSION,
            reason=reason,
            idempotency_key=idempotency_key,
            extra=said,
        )
        return cast(Extension, application)


def correct(
    problem: Problem, *, by: User, seen: int, deadline: dt.date, reason: str, deadline_text: str = ""
) -> Problem:
    """Correct a date that was entered wrongly, with the reason; the wrong one stays in the record.

    Later is a correction only within fifteen days of entering and before any extension: after that,
    a later date is an extension. An earlier date may be set at any time. Without an extension the
    original date is corrected too.
    """
    reason = recording.need_reason(reason)
    with transaction.atomic():
        current = _locked(problem)
        if current.version != seen:
            raise recording.stale(current, {"deadline": deadline})
        recording.require(by, Action.CORRECT_DEADLINE, current)
        extended = granted_count(current) > 0
        old_date = cast(dt.date, current.deadline)
        if not 1990 <= deadline.year <= LATEST.year:
            raise Incomplete("整改时限的年份不对，请核对。", field="deadline")
        if deadline > old_date and (extended or clock.now() - _entered(current) > CORRECTABLE):
            raise Incomplete(
                f"录入满 {CORRECTABLE.days} 天或已延过期的时限，不能再更正为更晚的日期，请按延期办理。",
                field="deadline",
            )
        changes: dict[str, Any] = {"deadline": deadline, "deadline_text": deadline_text.strip()}
        if not extended:
            changes["original_deadline"] = deadline
        changed = recording.update(
            current, by=by, act=Action.CORRECT_DEADLINE, seen=seen, changes=changes, reason=reason
        )
        return cast(Problem, changed)


def _entered(problem: Problem) -> dt.datetime:
    """Since when the deadline of this round is on file: a correction does not start it anew."""
    states = ProblemState.objects.filter(problem=problem, round=problem.round, deadline__isnull=False)
    first = states.order_by("valid_from").values_list("valid_from", flat=True).first()
    return first or clock.now()


def _check_later(new_date: dt.date, old_date: dt.date) -> None:
    if new_date <= old_date:
        raise Incomplete("新的时限应晚于现行时限，请核对。", field="new_date")
    if new_date <= clock.today():
        raise Incomplete("新的时限应晚于今天，请核对。", field="new_date")
    if new_date > LATEST:
        raise Incomplete("新的时限的年份不对，请核对。", field="new_date")


def conclude(application: Extension, end: str, decided_on: dt.date, **given: Any) -> None:
    """Granted, the new date holds and words about the old one go; otherwise nothing changes."""
    if end != Outcome.PASSED:
        review.enter_alone(application, **given)
        return
    problem = application.problem
    if problem.deadline is None or application.new_date <= problem.deadline:
        raise Incomplete("现行时限已经变了，这份延期不再需要，请退回并说明。", field="comment")
    extra = given.pop("extra")
    changes = {"deadline": application.new_date, "deadline_text": ""}
    recording.update(
        problem, seen=problem.version, changes=changes, judged=True, reviewed=application, **given, **extra
    )


def _locked(problem: Problem) -> Problem:
    chain.lock([problem.report])
    related = ("report__unit", "report__settings", "lead_unit")
    return Problem.objects.select_related(*related).get(pk=problem.pk)

"""Many acts before a second person at once: asked for in one act, agreed to or refused in one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action, DutyStatus
from rectify.models import DutyRequest, Notice, User
from rectify.models.each import insert
from rectify.notifications import outbox
from rectify.operations import duties, recording
from rectify.policies import may


def ask_together(rows: Sequence[DutyRequest], *, by: User, reason: str) -> None:
    """Put many acts before a second person, who agrees to them as one: of one moment, in one entry."""
    if not rows:
        return
    now = clock.now()
    for row in rows:
        row.requested_by, row.requested_at, row.reason = by, now, reason[:500]
        insert(row)
    _enter_many(rows, by, Action.REQUEST_DUTY, reason)


def confirm_together(duty: DutyRequest, *, by: User) -> list[DutyRequest]:
    """The second person agrees to all that was asked for with this one, as far as they may; one entry."""
    with transaction.atomic():
        chain.lock([None])
        rows = _together(duty, by, Action.CONFIRM_DUTY)
        notices = [notice for row in rows for notice in duties.take_effect(row, by)]
        _enter_many(rows, by, Action.CONFIRM_DUTY, rows[0].reason, notices)
        return rows


def refuse_together(duty: DutyRequest, *, by: User, reason: str) -> list[DutyRequest]:
    """The second person agrees to none of what was asked for with this one."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        chain.lock([None])
        rows = _together(duty, by, Action.REFUSE_DUTY)
        for row in rows:
            duties.shut_account(row)
            duties.decide(row, by, DutyStatus.REFUSED)
        _enter_many(rows, by, Action.REFUSE_DUTY, reason)
        return rows


def _together(duty: DutyRequest, by: User, act: str) -> list[DutyRequest]:
    """What waits of that batch and is this person's to decide; raises NotAllowed, or WrongState, for none."""
    rows = list(DutyRequest.objects.together_with(duty).select_related(*duties.RELATED).order_by("pk"))
    for row in rows:
        row.requested_by = rows[0].requested_by  # whose posts are read once
    mine = [row for row in rows if may(by, act, row)]
    if not mine:
        return [duties.waiting_row(duty, by, act)]
    return [duties.waiting_row(mine[0], by, act), *mine[1:]]


def _enter_many(
    rows: Sequence[DutyRequest], by: User, act: str, reason: str, notices: Sequence[Notice] = ()
) -> None:
    """One entry names them all."""
    facts = {"count": len(rows), "duties": [str(row) for row in rows], "asked_by": rows[0].requested_by.label}
    label = f"{rows[0]}{f'等 {len(rows)} 项' if len(rows) > 1 else ''}"
    told = {"notices": outbox.summary(notices)} if notices else {}
    entry = chain.append_entry(
        by=by, act=act, report=None, target=rows[0].unit, label=label[:120],
        payload={"facts": facts} | told, reason=reason,
    )  # fmt: skip
    outbox.post(notices, entry)

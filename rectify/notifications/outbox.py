"""Messages: written with their act, read, claimed for delivery, and what became of each attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.db import models, transaction
from django.db.models import F

from rectify import clock
from rectify.audit import chain
from rectify.choices import Channel, NoticeKind, NoticeState
from rectify.models import AuditEntry, Notice, NoticeAttempt, Problem, Report, User
from rectify.models.notices import TEXT_MAX, content_digest
from rectify.models.supervision import facts
from rectify.notifications.recipients import Directory, Told, channels_of

CHUNK = 1000
# How long after each failed attempt the next one comes; after the last the message counts as failed.
BACK_OFF = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
# Whoever claimed a message and vanished gives it free after this.
LEASE = dt.timedelta(minutes=10)
ITEMS_MAX = 200
TEMPLATE_MAX = 4000


def compose(
    report: Report,
    *,
    kind: str,
    to: Iterable[Told],
    text: str,
    url: str,
    directory: Directory,
    items: Sequence[dict[str, Any]] = (),
) -> list[Notice]:
    """The messages of one act in one ledger, not yet stored: one a person and channel."""
    settings = channels_of([report.pk]).get(report.pk)
    told: dict[int, list[str]] = {}
    for person in to:
        told.setdefault(person.user_id, [])
        if person.instead and person.instead not in told[person.user_id]:
            told[person.user_id].append(person.instead)
    notices = []
    for user_id, instead in told.items():
        words = f"{text}（{'；'.join(instead)}）" if instead else text
        # By e-mail goes one letter a day (reminders.py); at once only what is to try it.
        tried = kind == NoticeKind.TEST and settings and settings.email_on
        mailed = bool(tried and directory.emails.get(user_id))
        notices += to_person(user_id, report.pk, kind=kind, text=words, url=url, items=items, mailed=mailed)
    if settings and settings.webhook_on and notices:
        notices.append(to_robot(report.pk, kind=kind, text=text, url=url))
    return notices


def to_person(
    user_id: int,
    report_id: int | None,
    *,
    kind: str,
    text: str,
    url: str,
    items: Sequence[dict[str, Any]],
    mailed: bool,
) -> list[Notice]:
    """The same message in the inbox and, where it is on, by e-mail."""
    channels = [Channel.INBOX, Channel.EMAIL] if mailed else [Channel.INBOX]
    return [_notice(user_id, report_id, kind, channel, text, url, items) for channel in channels]


def to_mail(user_id: int, *, kind: str, text: str, url: str) -> Notice:
    """A message by e-mail alone."""
    return _notice(user_id, None, kind, Channel.EMAIL, text, url, ())


def to_robot(report_id: int, *, kind: str, text: str, url: str) -> Notice:
    """A message to the office's chat robot: counts and codes, no titles and no texts."""
    return _notice(None, report_id, kind, Channel.WEBHOOK, text, url, ())


def _notice(
    user_id: int | None,
    report_id: int | None,
    kind: str,
    channel: str,
    text: str,
    url: str,
    items: Sequence[dict[str, Any]],
) -> Notice:
    now, inside = clock.now(), channel == Channel.INBOX
    return Notice(
        user_id=user_id,
        report_id=report_id,
        day=clock.today(),
        at=now,
        kind=kind,
        channel=channel,
        text=text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…",
        items=list(items)[:ITEMS_MAX],
        url=url,
        state=NoticeState.SENT if inside else NoticeState.PENDING,
        next_try_at=None if inside else now,
        sent_at=now if inside else None,
    )


def summary(notices: Sequence[Notice]) -> dict[str, Any]:
    """What the act's entry keeps of its messages."""
    return {"count": len(notices), "digest": content_digest(notice.content for notice in notices)}


def post(notices: Sequence[Notice], entry: AuditEntry) -> None:
    """Store the messages with their act; call inside its transaction."""
    for notice in notices:
        notice.entry = entry
    Notice.objects.bulk_create(notices, batch_size=CHUNK)


def enter(
    row: models.Model,
    by: User,
    act: str,
    report: Report,
    label: str,
    notices: Sequence[Notice] = (),
    *,
    problem: Problem | None = None,
    idempotency_key: str | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """The entry that holds the row's every value, and the messages of the act."""
    entry = chain.append_entry(
        by=by,
        act=act,
        report=report,
        target=row,
        label=label,
        payload={"row": facts(row), "notices": summary(notices), **(more or {})},
        problem=problem,
        idempotency_key=idempotency_key,
    )
    post(notices, entry)


def enter_of_ledger(report: Report, by: User, act: str, label: str, notices: Sequence[Notice]) -> None:
    """The entry of messages that belong to no one row of a ledger."""
    payload = {"notices": summary(notices)}
    entry = chain.append_entry(by=by, act=act, report=report, target=report, label=label, payload=payload)
    post(notices, entry)


# -- reading -------------------------------------------------------------------------------------------


def mark_read(user: User, ids: Iterable[int] | None = None) -> int:
    """Mark some of one's own messages, or all of them, as read; returns how many were not yet."""
    mine = Notice.objects.inbox_of(user).unread()
    if ids is not None:
        mine = mine.filter(pk__in=list(ids))
    return mine.update(read_at=clock.now())


# -- delivery ------------------------------------------------------------------------------------------


def claim(limit: int) -> list[Notice]:
    """Take messages that are due, so that no other round takes them; each claim is one attempt."""
    now = clock.now()
    with transaction.atomic():
        due = list(Notice.objects.select_for_update(skip_locked=True).due(now)[:limit])
        ids = [notice.pk for notice in due]
        Notice.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, next_try_at=now + LEASE)
    return list(Notice.objects.filter(pk__in=ids).select_related("user", "report").order_by("id"))


def record(notice: Notice, *, succeeded: bool, detail: str, again: bool = True) -> None:
    """Record an attempt: delivered, to be tried again later, or given up."""
    now = clock.now()
    changes: dict[str, Any] = {"state": NoticeState.SENT, "sent_at": now, "next_try_at": None}
    if not succeeded:
        left = again and notice.attempts <= len(BACK_OFF)
        changes = {"state": NoticeState.PENDING if left else NoticeState.FAILED, "next_try_at": None}
        if left:
            changes["next_try_at"] = now + BACK_OFF[notice.attempts - 1]
    with transaction.atomic():
        NoticeAttempt.objects.create(notice=notice, at=now, succeeded=succeeded, detail=detail[:200])
        mine = Notice.objects.filter(pk=notice.pk, state=NoticeState.PENDING, attempts=notice.attempts)
        mine.update(**changes)


# -- settings ------------------------------------------------------------------------------------------


def host_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""

"""Messages: written with their act, read, claimed for delivery, and what became of each attempt."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.db import models, transaction
from django.db.models import F

from rectify import clock
from rectify.choices import Act, Channel, NoticeKind, NoticeState
from rectify.errors import Incomplete, Stale, WrongState
from rectify.models import (
    AllowedHost,
    AuditEntry,
    DeliverySettings,
    Notice,
    NoticeAttempt,
    Problem,
    Report,
    User,
)
from rectify.models.notices import TEXT_MAX, content_digest
from rectify.models.supervision import facts
from rectify.operations import recording
from rectify.operations.recipients import Directory, Told, channels_of

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
        mailed = bool(settings and settings.email_on and directory.emails.get(user_id))
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
    token: str | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """The entry that holds the row's every value, and the messages of the act."""
    entry = recording.enter(
        by=by,
        act=act,
        report=report,
        target=row,
        label=label,
        payload={"row": facts(row), "notices": summary(notices), **(more or {})},
        problem=problem,
        token=token,
    )
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


def mask(address: str) -> str:
    """What may be shown of a robot's address: its host and the last four characters."""
    if not address:
        return "（空）"
    return f"{_host(address)} …{address[-4:]}"


def edit_delivery(
    report: Report,
    *,
    by: User,
    seen: int,
    email_on: bool,
    webhook_on: bool,
    template: str,
    webhook_url: str = "",
    reason: str = "",
) -> DeliverySettings:
    """Change how a ledger's messages leave; an empty address keeps the one there is."""
    with transaction.atomic():
        recording.lock([report])
        recording.require(by, Act.EDIT_DELIVERY, report)
        row, _ = DeliverySettings.objects.get_or_create(report=report)
        if row.version != seen:
            message = "保存失败，您填写的内容没有丢失：消息发送设置刚刚被别人更新。请核对后再次提交。"
            raise Stale(message, [], row.version)
        address = webhook_url.strip() or row.webhook_url
        _check_address(address, webhook_on)
        _check_template(template)
        given = {"email_on": email_on, "webhook_on": webhook_on, "template": template, "webhook_url": address}
        changes = [_change(row, name, value) for name, value in given.items() if getattr(row, name) != value]
        if not changes:
            return row
        mine = DeliverySettings.objects.filter(pk=row.pk, version=seen)
        mine.update(**given, version=F("version") + 1)
        recording.enter(
            by=by,
            act=Act.EDIT_DELIVERY,
            report=report,
            target=row,
            label=f"{report.prefix} 消息发送设置",
            payload={"changes": changes},
            reason=reason,
        )
        row.refresh_from_db()
        return row


def send_test(report: Report, *, by: User) -> int:
    """A message to oneself through every channel that is on; returns how many leave the house."""
    with transaction.atomic():
        recording.lock([report])
        recording.require(by, Act.TEST_DELIVERY, report)
        text = f"这是 {by.label} 发出的测试消息，收到即说明设置正确。"
        written = compose(
            report,
            kind=NoticeKind.TEST,
            to=[Told(by.pk)],
            text=text,
            url=report.get_absolute_url(),
            directory=Directory(),
        )
        leaving = sum(notice.channel != Channel.INBOX for notice in written)
        if not leaving:
            raise WrongState(
                "邮件和群机器人都没有打开，或者您的账号没有填邮箱，没有可以测试的。请先保存设置，再发测试消息。"
            )
        entry = recording.enter(
            by=by,
            act=Act.TEST_DELIVERY,
            report=report,
            target=report,
            label=f"{report.prefix} 测试消息",
            payload={"notices": summary(written)},
        )
        post(written, entry)
        return leaving


def send_again(report: Report, *, by: User, since: dt.datetime, ids: Iterable[int] | None = None) -> int:
    """Put messages that were given up back into the outbox, all of them or some; returns how many."""
    with transaction.atomic():
        recording.lock([report])
        recording.require(by, Act.SEND_AGAIN, report)
        failed = Notice.objects.undelivered(report, since)
        if ids is not None:
            failed = failed.filter(pk__in=list(ids))
        found = list(failed.values_list("pk", flat=True))
        # Its attempts are counted anew; what became of the earlier ones stays in their own rows.
        again = Notice.objects.filter(pk__in=found, state=NoticeState.FAILED)
        count = again.update(state=NoticeState.PENDING, attempts=0, next_try_at=clock.now())
        if not count:
            raise WrongState("没有要再发的消息：可能刚刚已由别人再次发送。请刷新后核对。")
        recording.enter(
            by=by,
            act=Act.SEND_AGAIN,
            report=report,
            target=report,
            label=f"{report.prefix} 再次发送 {count} 条消息",
            payload={"count": count, "messages": sorted(found)},
        )
        return count


def _change(row: DeliverySettings, name: str, value: Any) -> dict[str, Any]:
    if name != "webhook_url":
        return recording.describe(row, name, value)
    old, new = mask(row.webhook_url), mask(value)
    words = {"old": old, "new": new, "old_text": old, "new_text": new}
    return {"field": name, "label": recording.label(row, name), **words}


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _check_address(address: str, needed: bool) -> None:
    if not address:
        if needed:
            raise Incomplete("请填写机器人地址，再打开发送。", ["机器人地址"], field="webhook_url")
        return
    host = _host(address)
    if not address.startswith(("http://", "https://")) or not host or any(ch.isspace() for ch in address):
        raise Incomplete("机器人地址应以 http:// 或 https:// 开头，请核对。", field="webhook_url")
    if not AllowedHost.objects.filter(host=host, active=True).exists():
        raise Incomplete(
            f"主机 {host} 不在允许发往的名单里，没有保存。请系统管理员先在“管理”里登记这台主机。",
            field="webhook_url",
        )


def _check_template(template: str) -> None:
    try:
        shape = json.loads(template)
    except (ValueError, RecursionError) as error:
        raise Incomplete("消息格式不是有效的 JSON，请对照例子核对。", field="template") from error
    if not isinstance(shape, dict) or "{text}" not in template or len(template) > TEMPLATE_MAX:
        raise Incomplete("消息格式应是一个 JSON 对象，并含有 {text}，表示消息内容。", field="template")

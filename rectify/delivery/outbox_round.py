"""One round of delivery: claim what is due, send it, record what became of it."""

from __future__ import annotations

import logging
import time

from django.conf import settings

from rectify.choices import Channel, NoticeKind
from rectify.delivery import email, robots, webhook
from rectify.delivery.outcome import Outcome
from rectify.models import AllowedHost, DeliverySettings, Notice, User
from rectify.models.notices import titles_for
from rectify.notifications import outbox

BATCH = 20
# One round ends after this, so that a robot that hangs holds nothing else up for long.
SECONDS = 60.0
LINES = 20
log = logging.getLogger("rectify.outbox")


def deliver() -> dict[str, int]:
    """Send what is due, for about a minute; returns what became of it."""
    counts, start = {"delivered": 0, "failed": 0}, time.monotonic()
    while time.monotonic() - start < SECONDS and (claimed := outbox.claim(BATCH)):
        allowed = dict(AllowedHost.objects.filter(active=True).values_list("host", "is_internal"))
        for notice in claimed:
            outcome = _attempt(notice, allowed)
            outbox.record(notice, succeeded=outcome.succeeded, detail=outcome.detail, again=outcome.again)
            counts["delivered" if outcome.succeeded else "failed"] += 1
    return counts


def _attempt(notice: Notice, allowed: dict[str, bool]) -> Outcome:
    """A fault of ours in one message must not hold up the others."""
    try:
        return _email(notice) if notice.channel == Channel.EMAIL else _webhook(notice, allowed)
    except Exception as error:
        # The text of the error may hold an address: its kind is enough here.
        log.error("消息 %s 没有发出：%s", notice.pk, type(error).__name__)
        return Outcome(False, f"程序出错：{type(error).__name__}")


def _email(notice: Notice) -> Outcome:
    if notice.user is None or not notice.user.is_active:
        return Outcome(False, "收件人的账号已停用", again=False)
    titles = titles_for(notice.user, [notice])
    lines = notice.lines(titles)
    body = [notice.text, "", *_shortened(lines)]
    if notice.kind == NoticeKind.DAILY and (unread := _unread(notice.user)):
        body += ["", f"还没有读的消息 {len(unread)} 条：", *_shortened(unread)]
    body += ["", f"登录查看：{settings.SITE_URL}{notice.url}"]
    subject = f"整改台账 {NoticeKind(notice.kind).label}"
    return email.send(notice.user.email, subject, "\n".join(body))


def _unread(user: User) -> list[str]:
    """What came since the letter of yesterday, besides the letters themselves."""
    mine = Notice.objects.inbox_of(user).unread().exclude(kind=NoticeKind.DAILY)
    return list(mine.since_yesterday().order_by("id").values_list("text", flat=True))


def _shortened(lines: list[str]) -> list[str]:
    more = [f"…… 共 {len(lines)} 条，其余请登录查看。"] if len(lines) > LINES else []
    return lines[:LINES] + more


def _webhook(notice: Notice, allowed: dict[str, bool]) -> Outcome:
    delivery = DeliverySettings.objects.filter(report=notice.report_id).first()
    if delivery is None or not delivery.webhook_on:
        return Outcome(False, "群机器人已关闭", again=False)
    values = {
        "text": notice.text,
        "url": f"{settings.SITE_URL}{notice.url}",
        "kind": str(NoticeKind(notice.kind).label),
        "ledger": str(notice.report),
    }
    return webhook.send(*robots.request(delivery, values), allowed)

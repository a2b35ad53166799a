"""A ledger's ways out for its messages: changed, tried, and what failed sent again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from rectify import clock
from rectify.audit import chain, field_values, written
from rectify.choices import Action, Channel, NoticeKind, NoticeState, Robot
from rectify.errors import Incomplete, Stale, WrongState
from rectify.models import AllowedHost, DeliverySettings, Notice, Report, User
from rectify.notifications.outbox import TEMPLATE_MAX, compose, host_of, post, summary
from rectify.notifications.recipients import Directory, Told
from rectify.operations import recording


def mask(address: str) -> str:
    """What may be shown of a robot's address: its host and the last four characters."""
    if not address:
        return "（空）"
    return f"{host_of(address)} …{address[-4:]}"


def edit_delivery(
    report: Report,
    *,
    by: User,
    seen: int,
    email_on: bool,
    webhook_on: bool,
    template: str,
    robot: str = Robot.OTHER,
    webhook_url: str = "",
    webhook_secret: str = "",
    reason: str = "",
) -> DeliverySettings:
    """Change how a ledger's messages leave; an empty address or key keeps the one there is."""
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.EDIT_DELIVERY, report)
        row, _ = DeliverySettings.objects.get_or_create(report=report)
        if row.version != seen:
            message = "保存失败，您填写的内容没有丢失：消息发送设置刚刚被别人更新。请核对后再次提交。"
            raise Stale(message, [], row.version)
        address = webhook_url.strip() or row.webhook_url
        _check_address(address, webhook_on)
        _check_template(template)
        given = {
            "email_on": email_on,
            "webhook_on": webhook_on,
            "robot": robot,
            "template": template,
            "webhook_url": address,
            "webhook_secret": webhook_secret.strip() or _key_kept(row, robot, address),
        }
        changes = [_change(row, name, value) for name, value in given.items() if getattr(row, name) != value]
        if not changes:
            return row
        mine = DeliverySettings.objects.filter(pk=row.pk, version=seen)
        mine.update(**given, version=F("version") + 1)
        row.refresh_from_db()
        written.wrote(row)
        chain.append_entry(
            by=by,
            act=Action.EDIT_DELIVERY,
            report=report,
            target=row,
            label=f"{report.prefix} 消息发送设置",
            payload={"changes": changes},
            reason=reason,
        )
        return row


def send_test(report: Report, *, by: User) -> int:
    """A message to oneself through every channel that is on; returns how many leave the house."""
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.TEST_DELIVERY, report)
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
        entry = chain.append_entry(
            by=by,
            act=Action.TEST_DELIVERY,
            report=report,
            target=report,
            label=f"{report.prefix} 测试消息",
            payload={"notices": summary(written)},
        )
        post(written, entry)
        return leaving


def send_again(report: Report, *, by: User, ids: Iterable[int] | None = None) -> int:
    """Put messages that were given up back into the outbox, all of them or some; returns how many."""
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.SEND_AGAIN, report)
        failed = Notice.objects.undelivered(report)
        if ids is not None:
            failed = failed.filter(pk__in=list(ids))
        found = list(failed.values_list("pk", flat=True))
        # Its attempts are counted anew; what became of the earlier ones stays in their own rows.
        again = Notice.objects.filter(pk__in=found, state=NoticeState.FAILED)
        count = again.update(state=NoticeState.PENDING, attempts=0, next_try_at=clock.now())
        if not count:
            raise WrongState("没有要再发的消息：可能刚刚已由别人再次发送。请刷新后核对。")
        chain.append_entry(
            by=by,
            act=Action.SEND_AGAIN,
            report=report,
            target=report,
            label=f"{report.prefix} 再次发送 {count} 条消息",
            payload={"count": count, "messages": sorted(found)},
        )
        return count


def _change(row: DeliverySettings, name: str, value: Any) -> dict[str, Any]:
    if name == "webhook_url":
        old, new = mask(row.webhook_url), mask(value)
    elif name == "webhook_secret":
        old, new = ("已填" if secret else "（空）" for secret in (row.webhook_secret, value))
    else:
        return field_values.describe(row, name, value)
    words = {"old": old, "new": new, "old_text": old, "new_text": new}
    return {"field": name, "label": field_values.label(row, name), **words}


def _key_kept(row: DeliverySettings, robot: str, address: str) -> str:
    """A key belongs to one robot: another gets one of its own."""
    return row.webhook_secret if (row.robot, row.webhook_url) == (robot, address) else ""


def _check_address(address: str, needed: bool) -> None:
    if not address:
        if needed:
            raise Incomplete("请填写机器人地址，再打开发送。", ["机器人地址"], field="webhook_url")
        return
    host = host_of(address)
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

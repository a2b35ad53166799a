"""Separation of duties (三员分立): posts that exclude each other, and acts that wait for a second person."""

from __future__ import annotations

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action, DutyKind, DutyStatus, Role
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.models import DutyRequest, Membership, Relaxation, Unit, User
from rectify.models.duties import is_strict
from rectify.operations import recording
from rectify.roles import WATCHING

APART = "三员分立：系统管理员、安全审计员和业务岗位不能由同一人担任。"


def check_post(row: Membership, *, by: User | None) -> None:
    """Raises NotAllowed for one's own post, Incomplete for one that excludes another the person holds, or
    that waits for its second person already."""
    before = Membership.objects.filter(pk=row.pk).first() if row.pk else None
    if by is not None and by.pk in (row.user_id, before and before.user_id):
        raise NotAllowed("本人的任职由另一位同志变更，不能自己改。您填写的内容没有丢失。")
    if before and DutyRequest.objects.waiting().filter(membership=before).exists():
        raise Incomplete("这项任职正等待第二人确认，现在不能改。", field="active")
    if row.active and is_strict(row.unit.path):
        held = Membership.objects.filter(user=row.user_id, active=True).exclude(pk=row.pk)
        check_apart([row.role, *held.values_list("role", flat=True), *_asked_for(row)])


def check_apart(roles: list[str]) -> None:
    """Raises Incomplete when one person would hold more than one of the three kinds of duty."""
    if len({_duty(role) for role in roles}) > 1:
        raise Incomplete(f"{APART}请先停用原来的任职，或另选一人。", field="role")


def _duty(role: str) -> str:
    return role if role in (Role.SYSADMIN, Role.AUDITOR) else "business"


def _asked_for(row: Membership) -> list[str]:
    """The posts that wait for their second person count as held."""
    waiting = DutyRequest.objects.waiting().filter(kind=DutyKind.POST, user=row.user_id)
    return list(waiting.exclude(membership=row.pk).values_list("membership__role", flat=True))


def needs_second(row: Membership, *, by: User | None) -> bool:
    """Whether this post is given only with a second person."""
    return by is not None and row.active and row.role in WATCHING and is_strict(row.unit.path)


def hold_account(user: User, *, by: User | None, kind: str, reason: str) -> None:
    """The account signs in only after the office or the auditor has agreed; nothing where no duty asks it."""
    if by is None or by.pk == user.pk or DutyRequest.objects.blocking().filter(user=user, kind=kind).exists():
        return
    posts = Membership.objects.filter(user=user, active=True).select_related("unit").order_by("id")
    post = next((post for post in posts if is_strict(post.unit.path)), None)
    if post is not None:
        ask(kind, unit=post.unit, by=by, reason=reason, user=user)


def ask(
    kind: str,
    *,
    unit: Unit,
    by: User,
    reason: str,
    user: User | None = None,
    membership: Membership | None = None,
) -> DutyRequest:
    """Put an act before a second person."""
    row = DutyRequest.objects.create(
        kind=kind, unit=unit, user=user, membership=membership, reason=reason[:500], requested_by=by,
        requested_at=clock.now(),
    )  # fmt: skip
    _enter(row, by, Action.REQUEST_DUTY, reason)
    return row


def ask_to_relax(unit: Unit, *, by: User, reason: str) -> DutyRequest:
    """Ask to switch the separation off for a unit and all below it; another of the three decides."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        chain.lock([None])
        recording.require(by, Action.RELAX_DUTIES, unit)
        if not is_strict(unit.path):
            raise WrongState("这里已经关闭三员分立。")
        if DutyRequest.objects.waiting().filter(kind=DutyKind.RELAX, unit=unit).exists():
            raise WrongState("已有人申请关闭，正等待另一员确认。")
        return ask(DutyKind.RELAX, unit=unit, by=by, reason=reason)


def confirm(duty: DutyRequest, *, by: User) -> DutyRequest:
    """The second person agrees: the act takes effect."""
    with transaction.atomic():
        current = _waiting(duty, by, Action.CONFIRM_DUTY)
        if current.kind == DutyKind.POST and current.membership is not None:
            post = current.membership
            post.active = True
            _decide(current, by, DutyStatus.DONE)  # first: what still waits excludes other posts
            check_post(post, by=by)
            post.save(update_fields=["active"])
        elif current.kind == DutyKind.RELAX:
            relax(current.unit, by=by, reason=current.reason, second=current.requested_by)
            _decide(current, by, DutyStatus.DONE)
        else:
            _decide(current, by, DutyStatus.DONE)
        _enter(current, by, Action.CONFIRM_DUTY, current.reason)
        return current


def refuse(duty: DutyRequest, *, by: User, reason: str) -> DutyRequest:
    """The second person does not agree: a post stays off, an account is switched off."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        current = _waiting(duty, by, Action.REFUSE_DUTY)
        if current.user is not None and current.kind in (DutyKind.ACCOUNT, DutyKind.PASSWORD):
            current.user.is_active = False
            current.user.save(update_fields=["is_active"])
        _decide(current, by, DutyStatus.REFUSED)
        _enter(current, by, Action.REFUSE_DUTY, reason)
        return current


def relax(unit: Unit, *, by: User | None, reason: str, second: User | None = None) -> Relaxation:
    """Switch the separation off: on the console, or by two of the three."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        if Relaxation.objects.over(unit.path).exists():
            raise WrongState("这里已经关闭三员分立。")
        who = "、".join(person.label for person in (second, by) if person) or "控制台"
        row = Relaxation.objects.create(unit=unit, reason=reason[:500], since=clock.now(), by_label=who[:200])
        _record(row, by, Action.RELAX_DUTIES, f"{unit} 关闭三员分立", {"by": who}, reason)
        return row


def restore(unit: Unit, *, by: User | None, reason: str) -> None:
    """Switch the separation on again; nobody need agree."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        recording.require(by, Action.RESTORE_DUTIES, unit)
        row = Relaxation.objects.in_force().filter(unit=unit).first()
        if row is None:
            raise WrongState("这个单位没有关闭三员分立。")
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        _record(row, by, Action.RESTORE_DUTIES, f"{unit} 恢复三员分立", {}, reason)


def break_glass(user: User, *, unit: Unit, reason: str) -> Membership:
    """On the console only: gives one named person the administrator's post again after a lock-out."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        chain.lock([None])
        others = Membership.objects.filter(user=user, active=True).exclude(role=Role.SYSADMIN)
        if is_strict(unit.path):
            check_apart([Role.SYSADMIN, *others.values_list("role", flat=True)])
        post, _ = Membership.objects.update_or_create(
            user=user, unit=unit, role=Role.SYSADMIN, defaults={"active": True}
        )
        user.is_active = True
        user.save(update_fields=["is_active"])
        for duty in DutyRequest.objects.blocking().filter(user=user):
            duty.status, duty.decided_at = DutyStatus.REFUSED, clock.now()
            duty.save(update_fields=["status", "decided_at"])
        facts = {"account": user.username, "unit": str(unit)}
        _record(post, None, Action.BREAK_GLASS, f"{user} {post}", facts, reason)
        return post


def _waiting(duty: DutyRequest, by: User, act: str) -> DutyRequest:
    chain.lock([None])
    related = ("unit", "user", "membership__unit", "requested_by")
    current = DutyRequest.objects.select_related(*related).get(pk=duty.pk)
    recording.require(by, act, current)
    if current.status != DutyStatus.WAITING:
        raise WrongState(f"这件事{DutyStatus(current.status).label}，不能再办理。")
    return current


def _decide(duty: DutyRequest, by: User, status: str) -> None:
    duty.status, duty.decided_by, duty.decided_at = status, by, clock.now()
    duty.save(update_fields=["status", "decided_by", "decided_at"])


def _enter(duty: DutyRequest, by: User, act: str, reason: str) -> None:
    facts = {
        "kind": duty.kind,
        "unit": str(duty.unit),
        "account": duty.user.username if duty.user else "",
        "post": str(duty.membership or ""),
        "asked_by": duty.requested_by.label,
    }
    target = duty.user or duty.unit
    chain.append_entry(
        by=by, act=act, report=None, target=target, label=str(duty)[:120], payload={"facts": facts},
        reason=reason,
    )  # fmt: skip


def _record(
    row: Relaxation | Membership, by: User | None, act: str, label: str, facts: dict[str, str], reason: str
) -> None:
    target = row.unit if isinstance(row, Relaxation) else row
    chain.append_entry(
        by=by, act=act, report=None, target=target, label=label[:120], payload={"facts": facts}, reason=reason
    )

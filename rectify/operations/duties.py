"""Separation of duties (三员分立): posts that exclude each other, and acts that wait for a second person."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action, DutyKind, DutyStatus, NoticeKind, Role
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.models import DutyRequest, Membership, Notice, Relaxation, Unit, User
from rectify.models.duties import WAITS, is_strict
from rectify.notifications import outbox
from rectify.operations import recording
from rectify.operations.sign_in import second_factor
from rectify.operations.sign_in.sessions import end_sessions
from rectify.operations.staffing.post_notices import post_notices
from rectify.operations.staffing.tree_acts import carry_out
from rectify.roles import WATCHING

RELATED = ("unit", "user", "membership__unit", "requested_by", "moved", "target")
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
    if post := _strict_post(user):
        ask(kind, unit=post.unit, by=by, reason=reason, user=user)


def _strict_post(user: User) -> Membership | None:
    """The first post of a person where duties are separated."""
    posts = Membership.objects.filter(user=user, active=True).select_related("unit").order_by("id")
    return next((post for post in posts if is_strict(post.unit.path)), None)


def ask(
    kind: str,
    *,
    unit: Unit,
    by: User,
    reason: str,
    user: User | None = None,
    membership: Membership | None = None,
    moved: Unit | None = None,
    target: Unit | None = None,
) -> DutyRequest:
    """Put an act before a second person."""
    row = DutyRequest.objects.create(
        kind=kind, unit=unit, user=user, membership=membership, moved=moved, target=target,
        reason=reason[:500], requested_by=by, requested_at=clock.now(),
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


def reset_factor(user: User, *, by: User, reason: str) -> DutyRequest | None:
    """A lost telephone: the factor goes when the office or the auditor has agreed, at once where no duty
    asks for it."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        chain.lock([None])
        recording.require(by, Action.RESET_FACTOR, user)
        if not second_factor.has_factor(user):
            raise Incomplete(f"{user.label}没有启用动态口令，不用重设。", field="user")
        if DutyRequest.objects.waiting().filter(kind=DutyKind.FACTOR, user=user).exists():
            raise Incomplete(f"{user.label}的动态口令已经提请重设，正等待第二人确认。", field="user")
        if post := _strict_post(user):
            return ask(DutyKind.FACTOR, unit=post.unit, by=by, reason=reason, user=user)
        second_factor.forget(user)
        label = f"账号 {user.username}"[:120]
        chain.append_entry(
            by=by, act=Action.RESET_FACTOR, report=None, target=user, label=label, payload={"facts": {}},
            reason=reason,
        )  # fmt: skip
        return None


def confirm(duty: DutyRequest, *, by: User) -> DutyRequest:
    """The second person agrees: the act takes effect."""
    with transaction.atomic():
        current = waiting_row(duty, by, Action.CONFIRM_DUTY)
        notices = take_effect(current, by)
        _enter(current, by, Action.CONFIRM_DUTY, current.reason, notices)
        return current


def take_effect(duty: DutyRequest, by: User) -> list[Notice]:
    """What was asked for is done, in the name of both; returns who is to be told of it."""
    if duty.kind == DutyKind.POST and duty.membership is not None:
        post = duty.membership
        post.active = True
        decide(duty, by, DutyStatus.DONE)  # first: what still waits excludes other posts
        check_post(post, by=by)
        post.save(update_fields=["active"])
        end_sessions(post.user)
        return post_notices(post, "已生效")
    if duty.kind == DutyKind.FACTOR and duty.user is not None:
        second_factor.forget(duty.user)
    elif duty.kind == DutyKind.RELAX:
        relax(duty.unit, by=by, reason=duty.reason, second=duty.requested_by)
    decide(duty, by, DutyStatus.DONE)
    if duty.moved is not None and duty.target is not None:
        carry_out(duty.kind, duty.moved, duty.target, by=by, reason=duty.reason, asked_by=duty.requested_by)
    return []


def refuse(duty: DutyRequest, *, by: User, reason: str) -> DutyRequest:
    """The second person does not agree: a post stays off, an account is switched off."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        current = waiting_row(duty, by, Action.REFUSE_DUTY)
        shut_account(current)
        decide(current, by, DutyStatus.REFUSED)
        _enter(current, by, Action.REFUSE_DUTY, reason)
        return current


def shut_account(duty: DutyRequest) -> None:
    """An account that nobody has agreed to signs in no more."""
    if duty.user is not None and duty.kind in (DutyKind.ACCOUNT, DutyKind.PASSWORD):
        duty.user.is_active = False
        duty.user.save(update_fields=["is_active"])


def expire() -> int:
    """What nobody has agreed to in time is void, and whoever asked is told; returns how many."""
    count = 0
    for row in DutyRequest.objects.overdue(clock.now()).order_by("pk"):
        with transaction.atomic():
            chain.lock([None])
            current = DutyRequest.objects.select_related(*RELATED).get(pk=row.pk)
            if current.status != DutyStatus.WAITING:
                continue
            shut_account(current)
            decide(current, None, DutyStatus.EXPIRED)
            _enter(current, None, Action.EXPIRE_DUTY, f"{WAITS.days} 天没有人确认", _told(current))
            count += 1
    return count


def _told(duty: DutyRequest) -> list[Notice]:
    """The notice to whoever asked."""
    became = "账号已停用" if duty.kind in (DutyKind.ACCOUNT, DutyKind.PASSWORD) else "没有生效"
    text = (
        f"您提请的“{duty}”{WAITS.days} 天没有人确认，已作废，{became}。"
        "记录已保留；仍需要办理的，请重新提请并联系确认人。"
    )
    return outbox.to_person(
        duty.requested_by_id, None, kind=NoticeKind.DUTY, text=text, url=reverse("duties"), items=[],
        mailed=False,
    )  # fmt: skip


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
        second_factor.forget(user)
        for duty in DutyRequest.objects.blocking().filter(user=user):
            duty.status, duty.decided_at = DutyStatus.REFUSED, clock.now()
            duty.save(update_fields=["status", "decided_at"])
        facts = {"account": user.username, "unit": str(unit)}
        _record(post, None, Action.BREAK_GLASS, f"{user} {post}", facts, reason)
        return post


def waiting_row(duty: DutyRequest, by: User, act: str) -> DutyRequest:
    """The request as it stands, locked; raises WrongState where it does not wait any more."""
    chain.lock([None])
    current = DutyRequest.objects.select_related(*RELATED).get(pk=duty.pk)
    recording.require(by, act, current)
    if DutyRequest.objects.overdue(clock.now()).filter(pk=current.pk).exists():
        raise WrongState(f"这件事等了 {WAITS.days} 天没有人确认，已作废，请提请人重新提请。")
    if current.status != DutyStatus.WAITING:
        raise WrongState(f"这件事{DutyStatus(current.status).label}，不能再办理。")
    return current


def decide(duty: DutyRequest, by: User | None, status: str) -> None:
    """Who decided what, and when."""
    duty.status, duty.decided_by, duty.decided_at = status, by, clock.now()
    duty.save(update_fields=["status", "decided_by", "decided_at"])


def _enter(duty: DutyRequest, by: User | None, act: str, reason: str, notices: Sequence[Notice] = ()) -> None:
    facts = {
        "kind": duty.kind,
        "unit": str(duty.unit),
        "account": duty.user.username if duty.user else "",
        "post": str(duty.membership or ""),
        "moved": f"{duty.moved} → {duty.target}" if duty.moved else "",
        "asked_by": duty.requested_by.label,
    }
    told = {"notices": outbox.summary(notices)} if notices else {}
    entry = chain.append_entry(
        by=by, act=act, report=None, target=duty.user or duty.unit, label=str(duty)[:120],
        payload={"facts": facts} | told, reason=reason,
    )  # fmt: skip
    outbox.post(notices, entry)


def _record(
    row: Relaxation | Membership, by: User | None, act: str, label: str, facts: dict[str, str], reason: str
) -> None:
    target = row.unit if isinstance(row, Relaxation) else row
    chain.append_entry(
        by=by, act=act, report=None, target=target, label=label[:120], payload={"facts": facts}, reason=reason
    )

"""Accounts, units, leaders and stand-ins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action, DutyKind, Role
from rectify.errors import Incomplete, WrongState
from rectify.models import FormerPassword, Leader, Membership, StandIn, Unit, User
from rectify.operations import duties, recording
from rectify.selectors.staffing.fitness import StandInRules

STAND_IN_DAYS = 90
LONGEST_HISTORY = 24


def add_unit(
    *, by: User | None, name: str, parent: Unit | None = None, short: str = "", reason: str = ""
) -> Unit:
    """Add a unit below another, or a new root."""
    if not name.strip():
        raise Incomplete("请填写单位名称。", ["单位名称"], field="name")
    with transaction.atomic():
        recording.require(by, Action.EDIT_REFERENCE, parent)
        if parent is None and by is not None and not by.covers_all(by.paths(Role.SYSADMIN)):
            raise Incomplete("请选择上级单位：最上级的单位只由管理全部单位的系统管理员新增。", field="parent")
        siblings = Unit.objects.get_children(parent) if parent else Unit.objects.get_root_nodes()
        if siblings.filter(name=name).exists():
            raise Incomplete(f"同一上级下已有“{name}”，请核对。", field="name")
        if parent is None:
            unit = Unit.objects.add_root({"name": name, "short": short})
        else:
            unit = Unit.objects.add_child(Unit.objects.get(pk=parent.pk), {"name": name, "short": short})
        _enter(by, Action.EDIT_REFERENCE, unit, f"新增单位 {name}", {"name": name, "short": short}, reason)
        return unit


def add_account(
    *,
    by: User | None,
    username: str,
    name: str,
    password: str | None,
    memberships: Sequence[tuple[Unit, str]] = (),
    must_change: bool = True,
    phone: str = "",
    reason: str = "",
) -> User:
    """Add an account with its roles; a first password must be changed at sign-in."""
    hashed = make_password(password)  # slow by intent: not while the database is locked
    with transaction.atomic():
        recording.require(by, Action.ADD_ACCOUNT)
        for unit, _ in memberships:
            recording.require(by, Action.EDIT_REFERENCE, unit)
        if User.objects.filter(username=username).exists():
            raise Incomplete(f"账号“{username}”已存在，请换一个。", field="username")
        user = User(username=username, name=name, phone=phone, must_change_password=must_change)
        user.password, user.password_set_at = hashed, clock.now()
        user.is_staff = any(role in (Role.SYSADMIN, Role.OFFICE) for _, role in memberships)
        user.save()
        _give_posts(user, memberships, by, reason)
        roles = [f"{unit} {Role(role).label}" for unit, role in memberships]
        _enter(by, Action.ADD_ACCOUNT, user, f"账号 {username}", {"name": name, "roles": roles}, reason)
        duties.hold_account(user, by=by, kind=DutyKind.ACCOUNT, reason=reason)
        return user


def _give_posts(user: User, memberships: Sequence[tuple[Unit, str]], by: User | None, reason: str) -> None:
    """A post of the three waits for its second person."""
    for unit, role in memberships:
        post = Membership(user=user, unit=unit, role=role)
        if by is not None:
            duties.check_post(post, by=by)
        waits = duties.needs_second(post, by=by)
        post.active = not waits
        post.save()
        if waits and by is not None:
            duties.ask(DutyKind.POST, unit=unit, by=by, reason=reason, user=user, membership=post)


def set_password(user: User, *, by: User | None, password: str, reason: str = "") -> User:
    """Set a password: one's own is final, one set by somebody else must be changed at sign-in.

    Other sessions of the person end, because the password is part of their proof.
    """
    own = by is not None and by.pk == user.pk
    hashed = make_password(password)  # slow by intent: not while the database is locked
    with transaction.atomic():
        chain.lock([None])
        if not own:
            recording.require(by, Action.SET_PASSWORD, user)
        _keep_former(user)
        user.password, user.password_set_at, user.must_change_password = hashed, clock.now(), not own
        user.save(update_fields=["password", "password_set_at", "must_change_password"])
        _enter(by, Action.SET_PASSWORD, user, f"账号 {user.username}", {"own": own}, reason)
        duties.hold_account(user, by=by, kind=DutyKind.PASSWORD, reason=reason)
        return user


def _keep_former(user: User) -> None:
    """The password that goes is remembered, as many as ever may be compared."""
    before = User.objects.get(pk=user.pk).password
    if before:
        FormerPassword.objects.create(user=user, password=before, replaced_at=clock.now())
    old = FormerPassword.objects.filter(user=user).values_list("pk", flat=True)[LONGEST_HISTORY:]
    FormerPassword.objects.filter(pk__in=list(old)).delete()


def add_leader(
    *, by: User | None, post: str, unit: Unit, user: User | None = None, rank: int = 100
) -> Leader:
    """Add a leader, with or without an account."""
    with transaction.atomic():
        recording.require(by, Action.EDIT_REFERENCE, unit)
        leader = Leader.objects.create(post=post, unit=unit, user=user, rank=rank)
        facts = {"post": post, "unit": str(unit), "account": user.username if user else ""}
        _enter(by, Action.EDIT_REFERENCE, leader, f"责任领导 {post}", facts)
        return leader


def name_stand_in(
    absent: User, *, by: User, substitute: User, starts_on: dt.date, ends_on: dt.date, reason: str
) -> StandIn:
    """Say who signs for somebody who is away; the period ends by itself."""
    reason = recording.need_reason(reason)
    if absent.pk == substitute.pk:
        raise Incomplete("外出人员和代办人不能是同一人。", field="substitute")
    if ends_on < starts_on or ends_on < clock.today():
        raise Incomplete("结束日期不能早于开始日期，也不能早于今天。", field="ends_on")
    if (ends_on - starts_on).days > STAND_IN_DAYS:
        raise Incomplete(f"一次最多代办 {STAND_IN_DAYS} 天，更长的请调整任职。", field="ends_on")
    with transaction.atomic():
        chain.lock([None])
        recording.require(by, Action.NAME_STAND_IN, absent)
        _check_substitute(absent, substitute)
        overlap = StandIn.objects.standing(clock.today()).filter(
            absent=absent, starts_on__lte=ends_on, ends_on__gte=starts_on
        )
        if (there := overlap.first()) is not None:
            raise Incomplete(f"这段时间已由{there.substitute.label}代办，请先结束那一段。", field="starts_on")
        row = StandIn.objects.create(
            absent=absent,
            substitute=substitute,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason[:200],
            named_by=by,
            named_at=clock.now(),
        )
        facts = {
            "absent": absent.label,
            "substitute": substitute.label,
            "from": starts_on.isoformat(),
            "to": ends_on.isoformat(),
        }
        label = f"{substitute.label} 代 {absent.label}"[:120]
        _enter(by, Action.NAME_STAND_IN, row, label, facts, reason)
        return row


def end_stand_in(row: StandIn, *, by: User) -> StandIn:
    """The person is back before the period is over."""
    with transaction.atomic():
        chain.lock([None])
        current = StandIn.objects.select_related("absent", "substitute").get(pk=row.pk)
        recording.require(by, Action.END_STAND_IN, current)
        if current.ended_at is not None or current.ends_on < clock.today():
            raise WrongState("这段代办已经结束。")
        current.ended_at = clock.now()
        current.save(update_fields=["ended_at"])
        label = f"{current.substitute.label} 代 {current.absent.label}"[:120]
        _enter(by, Action.END_STAND_IN, current, label, {"ended": True})
        return StandIn.objects.get(pk=current.pk)


def close_account(user: User, *, by: User | None, reason: str) -> User:
    """Switch an account off; everything it did stays in its name."""
    with transaction.atomic():
        recording.require(by, Action.EDIT_ACCOUNT, user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        _enter(by, Action.EDIT_ACCOUNT, user, f"账号 {user.username}", {"active": False}, reason)
        return user


def _check_substitute(absent: User, substitute: User) -> None:
    if why := StandInRules([absent]).why_not(absent, substitute):
        raise Incomplete(why, field="substitute")


def _enter(
    by: User | None,
    act: str,
    target: User | Unit | Leader | StandIn,
    label: str,
    facts: dict,
    reason: str = "",
) -> None:
    chain.append_entry(
        by=by, act=act, report=None, target=target, label=label, payload={"facts": facts}, reason=reason
    )

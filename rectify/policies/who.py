"""Whom acts belong to: each with its test of one thing, its query of many, and what the others are told."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from rectify.choices import DutyKind, Role
from rectify.models import (
    CloseOut,
    CloseOutStep,
    Extension,
    ExtensionStep,
    Leader,
    Measure,
    Membership,
    Problem,
    Unit,
    User,
)
from rectify.models.closing import DECIDING
from rectify.models.deciders import holds, on_paper
from rectify.models.people import within
from rectify.policies.case import Case
from rectify.policies.closing import MODELS, STEP_OF
from rectify.policies.decision import runs
from rectify.policies.rule import Who
from rectify.roles import BUSINESS, REPORTING, SIGNERS, WATCHING

PATH = "report__unit__path"
STEPS: dict[type, Any] = {CloseOut: CloseOutStep, Extension: ExtensionStep}
NOT_OF_THE_UNIT = "{case.label}由责任单位或整改办办理，您不在其中。"


def _held(*roles: str, why: str) -> Who:
    """Whoever has one of the roles, wherever."""
    return Who(lambda case: case.user.has_role(*roles), why, roles=roles)


def _run(case: Case) -> Q:
    return within(PATH, case.user.paths(Role.OFFICE))


# -- the ledger and its problems ----------------------------------------------------------------------


def _leads_unit(case: Case) -> bool:
    return case.problem is None or case.is_office or case.problem.lead_unit_id in case.units


def _led_by_unit(case: Case) -> Q:
    return _run(case) | Q(lead_unit__in=case.units)


def _works(case: Case) -> bool:
    """A measure has a unit of its own; the rest is also for the units that support."""
    if _leads_unit(case):
        return True
    if not case.units:
        return False
    if isinstance(case.thing, Measure):
        return case.thing.unit_id in case.units
    return any(unit.pk in case.units for unit in case.problem.supporting_units.all())


def _worked(case: Case) -> Q:
    if not case.units:
        return _run(case)
    support = Problem.supporting_units.through.objects.filter(problem=OuterRef("pk"), unit__in=case.units)
    return _led_by_unit(case) | Q(Exists(support))


def _follows_up(case: Case) -> bool:
    paths = case.user.paths(Role.INSPECTOR)
    return case.is_office or (
        case.report is not None and any(case.report.unit.path.startswith(path) for path in paths)
    )


def _followed_up(case: Case) -> Q:
    return within(PATH, case.user.paths(Role.OFFICE, Role.INSPECTOR))


OFFICE = Who(lambda case: case.is_office, "{case.label}由本台账的整改办办理。", _run, (Role.OFFICE,))
LEAD_UNIT = Who(_leads_unit, NOT_OF_THE_UNIT, _led_by_unit, (Role.OFFICE, *REPORTING))
UNITS = Who(_works, NOT_OF_THE_UNIT, _worked, (Role.OFFICE, *REPORTING))
LOOKS_AGAIN = Who(
    _follows_up, "回头看由整改办或督查检查人员办理。", _followed_up, (Role.OFFICE, Role.INSPECTOR)
)


# -- reviewed applications ----------------------------------------------------------------------------


def _decided(case: Case) -> Q:
    """Those whose step the person has a key to and has not taken another of; and the papers."""
    step, steps = STEP_OF[case.act], STEPS[MODELS[case.act]]
    # Not `exclude`: of a condition that stands in an index SQLite would compare the value each time.
    decided = steps.objects.filter(step__in=DECIDING, on_paper=False)
    acted = decided.filter(application=OuterRef("pk"), by=case.user)
    return (holds(case.user, step) & ~Q(Exists(acted))) | on_paper(case.user, step)


DECIDER = Who(
    lambda case: case.capacity is not None,
    "这份{case.noun}等{case.waits_for}{case.step}。",
    _decided,
    SIGNERS,
)


def _may_stand_in(case: Case) -> bool:
    """Signers name who stands in for them; the office does so for the people of its units."""
    own = case.absent is None or case.absent.pk == case.user.pk
    if own and case.user.has_role(*SIGNERS):
        return True
    paths = [post.path for post in case.absent.posts] if case.absent else []
    return any(path.startswith(mine) for path in paths for mine in case.user.paths(Role.OFFICE))


STAND_IN = Who(_may_stand_in, "代办人由签批人自己或{case.which_office}指定。", roles=SIGNERS)


# -- what chases --------------------------------------------------------------------------------------


def _is_addressed(case: Case) -> bool:
    """Who a 督办单 is addressed to, while an item of it is theirs; the office for those who have no account,
    or no longer an item."""
    addressee = case.thing
    if case.is_office and (_has_nobody(addressee.leader, addressee.unit_id) or addressee.is_astray):
        return True
    if addressee.leader is None:
        mine = addressee.unit_id in case.units
    else:
        mine = addressee.leader.account_id == case.user.pk
    return mine and not addressee.is_astray


def _has_nobody(leader: Leader | None, unit_id: int | None) -> bool:
    """Nobody with an account could sign for it."""
    if leader is not None:
        return not leader.active or leader.user is None or not leader.user.is_active
    posts = Membership.objects.filter(unit=unit_id, active=True, user__is_active=True)
    return not posts.filter(role__in=REPORTING).exists()


ADDRESSEE = Who(
    _is_addressed,
    "发给{case.thing}的督办单由对方签收和回复；事项已不由对方承担的，由整改办另行督办。",
    roles=(Role.OFFICE, Role.LEADER, *REPORTING),
)
INSTRUCTOR = Who(
    lambda case: case.leads or case.is_office,
    "批示由负责这一项的领导填写，没有账号的领导由整改办代录。",
    roles=(Role.OFFICE, Role.LEADER),
)
HANDLER = Who(_leads_unit, "批示由责任单位办理。", roles=(Role.OFFICE, *REPORTING))


# -- the house ----------------------------------------------------------------------------------------


def reaches(user: User, path: str) -> bool:
    """Whether a unit lies in a subtree that the person administers."""
    return any(path.startswith(mine) for mine in user.paths(Role.SYSADMIN))


def _administers(case: Case) -> bool:
    """Units, leaders and posts of the subtree; an account when all its posts lie there; what belongs to
    the house, or is still to be placed."""
    if not case.user.has_role(Role.SYSADMIN):
        return False
    if isinstance(case.thing, User):
        return User.objects.administered_by(case.user).filter(pk=case.thing.pk).exists()
    unit = case.thing if isinstance(case.thing, Unit) else getattr(case.thing, "unit", None)
    return unit is None or reaches(case.user, unit.path)


SYSADMIN = Who(
    _administers, "{case.label}由系统管理员办理，且限于其任职单位及下级单位。", roles=(Role.SYSADMIN,)
)


def _watches(case: Case) -> bool:
    """One of the three, at or above the unit."""
    path = (case.thing if isinstance(case.thing, Unit) else case.thing.unit).path
    return any(path.startswith(mine) for mine in case.user.paths(*WATCHING))


def _is_second(case: Case) -> bool:
    """Another person of another of the three than the one who asked; an account is agreed to by the office
    or the auditor."""
    request = case.thing
    if case.user.pk in (request.requested_by_id, request.user_id):
        return False
    asked_as = request.requested_by.roles & set(WATCHING)
    others = set(WATCHING) - asked_as
    if request.kind in (DutyKind.ACCOUNT, DutyKind.PASSWORD, DutyKind.FACTOR):
        others -= {Role.SYSADMIN}
    return any(request.unit.path.startswith(mine) for mine in case.user.paths(*others))


def _runs_tree(case: Case) -> bool:
    """The office at or above the unit in which a change of the tree begins and ends."""
    if case.thing is None:
        return bool(case.user.has_role(Role.OFFICE))
    return any(case.thing.path.startswith(mine) for mine in case.user.paths(Role.OFFICE))


TREE_OFFICE = Who(_runs_tree, "{case.label}由两个单位共同上级的整改办办理。", roles=(Role.OFFICE,))
UNIT_OFFICE = Who(_runs_tree, "{case.label}由本单位或上级单位的整改办办理。", roles=(Role.OFFICE,))
WATCHERS = Who(
    lambda case: case.thing is not None and _watches(case),
    "{case.label}由整改办、安全审计员或系统管理员办理。",
    roles=WATCHING,
)
SECOND = Who(
    _is_second,
    "须由申请人和当事人以外、整改办、安全审计员、系统管理员中的另一员确认；账号和密码由整改办或安全审计员确认。",
    roles=WATCHING,
)
ONESELF = Who(
    lambda case: isinstance(case.thing, User) and case.thing.pk == case.user.pk,
    "{case.label}只能由本人办理。",
)
SYSTEM = Who(lambda case: False, "{case.label}由系统自动办理。")
READERS = _held(*BUSINESS, why="您的角色不接触业务内容，不能导出台账。")
# Who may bring a filled-in sheet back; each row is decided by the act it leads to.
IMPORTERS = _held(Role.OFFICE, *REPORTING, why="填报表由责任单位或整改办填写和导入。")
PURGERS = Who(
    lambda case: runs(case.user, case.thing.report) or reaches(case.user, case.thing.report.unit.path),
    "清除由整改办申请，由另一位整改办人员或系统管理员确认。",
    roles=(Role.OFFICE, Role.SYSADMIN),
)

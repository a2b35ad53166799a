"""Who may sign for, answer and write what chases: 督办单 and a leader's instructions."""

from __future__ import annotations

from typing import Any

from rectify.choices import Action, Role, Status
from rectify.models import Addressee, Instruction, Membership, Problem, User
from rectify.policies.decision import YES, Decision, runs

ACTS = (
    Action.ACKNOWLEDGE_SUPERVISION,
    Action.REPLY_SUPERVISION,
    Action.INSTRUCT,
    Action.ACKNOWLEDGE_INSTRUCTION,
)


def decide(user: User, act: str, obj: Any) -> Decision:
    """One of these acts on what it is about."""
    if act == Action.INSTRUCT:
        return instruct(user, obj)
    if act == Action.ACKNOWLEDGE_INSTRUCTION:
        return handle(user, obj)
    return addressed(user, act, obj)


def addressed(user: User, act: str, addressee: Addressee) -> Decision:
    """Who a 督办单 is addressed to; the office for those who have no account."""
    units = user.unit_ids(Role.UNIT_HEAD, Role.CLERK)
    mine = addressee.unit_id in units if addressee.leader is None else addressee.leader.account_id == user.pk
    for_them = runs(user, addressee.report)
    if not mine and not (for_them and (_has_nobody(addressee) or addressee.is_astray)):
        return Decision(False, f"发给{addressee}的督办单由对方签收和回复。")
    if mine and not for_them and addressee.is_astray:
        return Decision(False, f"督办的事项已不由{addressee}承担，由整改办另行督办。")
    signed, replied = hasattr(addressee, "receipt"), hasattr(addressee, "reply")
    if act == Action.ACKNOWLEDGE_SUPERVISION:
        return Decision(False, "这张督办单已经签收。") if signed else YES
    if replied:
        return Decision(False, "这张督办单已经回复，回复不能再改。")
    return YES if signed else Decision(False, "请先签收，再回复。")


def _has_nobody(addressee: Addressee) -> bool:
    """Nobody with an account could sign for it."""
    if addressee.leader is not None:
        account = addressee.leader.user if addressee.leader.active else None
        return account is None or not account.is_active
    posts = Membership.objects.filter(unit=addressee.unit_id, active=True, user__is_active=True)
    return not posts.filter(role__in=(Role.UNIT_HEAD, Role.CLERK)).exists()


def instruct(user: User, problem: Problem) -> Decision:
    leads = user.has_role(Role.LEADER) and _leads(user, problem)
    if not leads and not runs(user, problem.report):
        return Decision(False, "批示由负责这一项的领导填写，没有账号的领导由整改办代录。")
    if problem.withdrawn or problem.carried or problem.status == Status.CLOSED:
        return Decision(False, "这一项已撤回、已结转或已销号，不能再批示。")
    if leads or (problem.leader is not None and problem.leader.user_id is None):
        return YES
    if problem.leader is None:
        return Decision(False, "责任领导还没有明确，不能代录批示。")
    return Decision(False, f"{problem.leader}有账号，批示由本人填写。")


def _leads(user: User, problem: Problem) -> bool:
    if user.leader_id is None:
        return False
    if problem.leader is not None and problem.leader.pk == user.leader_id:
        return problem.leader.active
    return problem.supporting_leaders.filter(pk=user.leader_id, active=True).exists()


def handle(user: User, instruction: Instruction) -> Decision:
    problem = instruction.problem
    units = user.unit_ids(Role.UNIT_HEAD, Role.CLERK)
    if problem.lead_unit_id not in units and not runs(user, problem.report):
        return Decision(False, "批示由责任单位办理。")
    if hasattr(instruction, "handling"):
        return Decision(False, "这条批示已经办理。")
    return Decision(False, "这一项已撤回，不必再办理。") if problem.withdrawn else YES

"""Who may do what, read from the table of rules: one act, the acts on many things, and the buttons."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any

from django.conf import settings
from django.db.models import Q

from rectify.choices import IN_ARCHIVE
from rectify.errors import ARCHIVED
from rectify.models import User
from rectify.policies import state, who
from rectify.policies.case import Case
from rectify.policies.closing import STEP_ACTS, Capacity, Reviewed
from rectify.policies.decision import YES, Decision, runs
from rectify.policies.rules import RULES

__all__ = ["Decision", "allowed", "could", "entrusted", "judge", "may", "runs", "taking"]


def may(user: User, act: str, obj: Any = None) -> Decision:
    """Whether the person may do the act on the thing, with the reason when not."""
    return judge(Case(user, act, obj))


def judge(case: Case) -> Decision:
    """The first condition of the rule that does not hold gives the reason."""
    if not case.user.is_active:
        return Decision(False, "账号已停用，请联系系统管理员。")
    if settings.READ_ONLY and case.act not in IN_ARCHIVE:
        return Decision(False, ARCHIVED)
    for condition in RULES[case.act]:
        if not condition.holds(case):
            return Decision(False, condition.reason(case))
    return YES


def allowed(user: User, act: str) -> Q:
    """The same of many: the problems on which the person may act, or the applications for their step."""
    if not user.is_active:
        return Q(pk__in=[])
    case = Case(user, act)
    queries = [condition.query for condition in RULES[act]]
    if None in queries:
        raise LookupError(f"the rule of {act} cannot be asked of many things at once")
    return reduce(and_, (query(case) for query in queries if query))


def entrusted(user: User, act: str) -> Q:
    """The same whatever the state of the things: for who says the state so that an index leads to them."""
    query = RULES[act].who.query
    return query(Case(user, act)) if user.is_active and query else Q(pk__in=[])


def could(user: User, act: str) -> bool:
    """Whether a role of the person could bring the act, on some thing."""
    return user.has_role(*RULES[act].who.roles)


def taking(user: User, application: Reviewed) -> Capacity | None:
    """As what the person would take the step that waits; nothing when it is another's."""
    case = Case(user, STEP_ACTS[type(application)][application.waiting], application)
    conditions = (*state.ANOTHER_PERSON, who.DECIDER)
    return case.capacity if all(condition.holds(case) for condition in conditions) else None

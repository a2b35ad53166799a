"""Findings with exactly one right answer: from which fact it follows, and what it is for each item.

A rule stands here only where the ledger itself tells the answer; where a person must choose, write or look,
the finding leads to the page where that is done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rectify.choices import Role
from rectify.models import Leader, Membership, Problem, User
from rectify.models.report import ProblemQuerySet
from rectify.selectors.health import finders
from rectify.selectors.health.findings import CheckedLedgers

Answers = dict[int, dict[str, Any]]  # by problem: what each field is to hold


@dataclass(frozen=True)
class Mend:
    """How the findings of one rule are mended, and from which fact the answer follows."""

    rule: str
    name: str
    fact: str
    rows: Callable[[CheckedLedgers], ProblemQuerySet]
    answer: Callable[[Sequence[Problem]], Answers]

    def answers(self, scope: CheckedLedgers) -> Answers:
        rows = self.rows(scope).select_related("leader", "lead_unit").order_by("report", "number")
        return self.answer(list(rows.prefetch_related("supporting_units", "supporting_leaders")))


def holders_of_the_post(problems: Sequence[Problem]) -> Answers:
    """The leader of today under the same post of the same unit; of each there is at most one in office."""
    gone = [problem for problem in problems if problem.leader and not problem.leader.active]
    able = Leader.objects.able().filter(unit__in={problem.leader.unit_id for problem in gone})  # type: ignore[union-attr]
    today = {(leader.unit_id, leader.post): leader for leader in able.select_related("unit", "user")}
    answers: Answers = {}
    for problem in gone:
        holder = today.get((problem.leader.unit_id, problem.leader.post))  # type: ignore[union-attr]
        if holder and holder not in problem.supporting_leaders.all():
            answers[problem.pk] = {"leader": holder}
    return answers


def only_clerks(problems: Sequence[Problem]) -> Answers:
    """The one clerk in post at the units of the item, where there is no other."""
    units = {problem.pk: _units(problem) for problem in problems}
    posts = Membership.objects.filter(
        unit__in=set().union(*units.values()), role=Role.CLERK, active=True, user__is_active=True
    )
    at: dict[int, set[User]] = defaultdict(set)
    for post in posts.select_related("user").prefetch_related("user__memberships"):
        at[post.unit_id].add(post.user)
    clerks = {pk: set().union(*(at[unit] for unit in some)) for pk, some in units.items()}
    return {pk: {"clerk": some.pop()} for pk, some in clerks.items() if len(some) == 1}


def _units(problem: Problem) -> set[int]:
    supporting = {unit.pk for unit in problem.supporting_units.all()}
    return supporting | ({problem.lead_unit_id} if problem.lead_unit_id else set())


MENDS = (
    Mend(
        "leader_gone", "责任领导已不在任", "原来的责任领导已不在任，这一职务现由后面这位担任",
        finders.leaders_gone, holders_of_the_post,
    ),
    Mend(
        "lost_clerk", "经办人打不开这一项", "原来的经办人打不开这一项，这些单位在任的经办人只有后面这位",
        finders.lost_clerks, only_clerks,
    ),
)  # fmt: skip
BY_RULE = {mend.rule: mend for mend in MENDS}


def chosen(rule: str) -> tuple[Mend, ...]:
    """The mends of one rule, or all of them."""
    return tuple(mend for mend in MENDS if not rule or mend.rule == rule)

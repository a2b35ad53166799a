"""How much of a ledger an export holds, in words: said in its title, in its foot and when it is verified."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from rectify import clock
from rectify.models import Leader, Problem, ProblemState, Report, User
from rectify.roles import OVERSEERS, REPORTING

if TYPE_CHECKING:
    from django.db.models import QuerySet


def scope_of(report: Report, problems: QuerySet[Problem], as_of: dt.date, whose: str) -> str:
    """仅含县发改局负责的 2/10 项; empty for a whole ledger."""
    part, whole = _count(problems, as_of), _count(Problem.objects.filter(report=report), as_of)
    return "" if part == whole else f"仅含{whose}的 {part}/{whole} 项"


def holder(user: User, report: Report) -> str:
    """As whose items a person sees only some of a ledger; who oversees it has chosen them."""
    wide = user.paths(*OVERSEERS)
    if any(report.unit.path.startswith(path) for path in wide):
        return "筛选所得"
    names = [post.unit_name for post in user.posts if post.role in REPORTING]
    if user.leader_id:
        names.append(Leader.objects.get(pk=user.leader_id).post)
    return f"{'、'.join(dict.fromkeys(names))}负责" if names else "可以查看"


def _count(problems: QuerySet[Problem], as_of: dt.date) -> int:
    """The problems that the day's ledger holds."""
    if as_of >= clock.today():
        return problems.order_by().filter(withdrawn=False).count()
    ids = problems.order_by().values("pk")
    return ProblemState.objects.at(as_of).filter(problem__in=ids, withdrawn=False).count()

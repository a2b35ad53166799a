"""The first page: what waits for me, by role, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import clock
from ..choices import Act, LinkStatus, Role
from ..filters import ProblemFilter, most_urgent_first
from ..models import ProblemCause, ProblemDirection, Purge, Report, User
from ..policies import may
from ..summaries import ProblemRow, problem_rows
from .list import workable
from .request import SignedIn

SHOWN = 8
WAITING = (
    ("逾期", "light=overdue"),
    ("临期", "light=due_soon"),
    ("本期未报", "light=unreported"),
)
UNASSIGNED = (
    ("未定整改时限", "light=undated"),
    ("未明确责任领导", "leader=none"),
    ("未明确责任单位", "unit=none"),
)


@dataclass
class Group:
    """Things of one sort, with the list they are counted from."""

    title: str
    url: str
    count: int
    ids: list[int] = field(default_factory=list)
    rows: list[ProblemRow] = field(default_factory=list)


@require_safe
def home(request: SignedIn) -> HttpResponse:
    """What waits for the person who is signed in."""
    user = request.user
    groups = _groups(user)
    links, purges = _links(user), _purges(user)
    context = {
        "today": clock.today(),
        "groups": groups,
        "links": links,
        "purges": purges,
        "count": len({pk for group in groups for pk in group.ids}) + len(links) + len(purges),
        "sees_problems": user.has_role(*set(Role) - {Role.SYSADMIN, Role.AUDITOR}),
        "is_sysadmin": user.has_role(Role.SYSADMIN),
        "is_auditor": user.has_role(Role.AUDITOR),
    }
    return render(request, "home/home.html", context)


def _groups(user: User) -> list[Group]:
    """Each group is counted by the very filter its link opens."""
    wanted = WAITING + (UNASSIGNED if user.has_role(Role.OFFICE) else ())
    groups = []
    for title, query in wanted:
        found = most_urgent_first(ProblemFilter.of(user, query).qs)
        ids = list(found.values_list("pk", flat=True))
        groups.append(Group(title, f"{reverse('problems')}?{query}", len(ids), ids))
    shown = [pk for group in groups for pk in group.ids[:SHOWN]]
    rows = {row.problem.pk: row for row in problem_rows(shown, lambda found: workable(user, found))}
    for group in groups:
        group.rows = [rows[pk] for pk in group.ids[:SHOWN]]
    return [group for group in groups if group.count]


def _links(user: User) -> list[tuple[Report, int]]:
    """The reports of the office with ties to causes and directions that no person has confirmed."""
    reports = Report.objects.run_by(user)
    waiting: dict[int, int] = {}
    for model in (ProblemCause, ProblemDirection):
        rows = model.objects.filter(
            status=LinkStatus.PENDING, problem__report__in=reports, problem__withdrawn=False
        )
        for pk, n in rows.order_by().values_list("problem__report").annotate(n=Count("*")):
            waiting[pk] = waiting.get(pk, 0) + n
    return [(report, waiting[report.pk]) for report in reports.filter(pk__in=waiting)]


def _purges(user: User) -> list[Purge]:
    """Requests to remove content that this person may confirm as the second one."""
    waiting = Purge.objects.visible_to(user).waiting().select_related("report__unit", "requested_by")
    return [purge for purge in waiting if may(user, Act.CONFIRM_PURGE, purge)]

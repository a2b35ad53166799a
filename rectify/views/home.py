"""The first page: what waits for me, by role, the most urgent first."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import clock
from ..choices import Act, Light, LinkStatus, Role
from ..filters import ProblemFilter, most_urgent_first
from ..models import ProblemCause, ProblemDirection, Purge, Report, User
from ..policies import may
from ..summaries import ProblemRow, problem_rows
from .frame import BUSINESS
from .list import workable
from .request import SignedIn

SHOWN = 8
WAITING = (
    ("逾期", "light=overdue"),
    ("临期", "light=due_soon"),
    ("本期未报", "light=unreported"),
)
OPEN = "&light=".join(("", Light.OVERDUE, Light.DUE_SOON, Light.UNREPORTED, Light.UNDATED, Light.NORMAL))
UNASSIGNED = (
    ("未定整改时限", "light=undated"),
    ("未明确责任领导", f"leader=none{OPEN}"),
    ("未明确责任单位", f"unit=none{OPEN}"),
)


@dataclass
class Group:
    """Things of one sort, with the list they are counted from and the first of them."""

    title: str
    query: str
    count: int
    ids: list[int]
    rows: list[ProblemRow] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{reverse('problems')}?{self.query}"


@require_safe
def home(request: SignedIn) -> HttpResponse:
    """What waits for the person who is signed in."""
    user = request.user
    runs = user.has_role(Role.OFFICE)
    waiting = _groups(user, WAITING)
    unassigned = _groups(user, UNASSIGNED) if runs else []
    _fill(user, [*waiting, *unassigned])
    context = {
        "today": clock.today(),
        "waiting": waiting,
        "unassigned": unassigned,
        "to_assign": list({row.problem.pk: row for group in unassigned for row in group.rows}.values())[
            :SHOWN
        ],
        "links": _links(user) if runs else [],
        "purges": _purges(user),
        "count": _count(user, runs),
        "may_import": runs and not Report.objects.visible_to(user).exists(),
        "is_business": user.has_role(*BUSINESS),
        "is_sysadmin": user.has_role(Role.SYSADMIN),
        "is_auditor": user.has_role(Role.AUDITOR),
    }
    return render(request, "home/home.html", context)


def _count(user: User, runs: bool) -> int:
    """How many problems wait, each counted once, whatever number of groups it is in."""
    waiting = Q(light__in=(Light.OVERDUE, Light.DUE_SOON, Light.UNREPORTED))
    if runs:
        nobody = Q(leader__isnull=True) | Q(lead_unit__isnull=True)
        waiting |= Q(light=Light.UNDATED) | Q(nobody, light=Light.NORMAL)
    return ProblemFilter.of(user, "").qs.filter(waiting).count()


def _groups(user: User, wanted: tuple[tuple[str, str], ...]) -> list[Group]:
    """Each group is counted by the very filter its link opens; empty ones are left out."""
    groups = []
    for title, query in wanted:
        found = ProblemFilter.of(user, query).qs
        count = found.count()
        ids = list(most_urgent_first(found).values_list("pk", flat=True)[:SHOWN]) if count else []
        groups.append(Group(title, query, count, ids))
    return [group for group in groups if group.count]


def _fill(user: User, groups: list[Group]) -> None:
    """Give all groups their rows at once."""
    ids = list(dict.fromkeys(pk for group in groups for pk in group.ids))
    rows = {row.problem.pk: row for row in problem_rows(ids, lambda found: workable(user, found))}
    for group in groups:
        group.rows = [rows[pk] for pk in group.ids if pk in rows]


def _distinct(groups: list[Group]) -> list[ProblemRow]:
    """The first rows of all groups, each problem once."""
    rows = {row.problem.pk: row for group in groups for row in group.rows}
    return list(rows.values())[:SHOWN]


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

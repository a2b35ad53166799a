"""The first page: what waits for me, by role, the most urgent first."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify import clock
from rectify.backup.readiness import readiness
from rectify.choices import Action, LinkStatus, Role
from rectify.models import ProblemCause, ProblemDirection, Purge, Report, User
from rectify.models.tracked import Rank
from rectify.policies import may
from rectify.selectors.inbox import groups
from rectify.views.context_processors import BUSINESS
from rectify.views.overview import leader_dashboard
from rectify.views.people.duties import waiting_for
from rectify.views.request import AuthenticatedRequest


@require_safe
def home(request: AuthenticatedRequest) -> HttpResponse:
    """What waits for the person who is signed in."""
    user = request.user
    runs = user.has_role(Role.OFFICE)
    found = groups.inbox(user)
    led = leader_dashboard.page(request, found)
    links, purges, duties = _links(user) if runs else [], _purges(user), waiting_for(user)
    count = found.count + len(links) + len(purges) + len(duties)
    context = {
        "today": clock.today(),
        "waiting": found.waiting,
        "leader": led,
        "groups": leader_dashboard.without_lights(found.waiting, led) if led else found.waiting,
        "unassigned": found.unassigned,
        "to_assign": found.to_assign,
        "suggested": found.suggested,
        "links": links,
        "purges": purges,
        "duties": duties,
        "last": groups.last(user),
        "count": count,
        "may_import": runs and not count and not Report.objects.visible_to(user).exists(),
        "is_business": user.has_role(*BUSINESS),
        "is_sysadmin": user.has_role(Role.SYSADMIN),
        "is_auditor": user.has_role(Role.AUDITOR),
        "readiness": readiness() if user.has_role(Role.SYSADMIN) else [],
    }
    return render(request, "home/home.html", context)


def _links(user: User) -> list[tuple[Report, int]]:
    """The reports of the office with ties to causes and directions that no person has confirmed."""
    reports = Report.objects.run_by(user).values("pk")
    parts = []
    for model in (ProblemCause, ProblemDirection):
        rows = model.objects.filter(
            status=LinkStatus.PENDING,
            problem__report__in=reports,
            problem__rank__in=(Rank.OPEN, Rank.STANDING),
        )
        named = rows.order_by().values_list(
            "problem__report", "problem__report__year", "problem__report__title"
        )
        parts.append(named.annotate(n=Count("*")))
    waiting: dict[tuple[int, int, str], int] = {}
    for pk, year, title, n in parts[0].union(parts[1], all=True):
        waiting[year, pk, title] = waiting.get((year, pk, title), 0) + n
    newest_first = sorted(waiting.items(), reverse=True)
    return [(Report(pk=pk, year=year, title=title), n) for (year, pk, title), n in newest_first]


def _purges(user: User) -> list[Purge]:
    """Requests to remove content that this person may confirm as the second one."""
    if not user.has_role(Role.OFFICE, Role.SYSADMIN):
        return []
    waiting = Purge.objects.visible_to(user).waiting().select_related("report__unit", "requested_by")
    return [purge for purge in waiting if may(user, Action.CONFIRM_PURGE, purge)]

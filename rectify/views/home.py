"""The first page: what waits for me, by role, the most urgent first."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import clock
from ..choices import Act, Light, LinkStatus, Role, Status
from ..filters import ProblemFilter
from ..models import ProblemCause, ProblemDirection, Purge, Report, User
from ..policies import may
from ..summaries import ProblemRow, problem_rows
from . import inbox, leading
from .frame import BUSINESS
from .request import SignedIn

OPEN = "&light=".join(("", Light.OVERDUE, Light.DUE_SOON, Light.UNREPORTED, Light.UNDATED, Light.NORMAL))
UNASSIGNED = (
    inbox.Problems("未定整改时限", "light=undated"),
    inbox.Problems("未明确责任领导", f"leader=none{OPEN}"),
    inbox.Problems("未明确责任单位", f"unit=none{OPEN}"),
)


@require_safe
def home(request: SignedIn) -> HttpResponse:
    """What waits for the person who is signed in."""
    user = request.user
    runs = user.has_role(Role.OFFICE)
    waiting = inbox.inbox(user)
    unassigned = [group for build in UNASSIGNED if (group := build(user))] if runs else []
    links, purges = _links(user) if runs else [], _purges(user)
    context = {
        "today": clock.today(),
        "waiting": waiting,
        "leader": (led := leading.page(request)),
        "groups": leading.without_lights(waiting) if led else waiting,
        "unassigned": unassigned,
        "to_assign": _to_assign(unassigned),
        "suggested": _suggested(user) if runs else None,
        "links": links,
        "purges": purges,
        "last": inbox.last(user),
        "count": inbox.waiting([*waiting, *unassigned]) + len(links) + len(purges),
        "may_import": runs and not Report.objects.visible_to(user).exists(),
        "is_business": user.has_role(*BUSINESS),
        "is_sysadmin": user.has_role(Role.SYSADMIN),
        "is_auditor": user.has_role(Role.AUDITOR),
    }
    return render(request, "home/home.html", context)


def _to_assign(groups: list[inbox.Group]) -> list[ProblemRow]:
    """The first items of all groups, each once."""
    ids = list(dict.fromkeys(pk for group in groups for pk in group.ids))
    return problem_rows(ids[: inbox.SHOWN])


def _suggested(user: User) -> inbox.Group | None:
    """Items overdue for so long that a 督办单 is suggested: they are in the list above already."""
    count = ProblemFilter.of(user, "suggest=1").qs.count()
    return inbox.Group("建议督办", f"{reverse('problems')}?suggest=1", count) if count else None


def _links(user: User) -> list[tuple[Report, int]]:
    """The reports of the office with ties to causes and directions that no person has confirmed."""
    reports = Report.objects.run_by(user)
    waiting: dict[int, int] = {}
    for model in (ProblemCause, ProblemDirection):
        rows = model.objects.filter(
            status=LinkStatus.PENDING,
            problem__report__in=reports,
            problem__withdrawn=False,
            problem__carried=False,
        ).exclude(problem__status=Status.CLOSED)
        for pk, n in rows.order_by().values_list("problem__report").annotate(n=Count("*")):
            waiting[pk] = waiting.get(pk, 0) + n
    return [(report, waiting[report.pk]) for report in reports.filter(pk__in=waiting)]


def _purges(user: User) -> list[Purge]:
    """Requests to remove content that this person may confirm as the second one."""
    waiting = Purge.objects.visible_to(user).waiting().select_related("report__unit", "requested_by")
    return [purge for purge in waiting if may(user, Act.CONFIRM_PURGE, purge)]

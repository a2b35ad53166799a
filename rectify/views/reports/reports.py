"""Reports: the list, and one report's own structure with its causes and directions."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify import clock
from rectify.choices import Action
from rectify.models import Problem, Report
from rectify.policies import may
from rectify.selectors.dashboard.asked import tallies_by_report
from rectify.selectors.report_outline import outline
from rectify.selectors.visible import read_visible
from rectify.views.ledger_choice import ledgers_of
from rectify.views.request import AuthenticatedRequest


@require_safe
def reports(request: AuthenticatedRequest) -> HttpResponse:
    """The reports a person may see, the newest first, each with where it stands."""
    looked_at = ledgers_of(request).looked_at
    tallies = tallies_by_report(request.user, looked_at)
    rows = [(report, tallies[report.pk]) for report in looked_at]
    may_import = may(request.user, Action.CREATE_REPORT)
    return render(request, "reports/list.html", {"rows": rows, "may_import": may_import})


@require_safe
def report(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One report: aspect, problem, causes and directions; then each cause and direction with its problems."""
    one = read_visible(Report, request.user, pk, "unit")
    pending_only = request.GET.get("pending") == "1"
    seen = Problem.objects.visible_to(request.user)
    sees_all = Report.objects.auditable_by(request.user).filter(pk=one.pk).exists()
    context = {
        "report": one,
        "outline": outline(one, seen, clock.today(), pending_only, sees_all),
        "pending_only": pending_only,
        "may_deliver": bool(may(request.user, Action.EDIT_DELIVERY, one)),
        "may_add": bool(may(request.user, Action.ADD_PROBLEM, one)),
        "may_carry": bool(may(request.user, Action.CARRY_OVER, one)),
        "may_assign": may(request.user, Action.ASSIGN, one),
        "has_source": one.sources.exists(),
        "sees_all": sees_all,
    }
    return render(request, "reports/report.html", context)

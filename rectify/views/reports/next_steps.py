"""After a load: what is to be settled next about the items that are new, item by item or at once."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from rectify.choices import Action
from rectify.models import ImportBatch, Report
from rectify.operations.recording import require
from rectify.selectors.next_steps import SHOWN, next_steps, unsettled
from rectify.views.request import AuthenticatedRequest


@require_safe
def report_next(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Who answers for it, until when, by what measures: what is lacking, and the page that settles it."""
    report = get_object_or_404(Report.objects.visible_to(request.user).select_related("unit"), pk=pk)
    require(request.user, Action.ASSIGN, report)
    rows = unsettled(report)
    context = {
        "report": report,
        "steps": next_steps(report, rows),
        "rows": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "count": len(rows),
        "total": report.problems.live().count(),
        "batch": ImportBatch.objects.visible_to(request.user).filter(report=report).first(),
    }
    return render(request, "reports/next.html", context)

"""After a load: what is to be settled next about the items that are new, item by item or at once."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify.choices import Action
from rectify.models import ImportBatch, Report
from rectify.operations.recording import require
from rectify.selectors.next_steps import SHOWN, next_steps, unsettled
from rectify.selectors.visible import read_visible
from rectify.views.request import AuthenticatedRequest


@require_safe
def report_next(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Who answers for it, until when, by what measures: what is lacking, and the page that settles it."""
    report = read_visible(Report, request.user, pk, "unit")
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

"""Problem × cause × direction × measure of one report: the gaps, and the ties that close them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from rectify import clock
from rectify.choices import Action, Basis
from rectify.errors import Incomplete, NotAllowed
from rectify.models import ImprovementDirection, LedgerSettings, Problem, Report, RootCause
from rectify.models.report import sees_whole_ledgers
from rectify.operations import reports
from rectify.policies import may
from rectify.selectors.matrix import Asked
from rectify.selectors.matrix import matrix as matrix_of
from rectify.selectors.visible import read_visible
from rectify.views.request import AuthenticatedRequest

SOURCES: dict[str, type[RootCause | ImprovementDirection]] = {
    "cause": RootCause,
    "direction": ImprovementDirection,
}


@require_http_methods(["GET", "HEAD", "POST"])
def matrix(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What is tied to what; the office closes a gap where it stands."""
    report = read_visible(Report, request.user, pk, "unit")
    if request.method == "POST":
        return _mend(request, report)
    seen = Problem.objects.visible_to(request.user)
    sees_all = Report.objects.auditable_by(request.user).filter(pk=pk).exists()
    asked = Asked(
        request.GET.get("page"),
        _number(request.GET.get("problem")),
        request.GET.get("gaps") == "1",
        sees_whole_ledgers(request.user),
    )
    found = matrix_of(report, seen, clock.today(), LedgerSettings.objects.rules(), asked, sees_all)
    context = {
        "report": report,
        "matrix": found,
        "mends": bool(may(request.user, Action.EDIT_REPORT, report)),
        "only_gaps": asked.only_gaps,
        "sees_all": sees_all,
    }
    return render(request, "reports/matrix.html", context)


def _mend(request: AuthenticatedRequest, report: Report) -> HttpResponse:
    """Tie one problem to one cause or direction."""
    if not may(request.user, Action.EDIT_REPORT, report):
        raise NotAllowed("对应关系由本台账的整改办补充。")
    seen = Problem.objects.visible_to(request.user).filter(report=report).select_related("report__unit")
    problem = get_object_or_404(seen, pk=_number(request.POST.get("problem")))
    kind, _, number = request.POST.get("source", "").partition(":")
    if kind not in SOURCES:
        raise Incomplete("请在要对应的根源或努力方向那一格按“补”。没有改动任何内容。", field="source")
    other: Any = get_object_or_404(SOURCES[kind]._default_manager.filter(report=report), pk=_number(number))
    decision = may(request.user, Action.EDIT_REPORT, problem)
    if not decision:
        raise NotAllowed(decision.why)
    reports.add_link(problem, other, by=request.user, basis=Basis.CONTENT)
    messages.success(request, f"已把第 {problem.number} 项对应到“{other}”，并记入审计。")
    return redirect(f"{reverse('matrix', args=[report.pk])}?problem={problem.pk}#problem-{problem.pk}")


def _number(text: str | None) -> int:
    """0, which no row has, for what is no number."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0

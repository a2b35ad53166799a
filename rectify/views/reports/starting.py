"""A ledger without a report: opened by hand, with aspects, causes and directions of the office's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rectify.choices import Action
from rectify.forms.reports import NewLedgerForm, PartForm
from rectify.models import Report
from rectify.operations import reports
from rectify.operations.recording import require
from rectify.selectors.visible import read_visible
from rectify.views.action_form import ActionFormView
from rectify.views.process_form import posted, submit
from rectify.views.request import AuthenticatedRequest

STARTED = "已建立台账《{title}》，请逐项新增问题；问题根源和努力方向可随时补充。"


@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: AuthenticatedRequest) -> HttpResponse:
    """Open a blank ledger."""
    require(request.user, Action.CREATE_REPORT)
    form = NewLedgerForm(posted(request), user=request.user)
    outcome = submit(form, lambda data: reports.start(by=request.user, **data))
    if not outcome.done:
        return render(request, "reports/new.html", {"form": form}, status=outcome.status)
    messages.success(request, STARTED.format(title=outcome.result.title))
    return redirect(outcome.result)


class PartAdd(ActionFormView):
    """Add an aspect, a cause or a direction."""

    action = Action.EDIT_REPORT
    form_class = PartForm
    form_object_name = "report"
    operation = staticmethod(reports.add_named_part)
    draft = "part"
    title, button = "新增方面、根源或方向", "新增"
    intro = "新增后，在“对应矩阵”里标明它与哪些问题对应。"
    success = "已新增“{result.title}”。"

    def get_object(self) -> Report:
        report: Report = read_visible(Report, self.request.user, self.kwargs["pk"])
        return report

    def get_success_url(self, result: Any) -> Any:
        return self.object

    def get_context_data(self) -> dict[str, Any]:
        return {"report": self.object}

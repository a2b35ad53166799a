"""How a ledger's messages leave the house: the office's settings, and what could not be delivered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ..choices import Act, NoticeState
from ..delivery import email
from ..delivery.template import EXAMPLES
from ..forms.supervision import DeliveryForm
from ..models import AllowedHost, DeliverySettings, Notice, Report
from ..operations import notices
from ..operations.recording import require
from .request import SignedIn
from .submitting import submit

FAILED_SHOWN = 20


@sensitive_post_parameters("webhook_url")
@require_http_methods(["GET", "HEAD", "POST"])
def delivery(request: SignedIn, pk: int) -> HttpResponse:
    """The settings of one ledger."""
    report = get_object_or_404(Report.objects.visible_to(request.user).select_related("unit"), pk=pk)
    require(request.user, Act.EDIT_DELIVERY, report)
    current = DeliverySettings.objects.filter(report=report).first() or DeliverySettings(report=report)
    shown = notices.mask(current.webhook_url)

    def act(data: dict[str, Any]) -> DeliverySettings:
        fields = {name: value for name, value in data.items() if name != "version"}
        return notices.edit_delivery(report, by=request.user, seen=data["version"], **fields)

    outcome = submit(DeliveryForm(request.POST or None, settings=current, shown=shown), act)
    if outcome.done:
        messages.success(request, "已保存消息发送设置，见审计记录。")
        return redirect("delivery", pk)
    theirs = Q(report=report) | Q(report=None, user__memberships__unit__path__startswith=report.unit.path)
    unsent = Notice.objects.filter(theirs, state=NoticeState.FAILED).select_related("user").distinct()
    context = {
        "report": report,
        "form": outcome.form,
        "stale": outcome.stale,
        "missing": outcome.missing,
        "examples": EXAMPLES,
        "hosts": AllowedHost.objects.filter(active=True),
        "mail_ready": email.is_set_up(),
        "failed": unsent.order_by("-id").prefetch_related("tries")[:FAILED_SHOWN],
    }
    return render(request, "notices/delivery.html", context, status=outcome.status)

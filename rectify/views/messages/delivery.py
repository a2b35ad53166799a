"""How a ledger's messages leave the house: the office's settings, and what could not be delivered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from rectify.choices import Action
from rectify.delivery import email
from rectify.delivery.template import EXAMPLES
from rectify.forms.supervision import DeliveryForm
from rectify.models import AllowedHost, DeliverySettings, Notice, Report
from rectify.operations import delivery_settings
from rectify.operations.recording import require
from rectify.selectors.visible import read_visible
from rectify.views.process_form import submit
from rectify.views.request import AuthenticatedRequest

FAILED_SHOWN = 20
LONGEST_ID = 18


@sensitive_post_parameters("webhook_url")
@require_http_methods(["GET", "HEAD", "POST"])
def delivery(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The settings of one ledger."""
    report = read_visible(Report, request.user, pk, "unit")
    require(request.user, Action.EDIT_DELIVERY, report)
    current = DeliverySettings.objects.filter(report=report).first() or DeliverySettings(report=report)
    shown = delivery_settings.mask(current.webhook_url)
    form = DeliveryForm(request.POST or None, settings=current, shown=shown)
    outcome = submit(
        form,
        lambda data: delivery_settings.edit_delivery(
            report, by=request.user, seen=data.pop("version"), **data
        ),
    )
    if outcome.done:
        messages.success(request, "已保存消息发送设置，见审计记录。")
        return redirect("delivery", pk)
    context = _state(report) | {
        "form": outcome.form,
        "stale": outcome.stale,
        "missing": outcome.missing,
        "examples": EXAMPLES,
        "can_test": current.email_on or current.webhook_on,
    }
    return render(request, "notices/delivery.html", context, status=outcome.status)


def _state(report: Report) -> dict[str, Any]:
    """Where messages may go, and which did not arrive."""
    failed = Notice.objects.undelivered(report)
    return {
        "report": report,
        "hosts": AllowedHost.objects.filter(active=True),
        "mail_ready": email.is_set_up(),
        "failed": _with_tries(failed),
        "failed_count": failed.count(),
        "retrying": _with_tries(Notice.objects.retrying(report).order_by("next_try_at")),
    }


@require_POST
def delivery_test(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Send oneself a message through every channel that is on."""
    report = read_visible(Report, request.user, pk)
    count = delivery_settings.send_test(report, by=request.user)
    words = f"已放进发件箱 {count} 条测试消息，几分钟内发出；没有送达的会列在本页下面。"
    messages.success(request, words)
    return redirect("delivery", pk)


@require_POST
def delivery_again(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Send what was given up once more: the messages named, or all that the page counts."""
    report = read_visible(Report, request.user, pk)
    given = request.POST.getlist("notice")
    ids = [int(value) for value in given if value.isdecimal() and len(value) <= LONGEST_ID]
    count = delivery_settings.send_again(report, by=request.user, ids=ids if given else None)
    words = f"已把 {count} 条消息放回发件箱，几分钟内再发；仍没有送达的会再列在本页下面。"
    messages.success(request, words)
    return redirect("delivery", pk)


def _with_tries(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    return rows.select_related("user").prefetch_related("tries")[:FAILED_SHOWN]

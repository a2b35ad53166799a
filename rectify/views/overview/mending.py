"""一键修复: what the health check can mend is shown item by item, and carried out once confirmed."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from rectify.audit.chain import decided
from rectify.choices import Action
from rectify.errors import Incomplete, NotAllowed
from rectify.forms.mending import MendForm
from rectify.models import Report
from rectify.operations import mending as operations
from rectify.operations.exchange import drafts as unsent
from rectify.policies import could, runs
from rectify.selectors.health import mending
from rectify.selectors.visible import read_visible
from rectify.views.drafts import draft_token, keeps_text, restored
from rectify.views.overview.health import scope_of
from rectify.views.process_form import key_of, posted
from rectify.views.request import AuthenticatedRequest

OFFICE_ONLY = "一键修复由台账的整改办进行。"


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def mend(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """GET: each item before and after. POST: just that, all of it or nothing."""
    user, rule = request.user, request.GET.get("rule", "")
    if not could(user, Action.ASSIGN):
        raise NotAllowed(OFFICE_ONLY)
    report = read_visible(Report, user, pk, "unit")
    if not runs(user, report):
        raise NotAllowed(OFFICE_ONLY)
    rule = rule if rule in mending.BY_RULE else ""
    proposal = operations.propose(scope_of(user, report), rule, by=user)
    initial = {"reason": _reason(proposal.mends)} | restored(request, f"mend:{report.pk}")
    form = MendForm(posted(request), initial=initial)
    notice = ""
    if form.is_valid():
        try:
            return _carry_out(request, report, rule, form)
        except operations.Changed as changed:
            return _page(request, report, rule, form, changed.proposal, changed.message, 409)
        except Incomplete as refusal:
            notice = refusal.message
    return _page(request, report, rule, form, proposal, notice, 422 if form.is_bound else 200)


def _carry_out(request: AuthenticatedRequest, report: Report, rule: str, form: MendForm) -> HttpResponse:
    given, user = form.cleaned_data, request.user
    with decided(form.acknowledged):
        done = operations.mend(
            report, scope_of(user, report), rule, given["shown"], by=user, reason=given["reason"],
            idempotency_key=key_of("mend", report.pk, given),
        )  # fmt: skip
    unsent.drop(user, f"mend:{report.pk}")
    messages.success(request, f"已一键修复 {done.applied} 项，批次号 {done.number}，都在变更记录里。")
    return redirect(reverse("bulk_done", args=[done.number]))


def _reason(mends: Iterable[mending.Mend]) -> str:
    """What may be said of it; the person writes over it."""
    return f"台账体检：{'、'.join(mend.name for mend in mends)}，按现任人员改定"


def _page(
    request: AuthenticatedRequest,
    report: Report,
    rule: str,
    form: MendForm,
    proposal: operations.Proposal,
    notice: str,
    status: int,
) -> HttpResponse:
    context = {
        "report": report,
        "rule": rule,
        "rule_name": mending.BY_RULE[rule].name if rule else "",
        "form": form,
        "proposal": proposal,
        "plan": proposal.plan,
        "shown": ",".join(sorted(proposal.marks)),
        "notice": notice,
        "draft_token": draft_token(request.user, f"mend:{report.pk}"),
    }
    return render(request, "health/mend.html", context, status=status)

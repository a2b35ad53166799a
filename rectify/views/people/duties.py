"""Separation of duties: what waits for a second person, and where it is switched off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from rectify.choices import Action, DutyStatus
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.forms.people import ReasonForm, RelaxForm
from rectify.models import DutyRequest, Relaxation
from rectify.models.duties import WAITS
from rectify.operations import duties as operations
from rectify.operations.recording import require
from rectify.operations.staffing import duty_batches
from rectify.policies import may
from rectify.roles import DUTY_READERS, WATCHING
from rectify.selectors.staffing.duty_batches import batches
from rectify.selectors.staffing.tree_change import tree_change
from rectify.views.process_form import posted
from rectify.views.request import AuthenticatedRequest

SHOWN = 100
MOST = 2_000  # single requests; a batch holds as many as a roster has people


@require_http_methods(["GET", "HEAD", "POST"])
def duties(request: AuthenticatedRequest) -> HttpResponse:
    """What waits and what was decided; one of the three asks here to switch the separation off."""
    user = request.user
    if not user.has_role(*DUTY_READERS):
        raise NotAllowed("三员分立的事项由整改办、安全审计员、系统管理员和督查检查人员查看。")
    if request.method == "POST" and not user.has_role(*WATCHING):
        raise NotAllowed("关闭三员分立由整改办、安全审计员或系统管理员申请，由另一员确认。")
    form = RelaxForm(posted(request), user=user)
    if form.is_valid():
        try:
            operations.ask_to_relax(form.cleaned_data["unit"], by=user, reason=form.cleaned_data["reason"])
        except (Incomplete, WrongState) as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已提请关闭三员分立，等另一员确认后生效。")
            return redirect("duties")
    return _listed(request, form, ReasonForm(), 422 if form.errors else 200)


def _listed(request: AuthenticatedRequest, form: RelaxForm, reason: ReasonForm, status: int) -> HttpResponse:
    user = request.user
    related = ("user", "unit", "membership__unit", "requested_by", "decided_by", "moved", "target")
    rows = DutyRequest.objects.visible_to(user).select_related(*related)
    found = batches(rows[:MOST], user)[:SHOWN]
    context: dict[str, Any] = {
        "rows": [(one, may(user, Action.CONFIRM_DUTY, one.row), _effect(one.row)) for one in found],
        "days": WAITS.days,
        "relaxed": Relaxation.objects.known_to(user).select_related("unit"),
        "may_relax": user.has_role(*WATCHING),
        "relax_form": form,
        "form": reason,
    }
    return render(request, "people/duties.html", context, status=status)


def _effect(row: DutyRequest) -> str:
    """What agreeing to a change of the tree would do, in counts."""
    if row.status != DutyStatus.WAITING or row.moved is None or row.target is None:
        return ""
    change = tree_change(row.kind, row.moved, row.target)
    return change.refused or change.summary


@require_POST
def confirm(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Agree as the second person."""
    row = get_object_or_404(DutyRequest.objects.visible_to(request.user), pk=pk)
    operations.confirm(row, by=request.user)
    messages.success(request, f"已确认“{row}”，两人的姓名、理由和时间留在审计记录里。")
    return redirect("duties")


@require_POST
def refuse(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Do not agree; the reason is kept."""
    row = get_object_or_404(DutyRequest.objects.visible_to(request.user), pk=pk)
    require(request.user, Action.REFUSE_DUTY, row)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _listed(request, RelaxForm(user=request.user), form, 422)
    operations.refuse(row, by=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, f"未同意“{row}”，理由已记录。")
    return redirect("duties")


@require_POST
def confirm_all(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Agree to a whole batch as the second person."""
    row = get_object_or_404(DutyRequest.objects.visible_to(request.user), pk=pk)
    rows = duty_batches.confirm_together(row, by=request.user)
    messages.success(request, f"已一次确认 {len(rows)} 项，两人的姓名、理由和时间留在审计记录里。")
    return redirect("duties")


@require_POST
def refuse_all(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Agree to nothing of a batch; the reason is kept."""
    row = get_object_or_404(DutyRequest.objects.visible_to(request.user), pk=pk)
    require(request.user, Action.REFUSE_DUTY, row)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _listed(request, RelaxForm(user=request.user), form, 422)
    rows = duty_batches.refuse_together(row, by=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, f"未同意其中 {len(rows)} 项，理由已记录。")
    return redirect("duties")

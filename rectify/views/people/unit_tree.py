"""Moving or merging a unit: the question with its preview, and the act with its reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rectify.choices import Action
from rectify.errors import WrongState
from rectify.forms.people import UnitChangeForm
from rectify.models import DutyRequest
from rectify.operations.recording import require
from rectify.operations.staffing.unit_tree import change_tree
from rectify.selectors.staffing.tree_change import TreeChange, tree_change
from rectify.views.process_form import submit
from rectify.views.request import AuthenticatedRequest


@require_http_methods(["GET", "HEAD", "POST"])
def unit_tree(request: AuthenticatedRequest) -> HttpResponse:
    """GET with a choice previews it; POST asks for it, or does it."""
    require(request.user, Action.MOVE_UNIT)
    if request.method == "POST":
        return _change(request)
    asked = request.GET if "unit" in request.GET else None
    form = UnitChangeForm(asked, user=request.user, asks=True)
    return _page(request, form, status=422 if form.errors else 200)


def _change(request: AuthenticatedRequest) -> HttpResponse:
    form = UnitChangeForm(request.POST, user=request.user)
    try:
        outcome = submit(form, lambda data: change_tree(by=request.user, **data))
    except WrongState as refusal:
        form.add_error(None, refusal.message)
        return _page(request, form, status=409)
    if not outcome.done:
        return _page(request, form, status=outcome.status)
    if isinstance(outcome.result, DutyRequest):
        messages.success(request, f"已提请“{outcome.result}”，等安全审计员或系统管理员确认后生效。")
        return redirect("duties")
    messages.success(request, f"已办理：{outcome.result.words}。{outcome.result.summary}。")
    return redirect("unit_tree")


def _page(request: AuthenticatedRequest, form: UnitChangeForm, status: int) -> HttpResponse:
    form.fields["reason"].required = True  # is asked for now; the question itself needed none
    return render(request, "people/unit_tree.html", {"form": form, "change": _preview(form)}, status=status)


def _preview(form: UnitChangeForm) -> TreeChange | None:
    data = form.cleaned_data if form.is_bound and hasattr(form, "cleaned_data") else {}
    if not all(data.get(name) for name in ("kind", "unit", "target")):
        return None
    return tree_change(data["kind"], data["unit"], data["target"])

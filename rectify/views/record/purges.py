"""Purge of wrongly uploaded content: asked for by one person, decided by another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from rectify.choices import Action, Role
from rectify.errors import NotAllowed
from rectify.forms.people import ReasonForm
from rectify.models import Problem, Purge, User
from rectify.operations import purging
from rectify.operations.recording import require
from rectify.policies import may
from rectify.views.action_form import ActionFormView
from rectify.views.request import AuthenticatedRequest


@require_safe
def purges(request: AuthenticatedRequest) -> HttpResponse:
    """Requests waiting for a second person, and those decided."""
    if not request.user.has_role(Role.OFFICE, Role.SYSADMIN):
        words = "内容清除由整改办申请，由另一位整改办人员或系统管理员确认。"
        told = "清除的申请、确认和理由请在审计记录里查看。" if request.user.has_role(Role.AUDITOR) else ""
        raise NotAllowed(words + told)
    return _listed(request, ReasonForm())


def _listed(request: AuthenticatedRequest, form: ReasonForm, status: int = 200) -> HttpResponse:
    rows = Purge.objects.visible_to(request.user).select_related("requested_by", "decided_by", "report__unit")
    listed = [(purge, may(request.user, Action.CONFIRM_PURGE, purge)) for purge in rows[:200]]
    return render(request, "purges/list.html", {"rows": listed, "form": form}, status=status)


class RequestPurge(ActionFormView):
    """The office asks for the removal of one note, file, measure or problem text."""

    template_name = "purges/request.html"
    action = Action.REQUEST_PURGE
    form_class = ReasonForm
    operation = staticmethod(purging.request)
    success = "已申请清除。内容暂时还在，等另一位同志确认后才会清除。"
    success_url = "purges"

    def get_object(self) -> Any:
        if self.kwargs["kind"] not in purging.MODELS:
            raise Http404
        visible = purging.MODELS[self.kwargs["kind"]].objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["pk"])

    def check_permission(self) -> None:
        require(self.request.user, self.action, self.problem)

    @property
    def draft_key(self) -> str:
        return f"purge{self.kwargs['kind']}-{self.object.pk}:{self.problem.pk}"  # type: ignore[union-attr]

    def get_context_data(self) -> dict[str, Any]:
        problem = self.object if isinstance(self.object, Problem) else None
        return {
            "target": self.object,
            "kind": self.object._meta.verbose_name,
            "has_source": problem is not None and problem.passages.exists(),
            "copies": _copies(self.request.user, problem) if problem else [],
        }


def _copies(user: User, problem: Problem) -> list[Problem]:
    """The same problem on the ledger of another year: a text of its own, which this purge leaves."""
    linked = Q(carried_to=problem) | Q(carried_from=problem)
    return list(Problem.objects.visible_to(user).filter(linked).select_related("report").order_by("pk"))


@require_POST
def confirm(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    purge = get_object_or_404(Purge.objects.visible_to(request.user), pk=pk)
    purging.confirm(purge, by=request.user)
    messages.success(request, f"{purge.target_label}已清除，申请人、确认人、理由和时间留在审计记录里。")
    return redirect("purges")


@require_POST
def refuse(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    purge = get_object_or_404(Purge.objects.visible_to(request.user), pk=pk)
    require(request.user, Action.REFUSE_PURGE, purge)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _listed(request, form, status=422)
    purging.refuse(purge, by=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, f"已不予清除 {purge.target_label}，理由已记录。")
    return redirect("purges")

"""Who signed in, who failed to, from where: for the auditor."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify.choices import Role, SignInOutcome
from rectify.errors import NotAllowed
from rectify.models import SignInAttempt
from rectify.views.request import AuthenticatedRequest

PAGE = 50
FAILED = "failed"


@require_safe
def sign_ins(request: AuthenticatedRequest) -> HttpResponse:
    """Attempts of the last half year, newest first."""
    if not request.user.has_role(Role.AUDITOR):
        raise NotAllowed("登录记录由安全审计员查看。")
    rows = SignInAttempt.objects.visible_to(request.user).select_related("user")
    outcome = request.GET.get("outcome", "")
    if outcome == FAILED:
        rows = rows.failed()
    elif outcome in SignInOutcome.values:
        rows = rows.filter(outcome=outcome)
    elif outcome:
        messages.warning(request, "网址中的结果条件无法识别，已忽略。")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    outcomes = [(FAILED, "没有成功的"), *SignInOutcome.choices]
    return render(request, "audit/sign_ins.html", {"page": page, "outcomes": outcomes})

"""Friendly error pages, and the sign of life for a monitor."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import Error, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from rectify.backup.readiness import is_ready, readiness
from rectify.choices import Role
from rectify.full_disk import takes_nothing_more
from rectify.selectors.unknown_holidays import coverage
from rectify.views.drafts import typed_fields

RETRY_AFTER = "60"
# Names of inputs that no page repeats.
SECRET = re.compile("password|code|secret|otp|username", re.IGNORECASE)
TOO_MUCH_TEXT = "这次提交的文字超过了系统能接收的大小（2 MB），没有保存。"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", {"reason": TOO_MUCH_TEXT}, status=413)
    return render(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """507 while the disk takes nothing more, 503 while the database is locked or away, 500 for the rest.

    Django hands over no exception, but calls this while it handles one; a middleware would miss what
    fails in the session, long before any view. No page needs anything to be drawn.
    """
    error = sys.exc_info()[1]
    if error is not None and takes_nothing_more(error):
        status = 507
    else:
        status = 503 if isinstance(error, OperationalError | InterfaceError) else 500
    answer = HttpResponse(render_to_string(f"{status}.html", {"typed": _typed(request)}), status=status)
    answer["Cache-Control"] = "no-store"
    if status == 503:
        answer["Retry-After"] = RETRY_AFTER
    return answer


def _typed(request: HttpRequest) -> list[str]:
    """The texts of a submit that came to nothing, to be copied: no browser promises to have kept them."""
    if request.method != "POST":
        return []
    try:
        fields = typed_fields(request.POST)
    except Exception:  # whatever is wrong with this request, the page of an error is no place to fail
        return []
    return [text for name, text in fields.items() if text.strip() and not SECRET.search(name)]


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"ok": False}, status=503)
    return JsonResponse({"ok": True})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 or 503 for anybody; what was looked at, for a system administrator who is signed in."""
    checks = readiness()
    ready = is_ready(checks)
    answer: dict[str, Any] = {"ready": ready}
    if request.user.is_authenticated and request.user.has_role(Role.SYSADMIN):
        answer["checks"] = [asdict(check) for check in checks]
    return JsonResponse(answer, status=200 if ready else 503, json_dumps_params={"ensure_ascii": False})


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    known, unknown = coverage()
    return render(request, "help/index.html", {"years_known": known, "years_unknown": unknown})


@login_not_required
@require_safe
def clerk_guide(request: HttpRequest) -> HttpResponse:
    """One sheet to print for whoever fills in progress."""
    return render(request, "help/clerk.html", {"site": settings.SITE_URL})

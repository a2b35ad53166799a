"""The dashboard: one sentence of facts, tiles, then detail; every number links to what it counts."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify import clock, wording
from rectify.models import Unit
from rectify.selectors.dashboard.asked import Asked, asked_of
from rectify.selectors.dashboard.page import dashboard_facts
from rectify.views.ledger_choice import NAMED, ledgers_of
from rectify.views.request import AuthenticatedRequest

FIRST_DAY = dt.date(1950, 1, 1)


@require_safe
def dashboard(request: AuthenticatedRequest) -> HttpResponse:
    """Where the ledgers a person may see stand, today or on a day, and what changed since another."""
    context = dashboard_facts(request.user, read_asked(request))
    return render(request, "dashboard/dashboard.html", context)


def read_asked(request: AuthenticatedRequest) -> Asked:
    """What the query string asks for; what makes no sense is named and ignored."""
    ledgers, unit = ledgers_of(request), _unit(request)
    if request.GET.get(NAMED) and not ledgers.value and not ledgers.is_only(request.GET[NAMED]):
        messages.warning(request, "网址中的报告条件无法识别，已忽略，下面是全部报告的情况。")
    today = clock.today()
    day = _day(request, "on", "截至日期", today) or today
    since = _day(request, "vs", "对比日期", day - dt.timedelta(days=1))
    return asked_of(request.user, ledgers, unit, day, since)


def _unit(request: AuthenticatedRequest) -> Unit | None:
    asked = request.GET.get("unit", "")
    if not asked:
        return None
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 12
    found = Unit.objects.visible_to(request.user).filter(pk=asked).first() if is_number else None
    if found is None:
        messages.warning(request, "网址中的单位条件无法识别，已忽略，下面是全部单位的情况。")
    return found


def _day(request: AuthenticatedRequest, name: str, label: str, last: dt.date) -> dt.date | None:
    asked = request.GET.get(name, "").strip()
    if not asked:
        return None
    try:
        day = dt.date.fromisoformat(asked)
    except ValueError:
        day = dt.date.max
    if FIRST_DAY <= day <= last:
        return day
    messages.warning(request, f"网址中的{label}无法识别，或晚于{wording.date(last)}，已忽略。")
    return None

"""The dashboard: one sentence of facts, tiles, then detail; every number links to what it counts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from .. import clock
from ..choices import Light, Role
from ..filters import most_urgent_first
from ..models import LedgerSettings, Problem, Report, User
from ..models.office import LedgerRule
from ..summaries import Overview, Tally, against_dates, overview, problem_rows, tally, trend
from .holidays import unknown_years
from .request import SignedIn

URGENT = (Light.OVERDUE, Light.DUE_SOON, Light.UNREPORTED)
URGENT_SHOWN = 5


@require_safe
def dashboard(request: SignedIn) -> HttpResponse:
    """Where the ledgers a person may see stand today."""
    today = clock.today()
    reports = list(Report.objects.visible_to(request.user).select_related("unit"))
    report = _chosen(request, reports)
    seen = Problem.objects.visible_to(request.user)
    mine = seen.filter(report=report) if report else seen
    rules = LedgerSettings.objects.rules()
    numbers = overview(mine, today, rules)
    urgent = most_urgent_first(mine.live().with_light(today, rules).filter(light__in=URGENT))
    base = f"{reverse('problems')}?{urlencode({'report': report.pk}) + '&' if report else ''}"
    context = {
        "today": today,
        "reports": reports,
        "report": report,
        "numbers": numbers,
        "base": base,
        "tiles": _tiles(numbers),
        "dates": against_dates(mine, today),
        "urgent": problem_rows(list(urgent.values_list("pk", flat=True)[:URGENT_SHOWN]), rules=rules),
        "trend": trend(mine.live(), today, rules=rules),
        "may_check": request.user.has_role(Role.OFFICE, Role.INSPECTOR),
        "whole": _whole(request.user, reports, report, rules),
        "unknown_years": unknown_years([report] if report else reports, mine),
    }
    return render(request, "dashboard/dashboard.html", context)


def _chosen(request: SignedIn, reports: list[Report]) -> Report | None:
    """The report asked for; the only one when there is but one; otherwise all of them."""
    asked = request.GET.get("report", "")
    found = next((report for report in reports if str(report.pk) == asked), None)
    if asked and not found:
        messages.warning(request, "网址中的报告条件无法识别，已忽略，下面是全部报告的情况。")
    return found or (reports[0] if len(reports) == 1 else None)


def _tiles(numbers: Overview) -> list[dict[str, object]]:
    """The five tiles, and 未定 when there is any."""
    lights, longest = numbers.all.lights, numbers.longest_overdue
    rows = [
        (
            "overdue",
            "逾期",
            lights[Light.OVERDUE],
            f"最长 {longest} 天" if longest else "没有逾期",
            "light=overdue",
        ),
        (
            "due_soon",
            "临期或未报",
            numbers.all.yellow,
            f"临期 {lights[Light.DUE_SOON]} · 未报 {lights[Light.UNREPORTED]}",
            "light=due_soon&light=unreported",
        ),
        ("normal", "正常", lights[Light.NORMAL], "按计划推进", "light=normal"),
        ("standing", "长期坚持", lights[Light.STANDING], "持续抓、定期查", "light=standing"),
        ("closed", "已销号", lights[Light.CLOSED], f"占全部的 {numbers.all.closed_percent}%", "light=closed"),
        ("carried", "已结转", lights[Light.CARRIED], "在新的台账里继续", "light=carried"),
        ("undated", "未定", lights[Light.UNDATED], "还没有定整改时限", "light=undated"),
    ]
    names = ("value", "label", "count", "note", "query")
    return [
        dict(zip(names, row, strict=True)) for row in rows if row[2] or row[0] not in ("undated", "carried")
    ]


def _whole(user: User, reports: list[Report], report: Report | None, rules: list[LedgerRule]) -> Tally | None:
    """For a leader or a unit: the totals of their ledgers, numbers only, no links, no texts."""
    if user.has_role(Role.OFFICE, Role.INSPECTOR) or not reports:
        return None
    theirs = [report] if report else reports
    return tally(Problem.objects.filter(report__in=theirs), clock.today(), rules)

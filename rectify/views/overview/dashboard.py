"""The dashboard: one sentence of facts, tiles, then detail; every number links to what it counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from rectify import clock, wording
from rectify.choices import Action, RagStatus, Role
from rectify.models import LedgerSettings, Problem, Report, Unit, User
from rectify.models.office import LedgerRule
from rectify.models.report import sees_whole_ledgers
from rectify.models.rollups import WEEKS_AHEAD
from rectify.policies import may
from rectify.selectors.dashboard.changes import changes
from rectify.selectors.dashboard.counts import Scope
from rectify.selectors.dashboard.overview import Overview, overview, tally
from rectify.selectors.dashboard.rollups import kept_of
from rectify.selectors.dashboard.tallies import Tally
from rectify.selectors.dashboard.trends import trend
from rectify.selectors.dashboard.unit_tree import by_subtree
from rectify.selectors.problem_filter import most_urgent_first
from rectify.selectors.problem_rows import ProblemRow, problem_rows
from rectify.selectors.unknown_holidays import unknown_years
from rectify.views.request import AuthenticatedRequest

URGENT = (RagStatus.OVERDUE, RagStatus.DUE_SOON, RagStatus.UNREPORTED)
URGENT_SHOWN = 5
ROWS_SHOWN = 12
OPEN_LIGHTS = "&".join(f"light={light}" for light in (*URGENT, RagStatus.UNDATED, RagStatus.NORMAL))
FIRST_DAY = dt.date(1950, 1, 1)


@dataclass(frozen=True)
class Asked:
    """What the page is about: which report and unit, of which day, compared with which."""

    looked: Scope
    reports: list[Report]
    since: dt.date
    is_usual: bool  # compared with the last cut-off, as nobody asked otherwise

    @property
    def base(self) -> str:
        """The list of what is counted; conditions are added to it."""
        return self.list_of()

    def list_of(self, **other: str | None) -> str:
        """The list, with conditions changed or (None) taken out."""
        pairs: dict[str, int | str | None] = (
            {**self.pairs} | ({"within": self.looked.unit.pk} if self.looked.unit else {}) | other
        )
        said = urlencode({name: value for name, value in pairs.items() if value is not None})
        return f"{reverse('problems')}?{said + '&' if said else ''}"

    @property
    def pairs(self) -> dict[str, int | str]:
        """What the list needs to know of report and day."""
        pairs: dict[str, int | str] = {"report": self.looked.report.pk} if self.looked.report else {}
        return pairs | ({"on": self.looked.day.isoformat()} if self.looked.is_past else {})

    @property
    def kept(self) -> str:
        """What a step in the tree of units carries along."""
        pairs = self.pairs | ({} if self.is_usual else {"vs": self.since.isoformat()})
        return f"{urlencode(pairs)}&" if pairs else ""


@require_safe
def dashboard(request: AuthenticatedRequest) -> HttpResponse:
    """Where the ledgers a person may see stand, today or on a day, and what changed since another."""
    asked = asked_of(request)
    looked = asked.looked
    first = urgent(looked)
    counted = counted_of(asked)
    numbers = counted["numbers"]
    context = counted | {
        "today": clock.today(),
        "lists": asked.list_of(within=None),
        "undated": asked.list_of(on=None),
        "open_lights": OPEN_LIGHTS,
        "tiles": tiles(numbers, first),
        "tree": by_subtree(numbers.by_unit, looked.unit),
        "leaders": numbers.by_leader[:ROWS_SHOWN],
        "ledgers": _worst(numbers.by_report),
        "silent": numbers.stale[:ROWS_SHOWN],
        "urgent": first,
        "trend": trend(looked, looked.day, ahead=0 if looked.is_past else WEEKS_AHEAD),
        "may_check": request.user.has_role(Role.OFFICE, Role.INSPECTOR),
        "whole": _whole(request.user, asked),
        "unknown_years": _unknown_years(asked),
        "may_import": may(request.user, Action.CREATE_REPORT),
    }
    return render(request, "dashboard/dashboard.html", context)


def asked_of(request: AuthenticatedRequest) -> Asked:
    """What the query string asks for; what makes no sense is named and ignored."""
    found = Report.objects.visible_to(request.user).select_related("unit", "settings", "counted")
    reports = list(found.newest_first())
    report = _report(request, reports)
    unit = _unit(request)
    today = clock.today()
    day = _day(request, "on", "截至日期", today) or today
    rule = report.settings.rule if report else (reports[0].settings.rule if reports else LedgerRule())
    usual = clock.period_start(day, rule.period, rule.cutoff_day) - dt.timedelta(days=1)
    since = _day(request, "vs", "对比日期", day - dt.timedelta(days=1))
    seen = Problem.objects.visible_to(request.user)
    looked = Scope(seen, day, _rules(reports), report, unit)
    asked = Asked(looked, reports, since or usual, since is None)
    if looked.is_past or report or unit or not sees_whole_ledgers(request.user):
        return asked
    kept = kept_of(reports, not seen.query.where, day, asked.since, looked.rules)
    return replace(asked, looked=replace(looked, kept=kept[0], others=kept[1])) if kept else asked


def counted_of(asked: Asked) -> dict[str, Any]:
    """What every overview shows: what was asked, the counts of the day, and what changed since."""
    looked = asked.looked
    numbers = overview(looked, looked.day, reports=asked.reports, earlier=asked.since)
    return {
        "asked": asked,
        "looked": looked,
        "reports": asked.reports,
        "report": looked.report,
        "numbers": numbers,
        "base": asked.base,
        "dates": numbers.dates,
        "changes": changes(looked, asked.since),
    }


def _rules(reports: list[Report]) -> list[LedgerRule]:
    """The rules in use, read with the reports; with a calendar only where days of work are counted."""
    if not reports or any(report.settings.by_working_days for report in reports):
        return LedgerSettings.objects.rules()
    return list(dict.fromkeys(report.settings.rule for report in reports))


def _report(request: AuthenticatedRequest, reports: list[Report]) -> Report | None:
    """The report asked for; the only one when there is but one; otherwise all of them."""
    asked = request.GET.get("report", "")
    found = next((report for report in reports if str(report.pk) == asked), None)
    if asked and not found:
        messages.warning(request, "网址中的报告条件无法识别，已忽略，下面是全部报告的情况。")
    return found or (reports[0] if len(reports) == 1 else None)


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


def urgent(looked: Scope, shown: int = URGENT_SHOWN) -> list[ProblemRow]:
    """The first of what needs somebody, as it stands today."""
    if looked.is_past:
        return []
    conditions = looked.rows().light_conditions(looked.day, looked.rules)
    wanted = conditions[RagStatus.OVERDUE]
    for light in URGENT[1:]:
        wanted |= conditions[light]
    first = most_urgent_first(looked.rows().filter(wanted))
    return problem_rows(list(first.values_list("pk", flat=True)[:shown]), rules=looked.rules)


def tiles(numbers: Overview, first: list[ProblemRow]) -> list[dict[str, object]]:
    """The five tiles, and 未定 and 已结转 when there are any; each with its change."""
    lights, before = numbers.all.lights, numbers.earlier
    worst = first[0].light.words.replace("逾期", "最长") if first else "当天的情况"
    overdue, yellow, closed = lights[RagStatus.OVERDUE], numbers.all.yellow, lights[RagStatus.CLOSED]
    soon = f"临期 {lights[RagStatus.DUE_SOON]} · 未报 {lights[RagStatus.UNREPORTED]}"
    rows = [
        ("overdue", "逾期", overdue, worst if overdue else "没有逾期", "light=overdue", before.overdue),
        ("due_soon", "临期或未报", yellow, soon, "light=due_soon&light=unreported", before.yellow),
        ("normal", "正常", lights[RagStatus.NORMAL], "按计划推进", "light=normal",
         before.lights[RagStatus.NORMAL]),
        ("standing", "长期坚持", lights[RagStatus.STANDING], "持续抓、定期查", "light=standing",
         before.lights[RagStatus.STANDING]),
        ("closed", "已销号", closed, f"占全部的 {numbers.all.closed_percent}%", "light=closed",
         before.closed),
        ("carried", "已结转", lights[RagStatus.CARRIED], "在新的台账里继续", "light=carried",
         before.lights[RagStatus.CARRIED]),
        ("undated", "未定", lights[RagStatus.UNDATED], "还没有定整改时限", "light=undated",
         before.lights[RagStatus.UNDATED]),
    ]  # fmt: skip
    names = ("value", "label", "count", "note", "query", "before")
    made: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    for tile in made:
        difference = tile["count"] - tile["before"]
        tile["change"] = f"{difference:+d}" if difference else "持平"
        tile["words"] = (
            f"{tile['label']}{'多' if difference > 0 else '少'} {abs(difference)} 项" if difference else ""
        )
    return [tile for tile in made if tile["count"] or tile["value"] not in ("undated", "carried")]


def _worst(rows: list[Tally]) -> list[Tally]:
    """All rows in their order, or the worst of too many."""
    if len(rows) <= ROWS_SHOWN:
        return rows
    return sorted(rows, key=lambda row: (-row.overdue, -row.yellow, row.rank))[:ROWS_SHOWN]


def _whole(user: User, asked: Asked) -> Tally | None:
    """For a leader or a unit: the totals of their ledgers, numbers only, no links, no texts."""
    looked = asked.looked
    if user.has_role(Role.OFFICE, Role.INSPECTOR) or not asked.reports or looked.is_past:
        return None
    theirs = [looked.report] if looked.report else asked.reports
    return tally(Problem.objects.filter(report__in=theirs), looked.day, looked.rules)


def _unknown_years(asked: Asked) -> str:
    """Asked only where a ledger counts working days."""
    theirs = [asked.looked.report] if asked.looked.report else asked.reports
    counting = any(report.settings.by_working_days for report in theirs)
    return unknown_years(theirs, asked.looked.problems) if counting else ""

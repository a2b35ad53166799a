"""Many items filled in as in a sheet: opened for the list's filter, saved as a returned copy is loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from rectify import clock, wording
from rectify.choices import Action
from rectify.errors import Incomplete, TooLong
from rectify.forms.grid import GridForm
from rectify.ledger.roundtrip.columns import CLEARABLE, GRID, KIND_WORDS, WorkingColumn
from rectify.ledger.roundtrip.grid import LIMIT, codes_in, read_grid
from rectify.ledger.roundtrip.rows import Names, WorkingRow, working_rows
from rectify.models import Draft, Leader, Problem, Report
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.policies import may
from rectify.selectors.problem_filter import ProblemFilter, describe
from rectify.views.drafts import draft_token, keeps_text, restored
from rectify.views.problems.grid_save import NOTHING, Attempt, attempt
from rectify.views.request import AuthenticatedRequest

MOST_LEDGERS = 50
NONE_OPEN = "所列的事项里没有您可以填写的。填报由责任单位和整改办办理。"
TOO_MANY = "表格一次最多打开 {limit} 项，现在有 {count} 项。请按单位、领导等条件筛选后再打开。"
SHAPES = {"deadline": "day", "percent": "percent"}
# Said otherwise than in a sheet that leaves.
HINTS = {
    "deadline": "写日期，或 2026年6月底前 这样的文字；定下后不能在这里改",
    "progress": "写明做了什么、结果如何；成为一条新的进展，不覆盖以前的",
    "clerk": "责任单位或配合单位的经办人、负责人",
}


@dataclass(frozen=True)
class Selection:
    """What a grid is opened for: one ledger, which of its items, and in what words."""

    report: Report
    problems: QuerySet[Problem]
    words: str
    query: str


class SeveralLedgers(Exception):
    """The conditions leave items of several ledgers: a batch belongs to one."""

    def __init__(self, reports: list[Report]) -> None:
        super().__init__()
        self.reports = reports


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: AuthenticatedRequest) -> HttpResponse:
    """GET: the rows of the filter, with what was typed and not saved. POST: all of it saved, or none."""
    require(request.user, Action.IMPORT)
    if request.GET.get("kept") and not request.GET.get("report"):
        return redirect(_of_the_draft(request))
    try:
        chosen = selection(request)
        if request.method == "POST":
            return _save(request, chosen)
        kept = restored(request, key_of(chosen.report))
        return _page(request, chosen, Attempt(), {"rows": "", "reason": ""} | kept)
    except SeveralLedgers as several:
        context = {"reports": several.reports, "query": _query(request.GET, "")}
        return render(request, "problems/grid_ledgers.html", context)
    except Incomplete as wrong:
        context = {"reason": wrong.message, "heading": "没有打开表格", "back": reverse("problems")}
        return render(request, "problems/bulk_refused.html", context, status=422)


def key_of(report: Report) -> str:
    return f"grid:{report.pk}"


def _of_the_draft(request: AuthenticatedRequest) -> str:
    """An expired sign-in leads back to the rows that were being filled in."""
    draft = Draft.objects.filter(user=request.user, key__startswith="grid:").order_by("-updated_at").first()
    if draft is None:
        return reverse("problems")
    query = QueryDict(mutable=True)
    query.update({"report": draft.key.partition(":")[2], "kept": request.GET["kept"], "draft": "1"})
    return f"{reverse('grid')}?{query.urlencode()}"


def selection(request: AuthenticatedRequest) -> Selection:
    """The items of one ledger that the list's conditions leave."""
    data = request.GET
    found = ProblemFilter.of(request.user, data)
    report = _report(request, found)
    if found.ignored:
        words = wording.listed(found.ignored)
        raise Incomplete(f"筛选条件“{words}”的值无法识别。请回到整改事项重新筛选。")
    problems = found.qs.filter(report=report)
    if data.get("draft"):
        problems = problems.none()
    elif (count := problems.count()) > LIMIT:
        raise Incomplete(TOO_MANY.format(limit=LIMIT, count=count))
    words = describe({**found.cleaned, "report": None})
    return Selection(report, problems, words, _query(data, str(report.pk)))


def _report(request: AuthenticatedRequest, found: ProblemFilter) -> Report:
    seen = Report.objects.visible_to(request.user).select_related("unit")
    asked = request.GET.get("report", "")
    if asked.isascii() and asked.isdigit():
        return get_object_or_404(seen, pk=int(asked))
    ids = found.qs.order_by().values_list("report_id", flat=True).distinct()
    reports = list(seen.filter(pk__in=list(ids[:MOST_LEDGERS])))
    if len(reports) > 1:
        raise SeveralLedgers(reports)
    if not reports:
        raise Incomplete("没有符合条件的整改事项。请换一个条件，再打开表格。")
    return reports[0]


def _query(data: QueryDict, report: str) -> str:
    """The conditions, about this ledger."""
    query = data.copy()
    for name in ("page", "after", "before", "per_page", "cols", "sort", "report", "kept"):
        query.pop(name, None)
    if report:
        query["report"] = report
    return query.urlencode()


def rows_of(
    request: AuthenticatedRequest, chosen: Selection, names: Names, codes: list[str]
) -> list[WorkingRow]:
    """The items of the filter, and those that were typed into before; in the order of the ledger."""
    seen = Problem.objects.visible_to(request.user).filter(report=chosen.report)
    problems = seen.filter(
        Q(pk__in=chosen.problems.order_by().values("pk")) | Q(code__in=codes), withdrawn=False
    )

    def opens(problem: Problem, act: str) -> bool:
        return bool(may(request.user, act, problem))

    return working_rows(problems, names, opens=opens, today=clock.today(), using="default")


def offered(names: Names) -> dict[str, Any]:
    """What the cells of lists may hold: leaders, units, types; clerks by their unit."""
    able = Leader.objects.able().filter(unit__path__startswith=names.path).select_related("unit")
    return {
        "leader": [names.leader(leader) for leader in able],
        "lead_unit": names.units,
        "kind": list(KIND_WORDS),
        "clerk": names.clerks_by_unit,
    }


def hint_of(column: WorkingColumn) -> str:
    return HINTS.get(column.key, "" if column.choices else column.hint)


def shown_cell(column: WorkingColumn, row: WorkingRow) -> str:
    """A deadline is shown as people write it; the rest as it is compared."""
    text = row.cells[column.key]
    return wording.date(row.problem.deadline) if column.key == "deadline" and text else text


def _save(request: AuthenticatedRequest, chosen: Selection) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in ("rows", "reason")}
    tried = _tried(request, chosen.report)
    if tried.warning == NOTHING:  # all of it stands there already: saved twice, or typed as it was
        unsent.drop(request.user, key_of(chosen.report))
        return _page(request, chosen, tried, {"rows": "", "reason": ""})
    if tried.batch is None:
        with contextlib.suppress(TooLong):  # the page holds it too
            unsent.keep(request.user, key=key_of(chosen.report), fields=typed)
        return _page(request, chosen, tried, typed)
    unsent.drop(request.user, key_of(chosen.report))
    messages.success(
        request, f"已保存 {tried.applied} 项，批次号 {tried.batch.pk}，写入的每一条记录列在下面。"
    )
    return redirect("import_batch", pk=tried.batch.pk)


def _tried(request: AuthenticatedRequest, report: Report) -> Attempt:
    form = GridForm(request.POST)
    if not form.is_valid():
        return Attempt("；".join(str(line) for lines in form.errors.values() for line in lines))
    if not form.cleaned_data["rows"]:
        return Attempt(NOTHING)
    try:
        posted = read_grid(form.cleaned_data["rows"], report)
        return attempt(
            request.user, posted, reason=form.cleaned_data["reason"], shown=form.cleaned_data["shown"]
        )
    except Incomplete as wrong:
        return Attempt(wrong.message)


def _page(
    request: AuthenticatedRequest, chosen: Selection, tried: Attempt, typed: Mapping[str, str]
) -> HttpResponse:
    names = Names(chosen.report)
    rows = rows_of(request, chosen, names, codes_in(typed["rows"]))
    columns = [column for column in GRID if any(column.key in row.open for row in rows)]
    if not columns:
        raise Incomplete(NONE_OPEN)
    context = {
        "report": chosen.report,
        "words": chosen.words,
        "query": chosen.query,
        "columns": [
            (column, SHAPES.get(column.key, "text"), column.key in CLEARABLE, hint_of(column))
            for column in columns
        ],
        "rows": [_drawn(row, columns, names) for row in rows],
        "offered": offered(names),
        "tried": tried,
        "typed": typed,
        "at": clock.now().isoformat(),
        "draft_key": key_of(chosen.report),
        "draft_token": draft_token(request.user, key_of(chosen.report)),
    }
    return render(request, "problems/grid.html", context, status=tried.status if tried.warning else 200)


def _drawn(row: WorkingRow, columns: list[WorkingColumn], names: Names) -> dict[str, Any]:
    problem = row.problem
    supporting = "、".join(names.unit(unit) for unit in problem.supporting_units.all())
    by = wording.date(problem.deadline) if problem.deadline else "未定时限"
    return {
        "row": row,
        "sub": f"{row.cells['lead_unit'] or '未明确单位'} · {by}",
        "supporting": supporting,
        "cells": [(shown_cell(column, row), column.key in row.open) for column in columns],
    }

"""The ledger in Excel: what an export will hold, the export itself, and the exports recorded so far."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_safe

from .. import clock, wording
from ..choices import Act
from ..errors import Incomplete
from ..filters import ProblemFilter, describe
from ..ledger.columns import COLUMN_SETS, LEDGER, ColumnSet, column_set
from ..ledger.issue import XLSX, as_of_day, file_name, stamp_of, title_of, write_issue
from ..models import LedgerExport, Measure, Problem, Report, User
from ..operations import exports
from ..operations.recording import head_of, require
from .request import SignedIn

PAGE = 20
OURS = ("report", "as_of", "columns", "page")  # parameters that are no condition of the filter


@dataclass(frozen=True)
class Choice:
    """What a request asks for: whose ledger, which problems, of which day, in which columns."""

    report: Report
    problems: QuerySet[Problem]
    as_of: dt.date
    columns: ColumnSet
    selection: str


@require_safe
def ledger(request: SignedIn) -> HttpResponse:
    """Choose a ledger, see what its file will hold, download it; below, what was issued before."""
    require(request.user, Act.EXPORT)
    reports = Report.objects.visible_to(request.user).select_related("unit").newest_first()
    issued = LedgerExport.objects.visible_to(request.user).select_related("report", "by")
    context: dict[str, Any] = {
        "reports": reports,
        "exports": Paginator(issued, PAGE).get_page(request.GET.get("page")),
    }
    if reports:
        try:
            context |= _preview(request)
        except Incomplete as wrong:
            return render(request, "400.html", {"reason": wrong.message}, status=400)
    return render(request, "ledger/ledger.html", context)


@require_GET
def ledger_export(request: SignedIn) -> HttpResponseBase:
    """The ledger as a file: current filter ∩ what the person may see, recorded before it leaves."""
    require(request.user, Act.EXPORT)
    try:
        choice = choice_of(request.user, request.GET)
    except Incomplete as wrong:
        return render(request, "400.html", {"reason": wrong.message}, status=400)
    name = file_name(choice.report, choice.as_of)
    file = _issue(choice, request.user)
    response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    response["Cache-Control"] = "private, no-store"
    return response


def _issue(choice: Choice, by: User) -> BinaryIO:
    """The file, written whole and recorded; when the response closes it, it is gone."""
    report, head, chosen = choice.report, head_of(choice.report), choice.selection
    stamp = stamp_of(report, as_of=choice.as_of, exporter=by.label, head=head, selection=chosen)
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        written = write_issue(report, choice.problems, choice.columns, stamp, file)
        exports.record(
            report, by=by, as_of=choice.as_of, columns=choice.columns.key, selection=chosen,
            problems=written.problems, sha256=written.sha256, head=head,
        )  # fmt: skip
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def choice_of(user: User, data: QueryDict) -> Choice:
    """Wrong conditions are refused here, not ignored: a file must hold what its stamp says."""
    found = ProblemFilter.of(user, data)
    report = _report(user, data.get("report", ""), found)
    if found.ignored:
        words = wording.listed(found.ignored)
        raise Incomplete(f"筛选条件“{words}”的值无法识别，没有导出。请回到整改事项重新筛选。", field="filter")
    as_of = as_of_day(data.get("as_of", ""), report)
    conditions = {name: value for name, value in found.cleaned.items() if name != "report"}
    selection = describe(conditions)
    # Withdrawn since then is no reason to miss what a past day's ledger held: the rows know.
    everything = Problem.objects.visible_to(user)
    problems = found.qs if conditions else everything
    if conditions and as_of < clock.today():
        selection += "（按导出当天的情况筛选）"
    columns = column_set(data.get("columns") or LEDGER.key)
    return Choice(report, problems.filter(report=report), as_of, columns, selection)


def _report(user: User, asked: str, found: ProblemFilter) -> Report:
    """The one asked for; otherwise the newest with a problem the conditions leave, or the newest of all."""
    reports = Report.objects.visible_to(user).select_related("unit", "settings").newest_first()
    if asked:
        if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
            raise Incomplete(f"台账“{asked[:30]}”无法识别，没有导出。请从台账页重新选择。", field="report")
        return get_object_or_404(reports, pk=int(asked))
    report = reports.filter(pk__in=found.qs.order_by().values("report")).first() or reports.first()
    if report is None:
        raise Http404
    return report


def _preview(request: SignedIn) -> dict[str, Any]:
    choice = choice_of(request.user, request.GET)
    kept = [(name, value) for name in request.GET if name not in OURS for value in request.GET.getlist(name)]
    problems = choice.problems if choice.selection else choice.problems.filter(withdrawn=False)
    return {
        "choice": choice,
        "title": title_of(choice.report),
        "file_name": file_name(choice.report, choice.as_of),
        "is_past": choice.as_of < clock.today(),
        "today": clock.today(),
        "first_day": clock.day_of(choice.report.created_at),
        "problem_count": problems.count(),
        "measure_count": Measure.objects.kept().filter(problem__in=problems.order_by().values("pk")).count(),
        "headings": [column.heading_on(choice.as_of) for column in choice.columns.columns],
        "column_sets": list(COLUMN_SETS.values()),
        "head": head_of(choice.report),
        "file_token": str(uuid.uuid4()),
        "kept": [(name, value) for name, value in kept if value],
    }

"""The ledger in Excel: what an export will hold, the export itself, and the exports recorded so far."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_safe

from rectify import clock, wording
from rectify.audit.chain import head_of
from rectify.choices import Action
from rectify.errors import Incomplete
from rectify.forms.fields import clean_text
from rectify.ledger.archive.by_unit import ZIP, write_unit_books, zip_of
from rectify.ledger.archive.issue import (
    XLSX,
    as_of_day,
    file_name,
    form_title,
    stamp_of,
    title_of,
    write_forms,
)
from rectify.ledger.columns import ALWAYS, COLUMN_SETS, ColumnSet, chosen_sets
from rectify.ledger.own_forms import own_sets
from rectify.ledger.scope import holder, scope_of
from rectify.models import ExportChoice, LedgerExport, LedgerForm, Measure, Problem, Report, User
from rectify.operations.exchange import exports, import_export
from rectify.operations.recording import require
from rectify.policies import may
from rectify.selectors.ledgers import YEAR, reports_in
from rectify.selectors.problem_filter import ProblemFilter, describe
from rectify.views.ledger_choice import ledgers_of
from rectify.views.ledgers.download import and_clean_up, made_for_download, told
from rectify.views.request import AuthenticatedRequest

PAGE = 20
BY_UNIT = "unit"
FOOT = {"title": 100, "reporter": 30, "reviewer": 30, "phone": 40}  # what is typed, and how much of it
# Parameters that are no condition of the filter.
OURS = ("report", "as_of", "columns", "column", "split", "remember", "page", *FOOT)


@dataclass(frozen=True)
class Choice:
    """What a request asks for: whose ledger, which problems, of which day, in which columns."""

    report: Report
    problems: QuerySet[Problem]
    as_of: dt.date
    sets: list[ColumnSet]
    selection: str
    foot: dict[str, str] = field(default_factory=dict)  # title and names as typed; empty: the usual ones
    scope: str = ""  # how much of the ledger that is; empty for all of it

    @property
    def key(self) -> str:
        return "+".join(column_set.label for column_set in self.sets)[:200]

    @property
    def title(self) -> str:
        return form_title(self.foot.get("title") or title_of(self.report), self.sets[0], len(self.sets) == 1)


@require_safe
def ledger(request: AuthenticatedRequest) -> HttpResponse:
    """Choose a ledger, see what its file will hold, download it; below, what was issued before."""
    require(request.user, Action.EXPORT)
    reports = ledgers_of(request).seen
    issued = LedgerExport.objects.visible_to(request.user).select_related("report", "by")
    if ledgers_of(request).value:
        issued = issued.filter(report__in=ledgers_of(request).looked_at)
    context: dict[str, Any] = {
        "reports": reports,
        "may_start": may(request.user, Action.CREATE_REPORT),
        "exports": Paginator(issued, PAGE).get_page(request.GET.get("page")),
    }
    if reports:
        try:
            context |= _preview(request)
        except Incomplete as wrong:
            return render(request, "400.html", {"reason": wrong.message}, status=400)
    return render(request, "ledger/ledger.html", context)


@require_GET
def ledger_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The ledger as a file: current filter ∩ what the person may see, recorded before it leaves."""
    require(request.user, Action.EXPORT)
    try:
        choice = choice_of(request.user, request.GET)
    except Incomplete as wrong:
        return render(request, "400.html", {"reason": wrong.message}, status=400)
    if request.GET.get("remember"):
        import_export.remember(request.user, choice.report, _remembered(choice, request.GET))
    name = file_name(choice.report, choice.as_of, choice.title)
    response: StreamingHttpResponse
    if request.GET.get("split") == BY_UNIT:
        name = f"{name.removesuffix('.xlsx')}分单位.zip"
        response = StreamingHttpResponse(_issue_by_unit(choice, request.user), content_type=ZIP)
        response["Content-Disposition"] = content_disposition_header(True, name)
    else:
        file = _issue(choice, request.user)
        response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    response["Cache-Control"] = "private, no-store"
    return told(request, response, name)


def _issue(choice: Choice, by: User) -> BinaryIO:
    """The file, written whole and recorded; when the response closes it, it is gone."""
    report, head, chosen = choice.report, head_of(choice.report), choice.selection
    stamp = stamp_of(
        report,
        as_of=choice.as_of,
        exporter=by.label,
        head=head,
        selection=chosen,
        scope=choice.scope,
        **choice.foot,
    )
    with made_for_download() as file:
        written = write_forms(report, choice.problems, choice.sets, stamp, file)
        exports.record(
            report, by=by, as_of=choice.as_of, columns=choice.key, selection=chosen,
            problems=written.problems, sha256=written.sha256, head=head,
        )  # fmt: skip
    return file


def _issue_by_unit(choice: Choice, by: User) -> Iterator[bytes]:
    """One workbook for each unit, all written and recorded before the first byte of the zip leaves."""
    report, head = choice.report, head_of(choice.report)
    stamp = stamp_of(
        report, as_of=choice.as_of, exporter=by.label, head=head, selection=choice.selection, **choice.foot
    )
    folder = tempfile.TemporaryDirectory()
    try:
        books = write_unit_books(report, choice.problems, choice.sets, stamp, Path(folder.name))
        if not books:
            raise Incomplete("没有符合条件的整改事项，没有导出。请放宽筛选条件后再试。")
        for book in books:
            exports.record(
                report, by=by, as_of=choice.as_of, columns=choice.key, selection=book.selection,
                problems=book.written.problems, sha256=book.written.sha256, head=head,
            )  # fmt: skip
    except BaseException:
        folder.cleanup()
        raise
    return and_clean_up(zip_of(books, clock.now()), folder)


def choice_of(user: User, data: QueryDict) -> Choice:
    """Wrong conditions are refused here, not ignored: a file must hold what its stamp says."""
    found = ProblemFilter.of(user, data)
    found.with_carried = True
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
    sets = sets_of(report, data.getlist("columns"), data.getlist("column"))
    foot = {name: _line(data.get(name, ""), longest) for name, longest in FOOT.items()}
    problems = problems.filter(report=report)
    scope = scope_of(report, problems, as_of, holder(user, report))
    said = "；".join(filter(None, (scope, selection)))
    return Choice(report, problems, as_of, sets, said, foot, scope)


def sets_of(report: Report, keys: Iterable[str], columns: Iterable[str]) -> list[ColumnSet]:
    """The forms that are asked for: official ones and those of the ledger's own office."""
    own = own_sets(LedgerForm.objects.offered(report.unit))
    return chosen_sets(filter(None, keys), columns, own)


def _line(text: str, longest: int) -> str:
    return " ".join(clean_text(text).split())[:longest]


def _remembered(choice: Choice, asked: QueryDict) -> dict[str, Any]:
    named = {f"{column_set.key}.{column.key}" for column_set in choice.sets for column in column_set.columns}
    columns = sorted(named) if asked.getlist("column") else []
    return {"columns": [column_set.key for column_set in choice.sets], "column": columns, **choice.foot}


def _last_choice(request: AuthenticatedRequest, report: Report) -> dict[str, Any]:
    """What the form shows: what the address says, otherwise what the person chose the last time."""
    if any(name in request.GET for name in ("columns", *FOOT)):
        return _remembered(choice_of(request.user, request.GET), request.GET)
    kept = ExportChoice.objects.filter(user=request.user, report=report).first()
    return dict(kept.choice) if kept else {}


def _last_sets(last: dict[str, Any], own: dict[str, ColumnSet]) -> list[ColumnSet]:
    """What was chosen the last time, without forms that are no longer in use."""
    known = [key for key in last.get("columns", []) if key in own or key in COLUMN_SETS]
    return chosen_sets(known, last.get("column", []), own)


def _report(user: User, asked: str, problem_filter: ProblemFilter) -> Report:
    """The one asked for; otherwise the newest with a problem the conditions leave, or the newest of all."""
    reports = reports_in(user, asked).select_related("unit", "settings")
    if asked and asked != YEAR:
        if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
            raise Incomplete(f"台账“{asked[:30]}”无法识别，没有导出。请从台账页重新选择。", field="report")
        return get_object_or_404(reports, pk=int(asked))
    report = reports.filter(pk__in=problem_filter.qs.order_by().values("report")).first() or reports.first()
    if report is None:
        raise Http404
    return report


def _preview(request: AuthenticatedRequest) -> dict[str, Any]:
    choice = choice_of(request.user, request.GET)
    last = _last_choice(request, choice.report)
    own = own_sets(LedgerForm.objects.offered(choice.report.unit))
    sets = _last_sets(last, own)
    kept = [(name, value) for name in request.GET if name not in OURS for value in request.GET.getlist(name)]
    problems = choice.problems.filter(withdrawn=False)
    return {
        "choice": choice,
        "title": title_of(choice.report),
        "file_name": file_name(choice.report, choice.as_of, choice.title),
        "last": last,
        "forms": _forms(sets),
        "own_forms": [(key, form.name, form in sets) for key, form in own.items()],
        "may_make_forms": bool(may(request.user, Action.MAKE_FORM, choice.report)),
        "headings": [
            (column_set.name, [column.name for column in column_set.columns]) for column_set in sets
        ],
        "may_file": bool(may(request.user, Action.FILE_LEDGER, choice.report)),
        "may_import": may(request.user, Action.IMPORT),
        "is_past": choice.as_of < clock.today(),
        "today": clock.today(),
        "first_day": clock.day_of(choice.report.created_at),
        "problem_count": problems.count(),
        "measure_count": Measure.objects.kept().filter(problem__in=problems.order_by().values("pk")).count(),
        "head": head_of(choice.report),
        "file_key": str(uuid.uuid4()),
        "to_file": _to_file(last, sets),
        "kept": [(name, value) for name, value in kept if value],
    }


def _to_file(last: dict[str, Any], sets: list[ColumnSet]) -> list[tuple[str, str]]:
    """What the form of filing carries: the forms, columns, title and foot that the page shows."""
    pairs = [("columns", column_set.key) for column_set in sets] + [
        ("column", name) for name in last.get("column", [])
    ]
    return pairs + [(name, last[name]) for name in FOOT if last.get(name)]


def _forms(chosen: list[ColumnSet]) -> list[dict[str, Any]]:
    """Every form with its columns, ticked as they were the last time."""
    kept = {one.key: one for one in chosen}
    forms = []
    for one in COLUMN_SETS.values():
        ticked = {column.key for column in kept.get(one.key, one).columns}
        columns = [
            (f"{one.key}.{column.key}", column.name, column.key in ticked)
            for column in one.columns
            if column.key not in ALWAYS
        ]
        forms.append({"key": one.key, "name": one.name, "chosen": one.key in kept, "columns": columns})
    return forms

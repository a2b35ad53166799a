"""Two states of a ledger side by side: a page, and the same as an Excel sheet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_safe

from rectify import clock
from rectify.audit.chain import head_of
from rectify.choices import Action
from rectify.errors import Incomplete, NotAllowed
from rectify.ledger.archive import compare as comparing
from rectify.ledger.archive.compare_sheet import compare_file_name, write_comparison
from rectify.ledger.archive.issue import XLSX, as_of_day, title_of
from rectify.ledger.archive.readers import reads_all
from rectify.ledger.archive.two_days import TwoDays
from rectify.ledger.archive.verdict import changes_since
from rectify.ledger.rows import snapshot
from rectify.models import IssuedLedger, Problem, Report, User
from rectify.operations.exchange import exports
from rectify.operations.recording import require
from rectify.selectors.ledgers import YEAR, reports_in
from rectify.views.ledger_choice import ledgers_of
from rectify.views.ledgers.download import made_for_download, told
from rectify.views.request import AuthenticatedRequest
from rectify.wording import date

PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What is compared with what."""

    report: Report
    old: dt.date
    new: dt.date
    kind: str
    issued: IssuedLedger | None = None

    @property
    def words(self) -> str:
        now = "现在" if self.new == clock.today() else date(self.new)
        if self.issued:
            return f"{date(self.old)}签发的台账（编码 {self.issued.code}）与{now}"
        return f"{date(self.old)}与{now}"

    def of_kind(self, found: comparing.Comparison) -> list[comparing.ComparedProblem]:
        """The lines of the kind asked for, or all."""
        return [line for line in found.lines if not self.kind or line.kind == self.kind]


@require_safe
def compare(request: AuthenticatedRequest) -> HttpResponse:
    """What was added, withdrawn and changed between two dates, or between a date and now."""
    require(request.user, Action.EXPORT)
    reports = ledgers_of(request).seen
    context: dict[str, Any] = {"reports": reports}
    if reports:
        try:
            asked = _asked(request.user, request.GET)
        except Incomplete as wrong:
            return render(request, "400.html", {"reason": wrong.message}, status=400)
        with snapshot() as using:
            found = _comparison(request.user, asked, using)
            page = Paginator(asked.of_kind(found), PAGE).get_page(request.GET.get("page"))
            page.object_list = found.told(list(page))
        context |= {
            "asked": asked,
            "title": title_of(asked.report),
            "found": found,
            "page": page,
            "first_day": clock.day_of(asked.report.created_at),
            "today": clock.today(),
            "query": _query(request.GET),
        }
    return render(request, "ledger/compare.html", context)


@require_GET
def compare_file(request: AuthenticatedRequest) -> HttpResponseBase:
    """The comparison as an Excel sheet, recorded like every ledger that leaves."""
    require(request.user, Action.EXPORT)
    try:
        asked = _asked(request.user, request.GET)
    except Incomplete as wrong:
        return render(request, "400.html", {"reason": wrong.message}, status=400)
    with snapshot() as using:
        found = _comparison(request.user, asked, using)
        lines = found.told(asked.of_kind(found))
    report, head, words = asked.report, head_of(asked.report), asked.words
    with made_for_download() as file:
        sha256 = write_comparison(report, lines, found, words, file, exporter=request.user.label, head=head)
        exports.record(
            report, by=request.user, as_of=asked.new, columns="对比", selection=f"对比：{words}",
            problems=len(lines), sha256=sha256, head=head,
        )  # fmt: skip
    name = compare_file_name(report, asked.old, asked.new)
    response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    response["Cache-Control"] = "private, no-store"
    return told(request, response, name)


def _asked(user: User, data: QueryDict) -> Asked:
    """Wrong dates are refused in words; without dates, a month back against now."""
    kind = data.get("kind", "")
    if kind not in ("", *comparing.ChangeKind):
        raise Incomplete(f"变化类别“{kind[:20]}”无法识别，可选：新增、撤回、变更。", field="kind")
    if data.get("issued"):
        one = _issued(user, data.get("issued", ""))
        return Asked(one.export.report, one.export.as_of, clock.today(), kind, one)
    report = _report(user, data.get("report", ""))
    first, today = clock.day_of(report.created_at), clock.today()
    new = as_of_day(data.get("to", ""), report)
    usual = max(first, min(new, today) - dt.timedelta(days=30))
    old = as_of_day(data.get("from", ""), report) if data.get("from", "").strip() else usual
    if old > new:
        raise Incomplete(f"起始日期{date(old)}晚于终止日期{date(new)}，请对调后再比。", field="from")
    return Asked(report, old, new, kind)


def _report(user: User, asked: str) -> Report:
    reports = reports_in(user, asked).select_related("unit", "settings")
    if asked in ("", YEAR):
        report = reports.first()
        if report is None:
            raise Http404
        return report
    if not _is_id(asked):
        raise Incomplete(f"台账“{asked[:30]}”无法识别。请从台账页重新选择。", field="report")
    return get_object_or_404(reports, pk=int(asked))


def _issued(user: User, asked: str) -> IssuedLedger:
    if not _is_id(asked):
        raise Incomplete(f"存档“{asked[:30]}”无法识别。请从存档台账页重新选择。", field="issued")
    rows = IssuedLedger.objects.visible_to(user).select_related(
        "export__report__unit", "export__report__settings"
    )
    one = get_object_or_404(rows, pk=int(asked))
    if not reads_all(user, one):
        raise NotAllowed("这份台账含有不由您负责的事项，不能逐项对比。")
    if one.is_purged:
        raise Incomplete("这份存档的内容已按程序清除，不能再对比。", field="issued")
    return one


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12


def _comparison(user: User, asked: Asked, using: str) -> comparing.Comparison:
    if asked.issued:
        return changes_since(user, asked.issued, using)
    problems = Problem.objects.visible_to(user).filter(report=asked.report)
    return TwoDays(problems, asked.old, asked.new, using).outline()


def _query(data: QueryDict) -> str:
    """What the links of legend and download carry along."""
    query = data.copy()
    for name in ("page", "kind"):
        query.pop(name, None)
    return query.urlencode()

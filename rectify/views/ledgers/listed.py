"""The list of problems as a file: the conditions, columns and order of its address; recorded as an export."""

from __future__ import annotations

from typing import BinaryIO

from django.http import FileResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from rectify import clock, wording
from rectify.audit.chain import head_of
from rectify.choices import Action
from rectify.ledger.archive.issue import XLSX, file_name, title_of
from rectify.ledger.problem_list import write_list
from rectify.models import Report, User
from rectify.operations.exchange import exports
from rectify.operations.recording import require
from rectify.selectors.problem_filter import ProblemFilter, describe
from rectify.tables.problems import chosen_columns, headings, order_of
from rectify.views.ledgers.download import made_for_download, told
from rectify.views.list_address import unknown
from rectify.views.request import AuthenticatedRequest

COLUMNS = "列表"


@require_GET
def list_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """What the list shows of one ledger, all its pages."""
    data = request.GET
    require(request.user, Action.EXPORT)
    asked = data.get("report", "")
    seen = Report.objects.visible_to(request.user).select_related("unit", "settings")
    known = asked.isascii() and asked.isdigit() and len(asked) < 12
    report = get_object_or_404(seen, pk=int(asked) if known else 0)
    found = ProblemFilter.of(request.user, data)
    if wrong := [*found.ignored, *unknown(data)]:
        reason = f"网址中的{wording.listed(wrong)}无法识别，没有导出。请回到整改事项重新筛选。"
        return render(request, "400.html", {"reason": reason}, status=400)
    name = file_name(report, clock.today(), f"{title_of(report)}整改事项")
    file = _written(report, found, data, request.user)
    response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    response["Cache-Control"] = "private, no-store"
    return told(request, response, name)


def _written(report: Report, found: ProblemFilter, data: QueryDict, by: User) -> BinaryIO:
    """The file, written whole and recorded."""
    listed = found.qs.filter(report=report).order_by(*order_of(data.getlist("sort")))
    ids, head = list(listed.values_list("pk", flat=True)), head_of(report)
    selection, words = describe({**found.cleaned, "report": None}), headings()
    columns = {name: words[name] for name in ("number", "title", *chosen_columns(data.getlist("cols")))}
    with made_for_download() as file:
        sha256 = write_list(report, ids, columns, file, exporter=by.label, head=head, selection=selection)
        exports.record(
            report, by=by, as_of=clock.today(), columns=COLUMNS, selection=selection,
            problems=len(ids), sha256=sha256, head=head,
        )  # fmt: skip
    return file

"""报送材料: which Word documents a person may have, the office's own text, and the file itself."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from rectify import clock
from rectify.audit.chain import head_of
from rectify.choices import Action, DocumentKind
from rectify.documents.issue import DOCX, Order, write_order
from rectify.documents.material import read_material
from rectify.documents.phrases import overall
from rectify.documents.report import suggest_next, suggest_practices
from rectify.errors import Incomplete
from rectify.forms.documents import DocumentForm, NarrativeForm, items_of, units_of
from rectify.ledger.archive.issue import as_of_day
from rectify.ledger.columns import COLUMN_SETS
from rectify.ledger.own_forms import own_sets
from rectify.ledger.scope import holder, scope_of
from rectify.models import LedgerForm, Narrative, Problem, Report, Supervision
from rectify.models.report import ReportQuerySet
from rectify.operations import narratives
from rectify.operations.exchange import exports
from rectify.operations.recording import require
from rectify.policies import may
from rectify.selectors.ledgers import YEAR, reports_in
from rectify.views.ledgers.download import made_for_download, told
from rectify.views.process_form import posted, submit
from rectify.views.request import AuthenticatedRequest


@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: AuthenticatedRequest) -> HttpResponse:
    """Choose a ledger, write what facts cannot say, download what is to be handed in."""
    require(request.user, Action.EXPORT)
    reports = _reports(request)
    report = _asked(request, reports)
    if report is None:
        return render(request, "documents/documents.html", {"reports": []})
    current = Narrative.objects.filter(report=report).first() or Narrative(report=report)
    parts = {name: getattr(current, name) for name in (*narratives.PARTS, "version")}
    form = NarrativeForm(posted(request), initial=parts)
    outcome = submit(
        form,
        lambda given: narratives.write(report, by=request.user, seen=given.pop("version"), **given),
    )
    if outcome.done:
        messages.success(request, "已保存报告文字，下次生成整改情况报告时写入，见审计记录。")
        return redirect(f"{reverse('documents')}?report={report.pk}")
    shown = {"form": outcome.form, "stale": outcome.stale, "missing": outcome.missing}
    context = _offered(request, report) | shown | {"reports": reports, "report": report}
    return render(request, "documents/documents.html", context, status=outcome.status)


@require_GET
def document_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """One document as a file, recorded before it leaves."""
    require(request.user, Action.EXPORT)
    report = _asked(request, _reports(request))
    if report is None:
        raise Http404
    problems = Problem.objects.visible_to(request.user).filter(report=report)
    form = DocumentForm(request.GET, report=report, problems=problems, units=units_of(problems))
    if not form.is_valid():
        wrong = "；".join(str(text) for texts in form.errors.values() for text in texts)
        return render(request, "400.html", {"reason": f"{wrong}没有生成文件。"}, status=400)
    try:
        return _download(request, report, form.cleaned_data)
    except Incomplete as wrong:
        return render(request, "400.html", {"reason": wrong.message}, status=400)


def _download(request: AuthenticatedRequest, report: Report, given: dict[str, Any]) -> HttpResponseBase:
    user, day = request.user, as_of_day(given["as_of"], report)
    problems = Problem.objects.visible_to(user).filter(report=report)
    scope = scope_of(report, problems, day, holder(user, report))
    order = Order(
        kind=DocumentKind(given["kind"]),
        report=report,
        problems=problems,
        day=day,
        orders=Supervision.objects.visible_to(user),
        problem=given["problem"],
        unit=given["unit"],
        public=given["public"],
        scope=scope,
    )
    with made_for_download() as file:
        issued = write_order(order, user.label, file)
        exports.record(
            report, by=user, as_of=day, columns=order.label, selection=scope,
            problems=issued.items, sha256=issued.sha256, head=head_of(report),
        )  # fmt: skip
    response = FileResponse(file, as_attachment=True, filename=order.name, content_type=DOCX)
    response["Cache-Control"] = "private, no-store"
    return told(request, response, order.name)


def _reports(request: AuthenticatedRequest) -> ReportQuerySet:
    return reports_in(request.user, request.GET.get("report", "")).select_related("unit", "settings")


def _asked(request: AuthenticatedRequest, reports: ReportQuerySet) -> Report | None:
    """The ledger asked for; otherwise the newest."""
    asked = request.GET.get("report", "")
    if asked in ("", YEAR):
        return reports.first()
    if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        raise Http404
    return get_object_or_404(reports, pk=int(asked))


def _offered(request: AuthenticatedRequest, report: Report) -> dict[str, Any]:
    """What there is to choose from, and what the facts suggest to write."""
    problems = Problem.objects.visible_to(request.user).filter(report=report)
    offered: dict[str, Any] = {
        "items": items_of(problems),
        "units": units_of(problems),
        "supervisions": Supervision.objects.visible_to(request.user).filter(report=report).count(),
        "may_file": bool(may(request.user, Action.FILE_LEDGER, report)),
        "forms": [(key, f"{key} {form.name}") for key, form in COLUMN_SETS.items()]
        + [(key, form.name) for key, form in own_sets(LedgerForm.objects.offered(report.unit)).items()],
        "file_key": str(uuid.uuid4()),
        "may_write": may(request.user, Action.EDIT_REPORT, report),
        "today": clock.today(),
        "first_day": clock.day_of(report.created_at),
    }
    try:
        material = read_material(report, problems, clock.today())
    except Incomplete:
        return offered
    return offered | {
        "figures": overall(material),
        "practices": suggest_practices(material),
        "next_steps": suggest_next(material),
    }

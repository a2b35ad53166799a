"""批量建账: a sheet of units, people, leaders and holidays, previewed, loaded, and the slips to print."""

from __future__ import annotations

import tempfile
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rectify.choices import Action, UploadKind
from rectify.errors import Refusal
from rectify.forms.people import RosterForm
from rectify.ledger.archive.issue import XLSX
from rectify.models import KeptUpload
from rectify.operations.exchange import uploads
from rectify.operations.recording import require
from rectify.operations.staffing import roster as operations
from rectify.operations.staffing.slips import Slip, never_signed_in, reissue
from rectify.roster.reader import read_roster
from rectify.selectors.roster.current import current_rows
from rectify.selectors.roster.plan import make_plan
from rectify.selectors.roster.rows import Roster
from rectify.views.ledgers.imports import kept_upload, received, sheet_form
from rectify.views.ledgers.working_copy import PRIVATE
from rectify.views.process_form import posted
from rectify.views.request import AuthenticatedRequest
from rectify.xlsx.reader import read_book

SHOWN = 300  # of each kind
PAGE = require_http_methods(["GET", "HEAD", "POST"])


@PAGE
def roster(request: AuthenticatedRequest) -> HttpResponse:
    """Download the sheet, upload it filled in."""
    require(request.user, Action.LOAD_ROSTER)
    form = sheet_form(request)
    if form.is_bound and (upload := received(request, form, UploadKind.ROSTER, _check)):
        return redirect("roster_preview", key=upload.key)
    waiting = uploads.live(request.user, UploadKind.ROSTER).order_by("-id")
    new = len(never_signed_in(request.user))
    context = {"form": form, "waiting": waiting, "hours": uploads.HOURS, "new": new}
    return render(request, "people/roster.html", context, status=422 if form.errors else 200)


def _check(request: AuthenticatedRequest, upload: KeptUpload) -> None:
    _read(upload)


def _read(upload: KeptUpload) -> Roster:
    return read_roster(read_book(upload.path, kept=upload.parsed_path))


@require_GET
def template(request: AuthenticatedRequest) -> HttpResponseBase:
    """The sheet to fill in: blank, or with what is there now."""
    from rectify.roster.writer import write_roster  # with openpyxl, when it is needed

    require(request.user, Action.LOAD_ROSTER)
    current = "current" in request.GET
    file = tempfile.TemporaryFile()  # noqa: SIM115
    write_roster(file, current_rows(request.user) if current else None)
    file.seek(0)
    name = "建账表（现有单位和人员）.xlsx" if current else "建账表.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX, headers=PRIVATE)


@PAGE
def preview(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """What the sheet would do; confirmed, it is done, and the slips are shown once."""
    require(request.user, Action.LOAD_ROSTER)
    upload = kept_upload(request, key, UploadKind.ROSTER)
    rows = _read(upload)
    form = RosterForm(posted(request))
    if not form.is_valid():
        return _previewed(request, upload, rows, form, status=422 if form.is_bound else 200)
    try:
        loaded = operations.load(rows, by=request.user, **form.cleaned_data)
    except Refusal as refusal:
        return _previewed(request, upload, rows, form, refusal.message, refusal.status)
    uploads.drop(upload)
    if not loaded.slips:
        messages.success(request, f"已写入：{loaded.plan.words}。{''.join(loaded.left)}")
        return redirect("roster")
    return _on_paper(request, loaded.slips, {"loaded": loaded})


@require_POST
def slips_again(request: AuthenticatedRequest) -> HttpResponse:
    """The page was closed before it was printed: new passwords for whoever has never signed in."""
    require(request.user, Action.LOAD_ROSTER)
    return _on_paper(request, reissue(by=request.user), {})


def _on_paper(request: AuthenticatedRequest, slips: list[Slip], more: dict[str, Any]) -> HttpResponse:
    context = {"slips": slips, "site": settings.SITE_URL}
    answer = render(request, "people/slips.html", context | more)
    answer["Cache-Control"] = PRIVATE["Cache-Control"]
    return answer


def _previewed(
    request: AuthenticatedRequest,
    upload: KeptUpload,
    rows: Roster,
    form: RosterForm,
    warning: str = "",
    status: int = 200,
) -> HttpResponse:
    plan = make_plan(rows, request.user)
    groups = [(name, new, changed) for name, new, changed in plan.groups if new or changed]
    context = {
        "upload": upload, "plan": plan, "groups": groups, "form": form, "warning": warning, "shown": SHOWN,
    }  # fmt: skip
    return render(request, "people/roster_preview.html", context, status=status)

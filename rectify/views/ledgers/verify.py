"""The page that tells whether a ledger is the one that was issued."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from rectify.audit import result
from rectify.forms.imports import VerifyForm
from rectify.ledger.archive.readers import may_read
from rectify.ledger.archive.verdict import Outcome, verdict_on
from rectify.operations.exchange.issue_ledger import record_try
from rectify.roles import RECORD_READERS
from rectify.views.ledgers.issued import require_reader
from rectify.views.request import AuthenticatedRequest
from rectify.xlsx.foreign import FILE_MAX

# What checks an issued ledger without the server: a page of one file, and a script.
OFFLINE = {"page": "check.html", "script": "verify_ledger.py"}


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: AuthenticatedRequest) -> HttpResponse:
    """Type the code or upload the file; nothing that is uploaded is kept."""
    require_reader(request.user)
    verdict = None
    if request.method == "POST":
        form = VerifyForm(request.POST, request.FILES)
    else:
        form = VerifyForm(request.GET if request.GET.get("code") else None)
    if form.is_valid():
        verdict = verdict_on(request.user, form.cleaned_data["code"], form.cleaned_data["file"])
        if verdict.blind and verdict.issued:
            altered = verdict.outcome == Outcome.ALTERED
            record_try(verdict.issued, by=request.user, sha256=verdict.sha256, altered=altered)
    status = 422 if form.is_bound and verdict is None else 200
    context = {
        "form": form,
        "verdict": verdict,
        "checked": result.last() if verdict else None,
        "reads_record": request.user.has_role(*RECORD_READERS),
        "max_bytes": FILE_MAX,
        "may_read": may_read(request.user),
    }
    return render(request, "ledger/verify.html", context, status=status)


@require_safe
def verify_offline(request: AuthenticatedRequest, name: str) -> FileResponse:
    """The stand-alone check, to be kept: it is opened from one's own disk, never from here."""
    require_reader(request.user)
    if name not in OFFLINE:
        raise Http404
    path = Path(settings.BASE_DIR) / "docs" / "verify" / OFFLINE[name]
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)

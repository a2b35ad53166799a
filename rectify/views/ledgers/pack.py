"""The evidence pack: what it will hold, and the pack itself as one streamed zip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from rectify import clock
from rectify.audit.chain import head_of
from rectify.choices import Action
from rectify.errors import Incomplete
from rectify.ledger.archive.issue import file_name, stamp_of, title_of, write_forms
from rectify.ledger.pack.archive import CHECKED_MAX, faults, plan_pack, stream_pack
from rectify.ledger.pack.evidence import problems_with_proofs
from rectify.models import Report, User
from rectify.operations.exchange import exports
from rectify.operations.recording import require
from rectify.views.ledgers.download import made_for_download, told
from rectify.views.ledgers.export import Choice, choice_of
from rectify.views.request import AuthenticatedRequest

SHOWN = 50


@require_safe
def pack(request: AuthenticatedRequest) -> HttpResponse:
    """What the pack will hold, and which files are missing or altered, before anybody downloads it."""
    require(request.user, Action.EXPORT)
    context: dict[str, Any] = {}
    if Report.objects.visible_to(request.user).exists():
        try:
            choice = choice_of(request.user, request.GET)
        except Incomplete as wrong:
            return render(request, "400.html", {"reason": wrong.message}, status=400)
        plan = plan_pack(*problems_with_proofs(choice.problems, as_of=choice.as_of))
        wrong_files = faults(plan)
        context = {
            "choice": choice,
            "title": title_of(choice.report),
            "plan": plan,
            "faults": wrong_files[:SHOWN],
            "faults_more": max(0, len(wrong_files) - SHOWN),
            "is_checked": plan.size <= CHECKED_MAX,
            "checked_max": CHECKED_MAX,
            "is_past": choice.as_of < clock.today(),
            "query": request.GET.urlencode(),
        }
    return render(request, "ledger/pack.html", context)


@require_GET
def pack_file(request: AuthenticatedRequest) -> HttpResponseBase:
    """Ledger, evidence and index; recorded before the first byte leaves, read file by file after that."""
    require(request.user, Action.EXPORT)
    try:
        choice = choice_of(request.user, request.GET)
    except Incomplete as wrong:
        return render(request, "400.html", {"reason": wrong.message}, status=400)
    name = file_name(choice.report, choice.as_of, choice.title)
    response = StreamingHttpResponse(_packed(choice, request.user, name), content_type="application/zip")
    shown = name.removesuffix(".xlsx") + "证据包.zip"
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(shown)}"
    response["Cache-Control"] = "private, no-store"
    return told(request, response, shown)


def _packed(choice: Choice, by: User, name: str) -> Iterator[bytes]:
    """The ledger is written and recorded now; the pack is read as it leaves."""
    report, head, selection = choice.report, head_of(choice.report), choice.selection
    plan = plan_pack(*problems_with_proofs(choice.problems, as_of=choice.as_of))
    stamp = stamp_of(
        report, as_of=choice.as_of, exporter=by.label, head=head, selection=selection, scope=choice.scope,
        **choice.foot,
    )  # fmt: skip
    with made_for_download() as ledger:
        written = write_forms(report, choice.problems, choice.sets, stamp, ledger)
        words = f"证据包（{len(plan.files)} 份材料）" + (f"：{selection}" if selection else "")
        exports.record(
            report, by=by, as_of=choice.as_of, columns=choice.key, selection=words,
            problems=written.problems, sha256=written.sha256, head=head,
        )  # fmt: skip
    return stream_pack(plan, ledger, name, written.size, stamp)

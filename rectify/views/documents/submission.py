"""报送包: everything that is handed in, in one press; filed under one code, recorded before it leaves."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from rectify.audit.chain import head_of
from rectify.choices import Action, DocumentKind
from rectify.documents.issue import Order
from rectify.documents.submission import LEDGER, enclose, write_papers
from rectify.errors import Incomplete
from rectify.ledger.archive.issue import plain_name, stamp_of
from rectify.ledger.pack.archive import Enclosed, PackPlan, stream_pack
from rectify.ledger.row_types import Stamp
from rectify.ledger.rows import snapshot
from rectify.models import IssuedLedger, Problem, Supervision, User
from rectify.operations.exchange import exports
from rectify.operations.exchange import issue_ledger as issuing
from rectify.operations.recording import require
from rectify.views.ledgers.download import and_clean_up
from rectify.views.ledgers.export import Choice, choice_of
from rectify.views.ledgers.issued import file_choice
from rectify.views.process_form import key_of
from rectify.views.request import AuthenticatedRequest
from rectify.wording import date

ZIP = "application/zip"


@require_POST
def submission(request: AuthenticatedRequest) -> HttpResponseBase:
    """The chosen forms, the report, the close-out sheets, the evidence, the index and what is not signed."""
    require(request.user, Action.FILE_LEDGER)
    try:
        choice = choice_of(request.user, request.POST)
        require(request.user, Action.FILE_LEDGER, choice.report)
        said = {"as_of": choice.as_of, "columns": choice.key, "foot": choice.foot, "kind": "submission"}
        sent = {"idempotency_key": request.POST.get("idempotency_key", "")}
        key = key_of(Action.FILE_LEDGER, choice.report.pk, sent | said)
        if earlier := issuing.earlier(request.user, key):
            return _filed_before(request, earlier)
        return _download(choice, request.user, key)
    except Incomplete as wrong:
        return render(request, "400.html", {"reason": wrong.message}, status=400)


def _filed_before(request: AuthenticatedRequest, issued: IssuedLedger) -> HttpResponse:
    """The same press once more: the ledger is filed already, and no second code is given."""
    messages.info(
        request, f"这个报送包刚才已经生成，编码 {issued.code}。要再生成一个，请回到报送材料页重新点一次。"
    )
    return redirect(f"{reverse('issued')}?code={issued.code}")


def _download(choice: Choice, by: User, key: str | None) -> HttpResponseBase:
    folder = tempfile.TemporaryDirectory()
    try:
        stamp, plan, issued = _made(choice, by, key, Path(folder.name))
    except BaseException:
        folder.cleanup()
        raise
    pieces = stream_pack(plan, None, LEDGER, 0, stamp)
    response = StreamingHttpResponse(and_clean_up(pieces, folder), content_type=ZIP)
    name = f"{plain_name(choice.report.unit.name)}报送包 {issued.code}（截至{date(choice.as_of)}）.zip"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response


def _made(choice: Choice, by: User, key: str | None, folder: Path) -> tuple[Stamp, PackPlan, IssuedLedger]:
    """All of it from one state; the papers first, so that nothing is filed where one is refused."""
    report, head = choice.report, head_of(choice.report)
    stamp = stamp_of(
        report, as_of=choice.as_of, exporter=by.label, head=head, selection=choice.selection,
        scope=choice.scope, **choice.foot,
    )  # fmt: skip
    with snapshot() as using:
        problems = Problem.objects.using(using).filter(pk__in=choice.problems.order_by().values("pk"))
        orders = Supervision.objects.using(using).filter(
            pk__in=Supervision.objects.visible_to(by).values("pk")
        )
        order = Order(DocumentKind.REPORT, report, problems, choice.as_of, orders)
        plan, papers = write_papers(order, stamp, folder)
        issued = file_choice(choice, by, key)
    for paper, items in papers:
        exports.record(
            report, by=by, as_of=choice.as_of, columns=paper.what, selection=f"报送包 {issued.code}",
            problems=items, sha256=paper.sha256, head=head,
        )  # fmt: skip
    forms = "、".join(each.name for each in choice.sets)
    ledger = Enclosed(LEDGER, forms, issued.path, issued.size, issued.export.sha256)
    return stamp, enclose(plan, [ledger, *(paper for paper, _ in papers)], issued.code), issued

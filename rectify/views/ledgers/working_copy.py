"""The working copy out: the fillable sheet of what a person may report, its content kept as the base."""

from __future__ import annotations

from typing import BinaryIO

from django.db import transaction
from django.http import FileResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rectify import clock
from rectify.audit.chain import head_of
from rectify.choices import Action
from rectify.errors import Incomplete
from rectify.ledger.archive.issue import WORKING, XLSX, digest_of, file_name, stamp_of, title_of, write_copy
from rectify.models import User
from rectify.operations.exchange import exports, import_export
from rectify.operations.recording import require
from rectify.policies import may
from rectify.views.ledgers.download import made_for_download, told
from rectify.views.ledgers.export import Choice, choice_of
from rectify.views.request import AuthenticatedRequest

PRIVATE = {"Cache-Control": "private, no-store"}


@require_GET
def ledger_working(request: AuthenticatedRequest) -> HttpResponseBase:
    """The fillable copy of the current filter ∩ what the person may see, as it is today."""
    require(request.user, Action.EXPORT)
    require(request.user, Action.IMPORT)
    try:
        choice = choice_of(request.user, request.GET)
        if choice.as_of != clock.today():
            raise Incomplete("填报表只能按今天的情况下载，请把截至日期改回今天。", field="as_of")
        file = _written(choice, request.user)
    except Incomplete as wrong:
        return render(request, "400.html", {"reason": wrong.message}, status=400)
    title = choice.foot.get("title") or title_of(choice.report)
    name = file_name(choice.report, choice.as_of, f"{title}填报表")
    response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX, headers=PRIVATE)
    return told(request, response, name)


def _written(choice: Choice, by: User) -> BinaryIO:
    """The copy, its content kept as the base that what comes back is compared with."""
    report, head = choice.report, head_of(choice.report)
    title = choice.foot.get("title") or title_of(report)
    stamp = stamp_of(
        report, as_of=choice.as_of, exporter=by.label, head=head, selection=choice.selection, title=title
    )
    code = import_export.free_code()
    with made_for_download() as file:
        rows = write_copy(
            report, choice.problems, lambda problem, act: may(by, act, problem), stamp, code, file
        )
        with transaction.atomic():
            export = exports.record(
                report, by=by, as_of=choice.as_of, columns=WORKING, selection=choice.selection,
                problems=len(rows), sha256=digest_of(file), head=head,
            )  # fmt: skip
            import_export.keep_base(export, code, rows)
    return file

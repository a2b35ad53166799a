"""Returned sheets: uploaded, previewed, confirmed; what was refused given back; a batch looked up."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from rectify import clock
from rectify.arrivals.sensitive import Place, places, shown_before
from rectify.audit.chain import decided, head_of
from rectify.choices import Action, ImportKind
from rectify.errors import Incomplete, NotAllowed
from rectify.forms.imports import SheetForm
from rectify.ledger.archive.issue import XLSX, fonts_of, plain_name, stamp_of, title_of
from rectify.ledger.roundtrip import load, merge
from rectify.ledger.roundtrip.plan import MINE, MergePlan
from rectify.ledger.roundtrip.reader import Returned, read_returned
from rectify.ledger.roundtrip.refused_rows import refused_rows
from rectify.models import AuditEntry, ImportBatch, KeptUpload
from rectify.operations.exchange import uploads
from rectify.operations.recording import require
from rectify.policies import may
from rectify.roles import BUSINESS, RECORD_READERS
from rectify.views.ledgers.working_copy import PRIVATE
from rectify.views.request import AuthenticatedRequest
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import RETURNED

SHOWN = 200  # of what needs a decision; the rest is in the file that can be downloaded
GLANCE = 20  # of what does not
PAGE = 100  # rows of the file, where somebody goes through all of them
REFUSED = "没有导入任何内容：{code} 不能办理（{words}）。这一项已列入下面的错误，请核对后再次确认。"
MOVED = "还没有导入：在您核对期间，台账又有改动。下面是按现在的情况重新比对的结果，请核对后再次确认。"
NOTHING = "没有导入任何内容：没有需要写入的改动。"
RECENT = 10


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_import(request: AuthenticatedRequest) -> HttpResponse:
    """Upload a filled-in sheet."""
    require(request.user, Action.IMPORT)
    form = sheet_form(request)
    if form.is_bound and (upload := received(request, form, ImportKind.RETURNED, _check)):
        return redirect("ledger_preview", key=upload.key)
    batches = ImportBatch.objects.visible_to(request.user).select_related("report", "by")[:RECENT]
    waiting = uploads.live(request.user, ImportKind.RETURNED).filter(batch=None).order_by("-id")
    context = {"form": form, "batches": batches, "waiting": waiting, "hours": uploads.HOURS}
    return render(request, "ledger/import.html", context, status=422 if form.errors else 200)


def sheet_form(request: AuthenticatedRequest, kind: type[SheetForm] = SheetForm) -> SheetForm:
    return kind(request.POST, request.FILES) if request.method == "POST" else kind()


def received(
    request: AuthenticatedRequest,
    form: SheetForm,
    kind: str,
    check: Callable[[AuthenticatedRequest, KeptUpload], Any],
) -> KeptUpload | None:
    """The upload, kept; or nothing, and the form says what is wrong with the file."""
    if not form.is_valid():
        return None
    upload: KeptUpload | None = None
    try:
        upload = uploads.keep(request.user, kind=kind, file=form.cleaned_data["file"])
        check(request, upload)
    except Incomplete as refusal:
        form.add_error("file", refusal.message)
        for missing in refusal.missing:
            form.add_error("file", missing)
        if upload is not None:
            uploads.drop(upload)
        return None
    return upload


def _check(request: AuthenticatedRequest, upload: KeptUpload) -> None:
    merge.report_of(_read(upload), request.user)


def _read(upload: KeptUpload) -> Returned:
    return read_returned(read_book(upload.path, RETURNED, kept=upload.parsed_path))


def kept_upload(request: AuthenticatedRequest, key: UUID, kind: str) -> KeptUpload:
    """A person's own upload; one that has expired is not there any more."""
    upload = get_object_or_404(KeptUpload.objects.filter(user=request.user, kind=kind), key=key)
    if upload.batch_id is None and (
        not upload.path.exists() or not uploads.live(request.user, kind).filter(pk=upload.pk).exists()
    ):
        raise Incomplete(
            f"这次上传已超过 {uploads.HOURS} 小时或已被清理，没有导入任何内容。请重新上传文件。", field="file"
        )
    return upload


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_preview(request: AuthenticatedRequest, key: UUID) -> HttpResponse:
    """What the file would do; confirmed, it is done, unless somebody changed something meanwhile."""
    require(request.user, Action.IMPORT)
    upload = kept_upload(request, key, ImportKind.RETURNED)
    if upload.batch_id:
        return redirect("import_batch", pk=upload.batch_id)
    found = _read(upload)
    refusals: dict[str, str] = dict(upload.choices.get("refusals", {}))
    if request.method != "POST":
        return _before(request, upload, found, refusals)
    try:
        with decided(shown_before(_looked_through(found))):
            done = load.apply(
                found, by=request.user, may=may, name=upload.name, sha256=upload.sha256, refusals=refusals,
                digest=request.POST.get("digest") or "-", choices=_choices(request), upload=upload,
            )  # fmt: skip
    except load.ItemRefused as refused:
        return _without(request, upload, found, refusals, refused)
    if done.batch is None:
        words, status = (MOVED, 409) if done.moved else (NOTHING, 200)
        return _preview(request, upload, found, done.plan, warning=words, status=status)
    uploads.discard_file(upload)
    messages.success(request, f"已导入 {done.applied} 项，批次号 {done.batch.pk}，写入的每一条记录列在下面。")
    return redirect("import_batch", pk=done.batch.pk)


def _before(
    request: AuthenticatedRequest, upload: KeptUpload, found: Returned, refusals: dict[str, str]
) -> HttpResponse:
    """All that the file would do; or a page of its rows one by one, of which only those are compared."""
    planner = merge.Planner(found, request.user, may, refusals)
    if "page" not in request.GET:
        return _preview(request, upload, found, planner.plan())
    page = Paginator(planner.rows, PAGE).get_page(request.GET["page"])
    context = {"upload": upload, "report": planner.report, "page": page, "items": planner.part(list(page))}
    return render(request, "ledger/preview_rows.html", context)


def _without(
    request: AuthenticatedRequest,
    upload: KeptUpload,
    returned: Returned,
    refusals: dict[str, str],
    refused: load.ItemRefused,
) -> HttpResponse:
    """The preview again, with the item that could not be carried out among the refused ones."""
    refusals = refusals | {refused.code: refused.words}
    uploads.choose(upload, {"refusals": refusals})
    plan = merge.plan(returned, request.user, may=may, refusals=refusals)
    words = REFUSED.format(code=refused.code, words=refused.words)
    return _preview(request, upload, returned, plan, warning=words, status=409)


def _looked_through(found: Returned) -> list[Place]:
    """Marks and numbers in the columns that a person fills in."""
    return places(
        (f"“{row.sheet}”{row.letters[key]}{row.row}", text)
        for row in found.rows
        for key, text in row.typed.items()
    )


def _choices(request: AuthenticatedRequest) -> dict[str, str]:
    """What was chosen for each conflict: `take-<code>.<column>`."""
    prefix = "take-"
    names = [name for name in request.POST if name.startswith(prefix)]
    return {name.removeprefix(prefix): request.POST[name] for name in names}


def _preview(
    request: AuthenticatedRequest,
    upload: KeptUpload,
    found: Returned,
    plan: MergePlan,
    warning: str = "",
    status: int = 200,
) -> HttpResponse:
    context = _shown(plan) | {
        "upload": upload,
        "sensitive": _looked_through(found),
        "chosen": {name for name, value in _choices(request).items() if value == MINE},
        "warning": warning or plan.too_much,
    }
    return render(request, "ledger/preview.html", context, status=status)


def _shown(plan: MergePlan) -> dict[str, Any]:
    """What needs a decision, the first of everything else, and how many there are."""
    faults, notices = plan.all_faults, plan.notices
    return {
        "plan": plan,
        "counts": plan.counts,
        "faults": faults[:SHOWN],
        "fault_count": len(faults),
        "notices": notices[:SHOWN],
        "notice_count": len(notices),
        "conflicts": plan.conflicts[:SHOWN],
        "changed": plan.changed[:GLANCE],
        "new": plan.new[:GLANCE],
        "shown": SHOWN,
        "glance": GLANCE,
        "ready": len(plan.applicable({})),
    }


@require_GET
def ledger_refused(request: AuthenticatedRequest, key: UUID) -> HttpResponseBase:
    """The rows with errors and conflicts as the same sheet, with a column that says why."""
    from rectify.ledger.roundtrip.writer import Lists, write_working  # with openpyxl, when it is needed

    require(request.user, Action.IMPORT)
    upload = kept_upload(request, key, ImportKind.RETURNED)
    if upload.batch_id:
        raise Http404
    plan = merge.plan(_read(upload), request.user, may=may, refusals=dict(upload.choices.get("refusals", {})))
    report = plan.report
    stamp = stamp_of(
        report, as_of=clock.today(), exporter=request.user.label, head=head_of(report), selection=""
    )
    names = merge.names_of_report(report)
    file = tempfile.TemporaryFile()  # noqa: SIM115
    lists = Lists(names.leaders, names.units)
    write_working(refused_rows(plan), lists, stamp, "", file, fonts_of(report), with_reasons=True)
    file.seek(0)
    name = f"{plain_name(title_of(report))}未导入的行.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX, headers=PRIVATE)


@require_safe
def import_batch(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One import: what it wrote, entry by entry."""
    if not request.user.has_role(*BUSINESS):
        raise NotAllowed("导入的内容由业务人员和督查检查人员查看；审计记录可以按批次号筛选。")
    seen = ImportBatch.objects.visible_to(request.user).select_related("report__unit", "by")
    batch = get_object_or_404(seen, pk=pk)
    entries = AuditEntry.objects.in_import(batch).select_related("problem").order_by("number")
    context = {
        "batch": batch,
        "entries": entries[: SHOWN * 5],
        "entry_count": entries.count(),
        "may_audit": request.user.has_role(*RECORD_READERS),
        "may_import": may(request.user, Action.IMPORT),
    }
    return render(request, "ledger/batch.html", context)

"""Filed ledgers: file an official export, list what was filed, hand its file out again."""

from __future__ import annotations

import tempfile
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST, require_safe

from rectify.audit.chain import head_of
from rectify.choices import Action, Role
from rectify.errors import Incomplete, NotAllowed
from rectify.evidence import storage
from rectify.ledger.archive.certificate import certificate_text
from rectify.ledger.archive.code import new_code, read_code
from rectify.ledger.archive.issue import XLSX, file_name, stamp_of, write_forms
from rectify.ledger.archive.kept_rows import Keeper
from rectify.ledger.archive.readers import may_read
from rectify.models import AuditEntry, IssuedLedger, User
from rectify.operations.exchange import issue_ledger as issuing
from rectify.operations.recording import require
from rectify.roles import BUSINESS, OVERSEERS
from rectify.views.downloads import download
from rectify.views.ledger_choice import ledgers_of
from rectify.views.ledgers.export import Choice, choice_of
from rectify.views.process_form import key_of
from rectify.views.request import AuthenticatedRequest

PAGE = 20


@require_POST
def issue_ledger(request: AuthenticatedRequest) -> HttpResponse:
    """Issue a ledger and keep it: rows, file and digest, with a code in its foot."""
    require(request.user, Action.FILE_LEDGER)
    try:
        choice = choice_of(request.user, request.POST)
    except Incomplete as wrong:
        return render(request, "400.html", {"reason": wrong.message}, status=400)
    columns = [
        f"{column_set.key}.{column.key}" for column_set in choice.sets for column in column_set.columns
    ]
    said = {"as_of": choice.as_of, "columns": columns, "selection": choice.selection, "foot": choice.foot}
    key = key_of(
        Action.FILE_LEDGER,
        choice.report.pk,
        {"idempotency_key": request.POST.get("idempotency_key", "")} | said,
    )
    one = issuing.earlier(request.user, key) or file_choice(choice, request.user, key)
    messages.success(
        request, f"已存档，台账编码 {one.code} 已印在表尾。请从下面下载后报送；今后凭编码或文件都可以核验。"
    )
    return redirect(f"{reverse('issued')}?code={one.code}")


@require_safe
def issued(request: AuthenticatedRequest) -> HttpResponse:
    """What was filed, the newest first; a code finds one."""
    require_reader(request.user)
    found = IssuedLedger.objects.visible_to(request.user).lean()
    if ledgers_of(request).value:
        found = found.filter(export__report__in=ledgers_of(request).looked_at)
    asked = request.GET.get("code", "").strip()[:40]
    if asked:
        found = found.filter(code=read_code(asked) or "")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "asked": asked,
        "rows": [(one, "" if not may_read(request.user) else _why_not(request.user, one)) for one in page],
        "may_read": may_read(request.user),
    }
    return render(request, "ledger/issued.html", context)


@require_GET
def download_issued(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    """The very file that was filed, recorded as it leaves again."""
    require(request.user, Action.EXPORT)
    one = get_object_or_404(IssuedLedger.objects.visible_to(request.user).lean(), pk=pk)
    if why := _why_not(request.user, one):
        raise NotAllowed(why)
    try:
        response = download(one.path, one.name, XLSX)
    except OSError:
        words = "服务器上找不到这份存档的文件，记录仍在。请联系系统管理员从备份恢复。"
        context = {"reason": words, "heading": "存档不能下载"}
        return render(request, "refused.html", context, status=404)
    issuing.hand_out(one, by=request.user)
    return response


@require_GET
def certificate(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What goes with a filed ledger: digests, code and place in the record, no business text."""
    require_reader(request.user)
    one = get_object_or_404(IssuedLedger.objects.visible_to(request.user).lean(), pk=pk)
    entry = AuditEntry.objects.filter(act=Action.FILE_LEDGER, target_id=pk).first()
    if entry is None or not entry.salt:
        words = "这份台账的签发凭据已随内容一并清除，或记录不全。请联系系统管理员核对审计记录。"
        return render(request, "refused.html", {"reason": words, "heading": "没有签发凭据"}, status=404)
    response = HttpResponse(certificate_text(one, entry), "text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{one.code} 签发凭据.txt")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def require_reader(user: User) -> None:
    """Who may look filed ledgers up at all."""
    if not user.has_role(*BUSINESS, Role.AUDITOR):
        raise NotAllowed("存档台账由业务人员、督查检查人员和安全审计员查看。")


def _why_not(user: User, ledger: IssuedLedger) -> str:
    """Why the file cannot be taken; empty when it can."""
    if not may_read(user):
        return "您的角色不接触业务内容，可以核验，不能下载。"
    if not _runs_or_inspects(user, ledger):
        return "这份台账含有不由您负责的事项，可以核验，不能下载。"
    return "内容已按程序清除，不能下载。" if ledger.is_purged else ""


def _runs_or_inspects(user: User, ledger: IssuedLedger) -> bool:
    path = ledger.export.report.unit.path
    return any(path.startswith(root) for root in user.paths(*OVERSEERS))


def file_choice(choice: Choice, by: User, idempotency_key: str | None) -> IssuedLedger:
    """Write what was chosen with a code in its foot, and file it."""
    report, head, code, keeper = choice.report, head_of(choice.report), new_code(), Keeper()
    stamp = stamp_of(
        report, as_of=choice.as_of, exporter=by.label, head=head, selection=choice.selection, code=code,
        scope=choice.scope, **choice.foot,
    )  # fmt: skip
    with tempfile.TemporaryFile() as file:
        written = write_forms(report, choice.problems, choice.sets, stamp, file, keeper)
        file.flush()
        with storage.keeping([file], file_name(report, choice.as_of, choice.title)) as kept:
            filing = issuing.Filing(code, stamp.scoped(choice.title), keeper.text, kept[0])
            return issuing.file(
                filing, by=by, idempotency_key=idempotency_key,
                report=report, as_of=choice.as_of, columns=choice.key,
                selection=choice.selection, problems=written.problems, head=head,
            )  # fmt: skip

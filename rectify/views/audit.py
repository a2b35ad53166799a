"""The audit log, read-only."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from ..choices import Act, Role
from ..errors import NotAllowed
from ..models import AuditEntry, BulkAct, ChainHead, Report
from ..models.audit import AuditQuerySet
from .request import SignedIn

PAGE = 50


def audit(request: SignedIn) -> HttpResponse:
    """Entries of the chains a person may read, newest first, with each chain's head."""
    if not request.user.has_role(Role.OFFICE, Role.INSPECTOR, Role.AUDITOR):
        raise NotAllowed("审计记录由整改办、督查检查人员和安全审计员查看。")
    entries = AuditEntry.objects.visible_to(request.user).select_related("report").order_by("-id")
    page = Paginator(_chosen(entries, request), PAGE).get_page(request.GET.get("page"))
    reports = Report.objects.auditable_by(request.user)
    heads = ChainHead.objects.filter(report__in=reports).select_related("report__unit")
    if request.user.has_role(Role.AUDITOR):
        heads = heads | ChainHead.objects.filter(report__isnull=True).select_related("report__unit")
    context: dict[str, Any] = {"page": page, "heads": heads.order_by("id")[:50], "acts": Act.choices}
    return render(request, "audit/list.html", context)


def _chosen(entries: AuditQuerySet, request: SignedIn) -> AuditQuerySet:
    """Narrowed by act and chain; what is not understood narrows nothing."""
    act, chain = request.GET.get("act", ""), request.GET.get("chain", "")
    if number := request.GET.get("batch", "").strip()[:20]:
        done = BulkAct.objects.visible_to(request.user).filter(number=number).first()
        entries = entries.in_batch(done) if done else entries.none()
    if act in Act.values:
        entries = entries.filter(act=act)
    if chain == "system":
        entries = entries.filter(report__isnull=True)
    elif chain.isdigit() and len(chain) < 12:
        entries = entries.filter(report_id=int(chain))
    return entries

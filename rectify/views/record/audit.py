"""The audit log, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify import wording
from rectify.choices import Action, Role
from rectify.errors import NotAllowed
from rectify.models import AuditEntry, BulkAct, ChainHead, ImportBatch, Report, User
from rectify.models.audit import AuditQuerySet
from rectify.roles import RECORD_READERS, named
from rectify.views.request import AuthenticatedRequest

PAGE = 50
SYSTEM = "system"


@require_safe
def audit(request: AuthenticatedRequest) -> HttpResponse:
    """Entries of the chains a person may read, newest first, with each chain's head."""
    if not request.user.has_role(*RECORD_READERS):
        raise NotAllowed(f"审计记录由{named(RECORD_READERS)}查看。")
    reports = Report.objects.auditable_by(request.user)
    heads = ChainHead.objects.filter(report__in=reports).select_related("report__unit")
    if request.user.has_role(Role.AUDITOR):
        heads = heads | ChainHead.objects.filter(report__isnull=True).select_related("report__unit")
    heads = heads.order_by("id")
    entries = AuditEntry.objects.visible_to(request.user).select_related("report").order_by("-id")
    chains = {str(pk or SYSTEM): pk for pk in heads.values_list("report_id", flat=True)}
    pages = Paginator(_chosen(entries, request, chains), PAGE)
    if not any(request.GET.get(name) for name in ("act", "batch", "chain")):
        pages.count = _length(heads, request.user)
        if not request.user.covers_all(request.user.paths(Role.AUDITOR)):
            end = pages.get_page(request.GET.get("page")).number * PAGE
            pages.object_list = entries.as_new_as(reports, end)
    page = pages.get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "heads": heads[:50],
        "acts": Action.choices,
        "may_see_sign_ins": request.user.has_role(Role.AUDITOR),
    }
    return render(request, "audit/list.html", context)


def _length(heads: QuerySet[ChainHead], user: User) -> int:
    """How many entries these chains have: numbers run from 1, so that the heads tell. Of the system's chain
    an auditor of a part reads some, which are counted."""
    part = not user.covers_all(user.paths(Role.AUDITOR))
    told = heads.filter(report__isnull=False) if part else heads
    length = told.order_by().aggregate(n=Sum("number"))["n"] or 0
    system = AuditEntry.objects.visible_to(user).filter(report__isnull=True)
    return length + (system.count() if part and user.has_role(Role.AUDITOR) else 0)


def _of_batch(entries: AuditQuerySet, user: User, number: str) -> AuditQuerySet:
    """What an import (its number) or a bulk act (its day and number) led to."""
    if number.isascii() and number.isdigit() and len(number) < 10:
        done = ImportBatch.objects.visible_to(user).filter(pk=int(number)).first()
        return entries.in_import(done) if done else entries.none()
    act = BulkAct.objects.visible_to(user).filter(number=number).first()
    return entries.in_batch(act) if act else entries.none()


def _chosen(
    entries: AuditQuerySet, request: AuthenticatedRequest, chains: Mapping[str, int | None]
) -> AuditQuerySet:
    """Narrowed by act and chain; what is not understood is named and narrows nothing."""
    act, chain = request.GET.get("act", ""), request.GET.get("chain", "")
    if number := request.GET.get("batch", "").strip()[:20]:
        entries = _of_batch(entries, request.user, number)
    if act in Action.values:
        entries = entries.filter(act=act)
    if chain in chains:
        entries = entries.filter(report=chains[chain])
    wrong = {"操作": bool(act) and act not in Action.values, "台账": bool(chain) and chain not in chains}
    if ignored := [label for label, is_wrong in wrong.items() if is_wrong]:
        words = wording.listed(ignored)
        messages.warning(request, f"网址中的{words}条件无法识别，已忽略，其余条件仍然有效。")
    return entries

"""Bulk work on the list: choose, preview the effect on every row, confirm; and look an act up later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from rectify.audit.chain import decided
from rectify.choices import Action
from rectify.errors import Incomplete, NotAllowed
from rectify.forms.bulk import BulkForm, ItemsForm
from rectify.models import AuditEntry, BulkAct, Problem, User
from rectify.operations import bulk as acts
from rectify.operations.exchange import drafts as unsent
from rectify.policies import could
from rectify.roles import BUSINESS, RECORD_READERS
from rectify.selectors.problem_filter import ProblemFilter, describe, most_urgent_first
from rectify.selectors.staffing.offered import choices
from rectify.views.drafts import draft_token, keeps_text, restored
from rectify.views.process_form import key_of
from rectify.views.request import AuthenticatedRequest

KEY = "bulk:0"
SHOWN = 100  # entries of an act on its page; all of them are on the audit page


@dataclass(frozen=True)
class Selection:
    """Which problems a person picked on the list: ticked ones, or all that the conditions leave."""

    ids: list[int]
    words: str
    missing: int = 0


def works_in_bulk(user: User) -> bool:
    """Whose rows carry a box on the list: an act on many assigns or sets the status."""
    return could(user, Action.ASSIGN) or could(user, Action.SET_STATUS)


def selection_of(user: User, data: QueryDict) -> Selection:
    """The picked rows; raises Incomplete for none or too many. Other verbs for many start here too."""
    if data.get("all"):
        found = ProblemFilter.of(user, data.get("where", "")[:4000])
        if found.ignored:
            raise Incomplete("筛选条件里有无法识别的内容，没有办理。请回到列表重新筛选。")
        ids = list(most_urgent_first(found.qs).values_list("pk", flat=True)[: acts.LIMIT + 1])
        if len(ids) > acts.LIMIT:
            acts.check_size(found.qs.count())
        words = describe(found.cleaned)
        return Selection(ids, f"全部符合条件的（{words}）" if words else "全部事项")
    given = list(dict.fromkeys(data.getlist("pick")))
    acts.check_size(len(given))
    ids = [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 10]
    return Selection(ids, "勾选的", len(given) - len(ids))


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: AuthenticatedRequest) -> HttpResponse:
    """GET: the form for the picked rows. POST: the same with the effect on each; nothing is written."""
    _require(request.user)
    kept = restored(request, KEY) if request.GET.get("kept") else {}
    try:
        chosen = _picked(request, kept)
    except Incomplete as wrong:
        return _refused(request, wrong.message)
    rows = acts.subjects(request.user, chosen.ids)
    if not rows:
        return _refused(request, "所选的事项都不存在，或者不在您可以查看的范围内，没有办理。")
    form = BulkForm(request.POST or None, choices=_choices(request, rows, kept), initial=kept)
    plan = acts.plan(rows, acts.Wanted(form.wanted), by=request.user) if form.is_valid() else None
    missing = chosen.missing + len(chosen.ids) - len(rows)
    return _page(request, form, rows, plan, missing=missing, words=chosen.words)


def _choices(
    request: AuthenticatedRequest, rows: Sequence[Problem], kept: dict[str, Any] | None = None
) -> dict[str, Any]:
    return choices(rows, str(request.POST.get("lead_unit") or (kept or {}).get("lead_unit", "")))


def _picked(request: AuthenticatedRequest, kept: dict[str, Any]) -> Selection:
    """The rows of the form sent or kept; at first those picked on the list."""
    if request.method == "POST" or kept.get("items"):
        source = ItemsForm(request.POST if request.method == "POST" else {"items": kept["items"]})
        if not source.is_valid():
            raise Incomplete(str(source.errors["items"][0]))
        chosen = Selection(list(source.cleaned_data["items"]), "")
    else:
        chosen = selection_of(request.user, request.GET)
    if (count := len(chosen.ids)) > acts.LIMIT:
        raise Incomplete(f"一次最多办理 {acts.LIMIT} 项，现在有 {count} 项。请缩小范围，分次办理。")
    return chosen


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_apply(request: AuthenticatedRequest) -> HttpResponse:
    """Carry out what the preview showed, all or nothing; rows that moved on are shown again."""
    _require(request.user)
    if request.method != "POST":  # where an expired sign-in leads back to
        return redirect(reverse("bulk") + ("?kept=1" if request.GET.get("kept") else ""))
    source = ItemsForm(request.POST)
    if not source.is_valid():
        return _refused(request, str(source.errors["items"][0]))
    rows = acts.subjects(request.user, items := source.cleaned_data["items"])
    form = BulkForm(request.POST, choices=_choices(request, rows))
    if not form.is_valid():
        return _page(request, form, rows, None, missing=len(items) - len(rows))
    wanted, reason = acts.Wanted(form.wanted), form.cleaned_data["reason"]
    key = key_of("bulk", source.data["items"], form.cleaned_data)
    try:
        with decided(form.acknowledged):
            done = acts.apply(items, wanted, by=request.user, reason=reason, idempotency_key=key)
    except acts.Moved as moved:
        return _page(request, form, rows, moved.plan, notice=moved.message, status=409)
    except Incomplete as refusal:
        form.add_error(None, refusal.message)
        return _page(request, form, rows, acts.plan(rows, wanted, by=request.user))
    unsent.drop(request.user, KEY)
    messages.success(request, f"已批量办理 {done.applied} 项，批次号 {done.number}，都在变更记录里。")
    return redirect(reverse("bulk_done", args=[done.number]))


@require_safe
def bulk_done(request: AuthenticatedRequest, number: str) -> HttpResponse:
    """One act of the past: who, why, what, and what became of each problem."""
    if not request.user.has_role(*BUSINESS):
        raise NotAllowed("批量办理的内容由业务人员和督查检查人员查看；审计记录可以按批次号筛选。")
    done = get_object_or_404(BulkAct.objects.visible_to(request.user).select_related("by"), number=number)
    entries = AuditEntry.objects.in_batch(done).filter(
        problem__in=Problem.objects.visible_to(request.user).values("pk")
    )
    context = {
        "done": done,
        "lines": [_entry_line(entry) for entry in entries.select_related("problem").order_by("id")[:SHOWN]],
        "more": max(0, entries.count() - SHOWN),
        "may_audit": request.user.has_role(*RECORD_READERS),
    }
    return render(request, "problems/bulk_done.html", context)


def _entry_line(entry: AuditEntry) -> tuple[AuditEntry, list[dict[str, Any]]]:
    return entry, [] if entry.is_purged else entry.details.get("changes", [])


def _require(user: User) -> None:
    if not works_in_bulk(user):
        raise NotAllowed("批量办理由整改办和责任单位进行。")


def _refused(request: AuthenticatedRequest, words: str) -> HttpResponse:
    context = {"reason": words, "heading": "还没有办理", "back": reverse("problems")}
    return render(request, "problems/bulk_refused.html", context, status=422)


def _page(
    request: AuthenticatedRequest,
    form: BulkForm,
    rows: Sequence[Problem],
    plan: acts.BulkPlan | None,
    *,
    missing: int = 0,
    words: str = "",
    notice: str = "",
    status: int = 0,
) -> HttpResponse:
    context = {
        "form": form,
        "rows": rows,
        "plan": plan,
        "items": ",".join(f"{row.pk}:{row.version}" for row in _as_planned(rows, plan)),
        "missing": missing,
        "words": words,
        "notice": notice,
        "draft_token": draft_token(request.user, KEY),
        "limit": acts.LIMIT,
    }
    wrong = form.is_bound and not form.is_valid()
    return render(request, "problems/bulk.html", context, status=status or (422 if wrong else 200))


def _as_planned(rows: Sequence[Problem], plan: acts.BulkPlan | None) -> list[Problem]:
    """The rows whose versions the page shows: those of the plan, where there is one."""
    return [line.problem for line in plan.lines] if plan else list(rows)

"""The item page: one problem with its progress, measures, analysis, buttons and history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from rectify.forms.evidence import ACCEPT
from rectify.forms.problems import ReasonForm
from rectify.forms.progress import ProgressForm
from rectify.models import User
from rectify.policies.offers import offered
from rectify.selectors.item.checklist import check_rows, known
from rectify.selectors.item.page import item_facts
from rectify.selectors.item.parts import read_item
from rectify.views.chosen_files import show_kept
from rectify.views.drafts import draft_token, restored
from rectify.views.ledger_choice import ledgers_of
from rectify.views.problems.procedures import Waiting, decisions
from rectify.views.process_form import FormResult
from rectify.views.request import AuthenticatedRequest


def item_page(request: AuthenticatedRequest, pk: int, outcome: FormResult | None = None) -> HttpResponse:
    """The page; with a form that was not carried out, the same page holding what was typed."""
    user, key = request.user, f"progress:{pk}"
    problem = read_item(user, pk, "progress:")
    offers = offered(user, problem)
    whole_history, whole_notes = (request.GET.get(name) == "all" for name in ("history", "notes"))
    context = item_facts(user, problem, offers, whole_history=whole_history, whole_notes=whole_notes)
    waiting = decisions(user, context["reviewed"].open, offers)
    context |= {
        "decisions": waiting,
        **_known(user, problem, waiting),
        "form": outcome.form if outcome else _progress_form(request, key, context),
        "missing": outcome.missing if outcome else [],
        "draft_key": key,
        "draft_token": draft_token(user, key),
        "accept": ACCEPT,
        "max_bytes": settings.EVIDENCE_MAX_BYTES,
        "ledger_name": ledgers_of(request).told_apart.get(problem.report_id, ""),
        # Beside each line only for whoever asked for it in the menu.
        "offers_purge": context["may_purge"],
        "may_purge": context["may_purge"] and request.GET.get("purge") == "1",
        "turn_form": ReasonForm(problem=problem, auto_id="turn_%s"),
    }
    return render(request, "problems/item.html", context, status=outcome.status if outcome else 200)


def _known(user: User, problem: Any, waiting: Sequence[Waiting]) -> dict[str, Any]:
    """What whoever decides sees unasked; of a close-out each measure beside its evidence."""
    if not waiting:
        return {}
    checked = any(one.steps for one in waiting)
    rows = check_rows(problem) if checked else ()
    return {"known": known(user, problem), "checked": checked, "check_rows": rows}


def _progress_form(request: AuthenticatedRequest, key: str, facts: dict[str, Any]) -> ProgressForm | None:
    """The form of who may report, with what was typed before."""
    problem, offer = facts["problem"], facts["buttons"].progress
    if offer is None:
        return None
    waiting = [row.instruction for row in facts["instructions"] if row.handle]
    kept = restored(request, key) if problem.has_draft else {}
    form = ProgressForm(problem=problem, instructions=waiting, initial=kept)
    if problem.has_draft:
        show_kept(request, form, key)
    return form

"""The page of one 督办单, with the form of who may answer."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from rectify.choices import Action
from rectify.forms.evidence import ACCEPT
from rectify.forms.supervision import ReplyForm
from rectify.policies import may
from rectify.selectors.supervision_paper import read_paper
from rectify.views.chosen_files import keep_chosen, show_kept
from rectify.views.drafts import draft_token, restored
from rectify.views.process_form import FormResult
from rectify.views.request import AuthenticatedRequest


def paper_page(
    request: AuthenticatedRequest, pk: int, outcome: FormResult | None = None, answering: int | None = None
) -> HttpResponse:
    """The sheet; with a reply that was not carried out, the same sheet holding what was typed."""
    paper = read_paper(request.user, pk, answering)
    key = paper.draft_key
    context = {
        "paper": paper.supervision,
        "items": paper.items,
        "hidden": paper.hidden,
        "addressed": paper.addressed,
        "parts": paper.parts,
        "current": paper.current,
        "form": _form(request, key, outcome) if outcome or paper.current else None,
        "missing": outcome.missing if outcome else [],
        "draft_key": key,
        "draft_token": draft_token(request.user, key),
        "accept": ACCEPT,
        "max_bytes": settings.EVIDENCE_MAX_BYTES,
        "may_purge": bool(may(request.user, Action.REQUEST_PURGE, paper.supervision.report)),
    }
    return render(request, "supervision/paper.html", context, status=outcome.status if outcome else 200)


def _form(request: AuthenticatedRequest, key: str, outcome: FormResult | None) -> forms.Form:
    """The reply that was not carried out, or a new one, with the text and files of before."""
    form = outcome.form if outcome else ReplyForm(initial=restored(request, key))
    keep_chosen(request, form, key)
    show_kept(request, form, key)
    return form

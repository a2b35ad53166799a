"""The sheet of one 督办单: what is chased, by whom, who signed for it, and what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from rectify import clock
from rectify.choices import Action, Role, SupervisionState
from rectify.forms.evidence import ACCEPT
from rectify.forms.supervision import ReplyForm
from rectify.models import Addressee, Evidence, Problem, Report, Supervision, User
from rectify.policies import Decision, may
from rectify.views.drafts import restored, ticket
from rectify.views.process_form import FormResult
from rectify.views.request import AuthenticatedRequest


@dataclass(frozen=True)
class Part:
    """One addressee on the sheet: what was done and what the reader may do."""

    addressee: Addressee
    state: str
    label: str
    sign: Decision
    answer: Decision
    is_mine: bool


def paper_page(
    request: AuthenticatedRequest, pk: int, outcome: FormResult | None = None, answering: int | None = None
) -> HttpResponse:
    """The sheet; with a reply that was not carried out, the same sheet holding what was typed."""
    user = request.user
    found = Supervision.objects.visible_to(user).with_state(clock.today())
    paper = get_object_or_404(found.select_related("report__unit", "issued_by"), pk=pk)
    oversees = Report.objects.auditable_by(user).filter(pk=paper.report_id).exists()
    oversees = oversees and user.has_role(Role.OFFICE, Role.INSPECTOR)
    seen = Problem.objects.visible_to(user)
    items = list(
        paper.problems.filter(pk__in=seen.values("pk"))
        .select_related("lead_unit", "leader")
        .order_by("number")
    )
    parts = _parts(user, paper, oversees)
    current = next((part for part in parts if part.answer and answering in (None, part.addressee.pk)), None)
    key = _key(paper, current, items)
    form = outcome.form if outcome else (ReplyForm(initial=restored(request, key)) if current else None)
    context = {
        "paper": paper,
        "items": items,
        "hidden": paper.problems.count() - len(items),
        "addressed": [str(row) for row in paper.addressees.select_related("unit", "leader")],
        "parts": parts,
        "current": current,
        "form": form,
        "missing": outcome.missing if outcome else [],
        "draft_key": key,
        "ticket": ticket(user, key),
        "accept": ACCEPT,
        "max_bytes": settings.EVIDENCE_MAX_BYTES,
        "may_purge": bool(may(user, Action.REQUEST_PURGE, paper.report)),
    }
    return render(request, "supervision/paper.html", context, status=outcome.status if outcome else 200)


def _parts(user: User, paper: Supervision, oversees: bool) -> list[Part]:
    """Every addressee to those who oversee; to an addressee only their own."""
    rows = paper.addressees.with_state(clock.today()).select_related("unit", "leader__user", "receipt")
    mine = set(Addressee.objects.of(user).filter(supervision=paper).values_list("pk", flat=True))
    parts = []
    files = Prefetch("reply__evidence", Evidence.objects.visible_to(user))
    for row in rows.prefetch_related(files):
        if not oversees and row.pk not in mine:
            continue
        row.supervision = paper
        state: Any = row.state  # type: ignore[attr-defined]
        sign = may(user, Action.ACKNOWLEDGE_SUPERVISION, row)
        answer = may(user, Action.REPLY_SUPERVISION, row)
        parts.append(Part(row, state, str(SupervisionState(state).label), sign, answer, row.pk in mine))
    return parts


def _key(paper: Supervision, current: Part | None, items: list[Problem]) -> str:
    first = items[0].pk if items else 0
    return f"reply-{current.addressee.pk}:{first}" if current else f"reply:{first}"

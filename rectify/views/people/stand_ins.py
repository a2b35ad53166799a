"""Stand-ins: who signs for somebody who is away, named and ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from rectify import clock, wording
from rectify.choices import Action
from rectify.forms.stand_ins import StandInForm
from rectify.models import StandIn, User
from rectify.operations import people
from rectify.operations.recording import require
from rectify.policies import may
from rectify.views.process_form import submit
from rectify.views.request import AuthenticatedRequest

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def stand_ins(request: AuthenticatedRequest) -> HttpResponse:
    """Those who stand in now or later, and the form that names one more."""
    require(request.user, Action.NAME_STAND_IN)
    form = StandInForm(request.POST or None, user=request.user)
    outcome = submit(form, lambda data: people.name_stand_in(data.pop("absent"), by=request.user, **data))
    if outcome.done:
        made = outcome.result
        until = wording.date(made.ends_on)
        messages.success(request, f"{made.substitute.name}代{made.absent.name}办理签批，至 {until} 止。")
        return redirect("stand_ins")
    context = {
        "form": outcome.form,
        "missing": outcome.missing,
        "rows": _rows(request.user),
        "today": clock.today(),
    }
    return render(request, "people/stand_ins.html", context, status=outcome.status)


def _rows(user: User) -> list[tuple[StandIn, bool]]:
    """Each with whether this person may end it."""
    found = StandIn.objects.visible_to(user).select_related("absent", "substitute")[:SHOWN]
    return [(row, _goes_on(row) and bool(may(user, Action.END_STAND_IN, row))) for row in found]


def _goes_on(row: StandIn) -> bool:
    return row.ended_at is None and row.ends_on >= clock.today()


@require_POST
def end(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The person is back early."""
    row = get_object_or_404(StandIn.objects.visible_to(request.user), pk=pk)
    people.end_stand_in(row, by=request.user)
    messages.success(request, f"{row.substitute.name}代{row.absent.name}的办理已经结束。")
    return redirect("stand_ins")

"""Stand-ins: who signs for somebody who is away, named and ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from rectify import clock, wording
from rectify.choices import Action
from rectify.forms.stand_ins import StandInForm
from rectify.models import StandIn
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

    def act(data: dict[str, Any]) -> StandIn:
        absent = data.pop("absent")
        return people.name_stand_in(absent, by=request.user, **data)

    outcome = submit(StandInForm(request.POST or None, user=request.user), act)
    if outcome.done:
        made = outcome.result
        until = wording.date(made.ends_on)
        messages.success(request, f"{made.substitute.name}代{made.absent.name}办理签批，至 {until} 止。")
        return redirect("stand_ins")
    today = clock.today()
    found = StandIn.objects.visible_to(request.user).select_related("absent", "substitute")
    rows = [
        (
            row,
            row.ended_at is None
            and row.ends_on >= today
            and bool(may(request.user, Action.END_STAND_IN, row)),
        )
        for row in found[:SHOWN]
    ]
    context = {"form": outcome.form, "missing": outcome.missing, "rows": rows, "today": today}
    return render(request, "people/stand_ins.html", context, status=outcome.status)


@require_POST
def end(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The person is back early."""
    row = get_object_or_404(StandIn.objects.visible_to(request.user), pk=pk)
    people.end_stand_in(row, by=request.user)
    messages.success(request, f"{row.substitute.name}代{row.absent.name}的办理已经结束。")
    return redirect("stand_ins")

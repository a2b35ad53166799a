"""Handing over everything a person holds, in one act."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rectify.choices import Action
from rectify.errors import Incomplete
from rectify.forms.people import HandOverForm
from rectify.operations import people
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.views.drafts import keeps_text, restored, ticket
from rectify.views.process_form import posted
from rectify.views.request import AuthenticatedRequest


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: AuthenticatedRequest) -> HttpResponse:
    """The office moves a clerk's problems to another clerk."""
    require(request.user, Action.HAND_OVER)
    key = f"handover:{request.user.pk}"
    form = HandOverForm(posted(request), office=request.user, initial=restored(request, key))
    if form.is_valid():
        data = form.cleaned_data
        try:
            count = people.hand_over(
                data["giver"], by=request.user, taker=data["taker"], reason=data["reason"]
            )
        except Incomplete as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            unsent.drop(request.user, key)
            messages.success(
                request, f"已把 {data['giver'].label} 经办的 {count} 项交给 {data['taker'].label}。"
            )
            return redirect("problems")
    context = {"form": form, "ticket": ticket(request.user, key)}
    return render(request, "people/hand_over.html", context, status=422 if form.errors else 200)

"""Handing over everything a person holds, in one act."""

from __future__ import annotations

from typing import Any

from rectify.choices import Action
from rectify.forms.people import HandOverForm
from rectify.operations import people
from rectify.views.action_form import ActionFormView


class HandOver(ActionFormView):
    """The office moves a clerk's problems to another clerk."""

    template_name = "people/hand_over.html"
    action = Action.HAND_OVER
    form_class = HandOverForm
    success_url = "problems"

    def get_object(self) -> None:
        return None

    @property
    def draft_key(self) -> str:
        return f"handover:{self.request.user.pk}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"office": self.request.user}

    def perform(self, data: dict[str, Any]) -> str:
        count = people.hand_over(
            data["giver"], by=self.request.user, taker=data["taker"], reason=data["reason"]
        )
        return f"已把 {data['giver'].label} 经办的 {count} 项交给 {data['taker'].label}。"

    def get_success_message(self, result: str) -> str:
        return result

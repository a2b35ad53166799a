"""Handing over everything a person holds, in one act."""

from __future__ import annotations

from typing import Any

from rectify.choices import Action
from rectify.forms.people import HandOverForm
from rectify.operations.staffing.hand_over import hand_over
from rectify.views.action_form import ActionFormView


class HandOver(ActionFormView):
    """The office moves everything a person holds, each kind to who is fit for it."""

    template_name = "people/hand_over.html"
    action = Action.HAND_OVER
    form_class = HandOverForm
    success_url = "problems"

    def get_object(self) -> None:
        return None

    @property
    def draft_key(self) -> str:
        return f"handover:{self.request.user.pk}"

    def get_initial(self) -> dict[str, Any]:
        return {"giver": self.request.GET.get("giver", "")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"office": self.request.user}

    def perform(self, data: dict[str, Any]) -> str:
        done = hand_over(
            data["giver"],
            by=self.request.user,
            taker=data["taker"],
            takers=data["takers"],
            reason=data["reason"],
        )
        kinds = "；".join(
            f"{holding.words} → {receiver.label if receiver else '随交接结束'}"
            for holding, receiver in done.moved
        )
        return f"{data['giver'].label}名下的工作已全部移交：{kinds}。接收人已收到站内消息。"

    def get_success_message(self, result: str) -> str:
        return result

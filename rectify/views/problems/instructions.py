"""Instructions (批示): written on an item by its leader, taken note of by its unit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from rectify.choices import Action
from rectify.forms.supervision import InstructionForm
from rectify.models import Instruction
from rectify.operations import instructions
from rectify.selectors.visible import read_visible
from rectify.views.action_form import ProblemFormView
from rectify.views.request import AuthenticatedRequest


class Instruct(ProblemFormView):
    """A leader writes on an item; the office writes for a leader without an account."""

    action = Action.INSTRUCT
    form_class = InstructionForm
    form_object_name = ""
    operation = staticmethod(instructions.instruct)
    title, button = "写批示", "提交批示"
    success = "已对第 {problem.number} 项作出批示，责任单位会收到消息。"

    def get_intro(self) -> str:
        leader = self.object.leader
        if leader is not None and leader.user_id is None:
            return f"代录{leader}的批示，请照原文录入。"
        return "批示会成为责任单位的一件待办，办理后您会收到消息。"


@require_POST
def acknowledge(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Take note of an instruction."""
    instruction: Instruction = read_visible(Instruction, request.user, pk)
    instructions.acknowledge(instruction, by=request.user)
    messages.success(request, f"已签收 {instruction.problem.code} 的批示，办理情况请在进展里填报。")
    return redirect(instruction)

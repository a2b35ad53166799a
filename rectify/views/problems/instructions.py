"""Instructions (批示): written on an item by its leader, taken note of by its unit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from rectify.choices import Action
from rectify.forms.supervision import InstructionForm
from rectify.models import Instruction, Problem
from rectify.operations import instructions
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.views.drafts import keeps_text, restored
from rectify.views.process_form import form_page, submit, token_of
from rectify.views.request import AuthenticatedRequest


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def instruct(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """A leader writes on an item; the office writes for a leader without an account."""
    related = ("report__unit", "leader__user", "lead_unit")
    problem = get_object_or_404(Problem.objects.visible_to(request.user).select_related(*related), pk=pk)
    require(request.user, Action.INSTRUCT, problem)
    key = f"instruct:{pk}"

    def act(data: dict[str, Any]) -> Instruction:
        token = token_of(Action.INSTRUCT, pk, data)
        return instructions.instruct(problem, by=request.user, text=data["text"], token=token)

    outcome = submit(InstructionForm(request.POST or None, initial=restored(request, key)), act)
    if not outcome.done:
        leader = problem.leader
        on_behalf = leader is not None and leader.user_id is None
        intro = (
            f"代录{leader}的批示，请照原文录入。"
            if on_behalf
            else "批示会成为责任单位的一件待办，办理后您会收到消息。"
        )
        return form_page(
            request, outcome, title="写批示", button="提交批示", key=key, problem=problem, intro=intro
        )
    unsent.drop(request.user, key)
    messages.success(request, f"已对第 {problem.number} 项作出批示，责任单位会收到消息。")
    return redirect(outcome.result)


@require_POST
def acknowledge(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Take note of an instruction."""
    instruction = get_object_or_404(Instruction.objects.visible_to(request.user), pk=pk)
    instructions.acknowledge(instruction, by=request.user)
    number = instruction.problem.number
    messages.success(request, f"已签收第 {number} 项的批示，办理情况请在进展里填报。")
    return redirect(instruction)

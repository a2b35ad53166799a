"""Measures of a problem: added, changed, finished, dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from rectify.choices import Action
from rectify.forms.closing import RuleForm
from rectify.forms.measures import DropForm, FinishForm, MeasureEditForm, MeasureForm
from rectify.models import Measure, Problem
from rectify.operations import measures
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.views.drafts import keeps_text, restored
from rectify.views.process_form import form_page, posted, submit, token_of
from rectify.views.request import AuthenticatedRequest

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@keeps_text
@form_methods
def measure_add(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Add a measure to a problem."""
    problem = get_object_or_404(Problem.objects.visible_to(request.user), pk=pk)
    require(request.user, Action.ADD_MEASURE, problem)
    key = f"measure:{pk}"

    def act(data: dict[str, Any]) -> Measure:
        fields = {name: value for name, value in data.items() if name != "token"}
        token = token_of(Action.ADD_MEASURE, pk, data)
        return measures.add(problem, by=request.user, token=token, **fields)

    form = MeasureForm(posted(request), problem=problem, initial=restored(request, key))
    outcome = submit(form, act)
    if not outcome.done:
        return form_page(request, outcome, title="新增措施", button="新增措施", key=key, problem=problem)
    unsent.drop(request.user, key)
    messages.success(request, f"已给第 {problem.number} 项新增措施 {outcome.result.number}。")
    return redirect(outcome.result)


@keeps_text
@form_methods
def measure_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change what a measure says."""
    return _change(
        request, pk, Action.EDIT_MEASURE, MeasureEditForm, measures.edit, "修改措施", "保存修改", "已修改"
    )


@keeps_text
@form_methods
def measure_finish(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Declare a measure done, with what came of it and its evidence."""
    return _change(
        request, pk, Action.FINISH_MEASURE, FinishForm, measures.finish, "完成措施", "确认完成", "已完成"
    )


@keeps_text
@form_methods
def measure_rule(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Give a lasting measure finished earlier the name and number of its rule."""
    return _change(
        request, pk, Action.ADD_RULE, RuleForm, measures.add_rule, "补录制度成果", "保存", "已补录制度成果"
    )


@keeps_text
@form_methods
def measure_drop(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Give a measure up, with the reason."""
    return _change(
        request,
        pk,
        Action.DROP_MEASURE,
        DropForm,
        measures.drop,
        "不再实施措施",
        "确认不再实施",
        "已停止实施",
    )


def _change(
    request: AuthenticatedRequest,
    pk: int,
    act: str,
    form_class: Callable[..., Any],
    operation: Callable[..., Measure],
    title: str,
    button: str,
    done: str,
) -> HttpResponse:
    """One verb on a measure that carries the version its form showed."""
    found = Measure.objects.visible_to(request.user).select_related("problem__report__unit", "unit")
    one = get_object_or_404(found, pk=pk)
    require(request.user, act, one)
    key = f"{act.replace('_', '')}-{pk}:{one.problem_id}"

    def carry_out(data: dict[str, Any]) -> Measure:
        fields = {name: value for name, value in data.items() if name != "version"}
        return operation(one, by=request.user, seen=data["version"], **fields)

    given = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
    outcome = submit(form_class(**given, measure=one, initial=restored(request, key)), carry_out)
    if not outcome.done:
        more = {"problem": one.problem, "measure": one}
        return form_page(request, outcome, title=title, button=button, key=key, **more)
    unsent.drop(request.user, key)
    messages.success(request, f"{done}：第 {one.problem.number} 项的措施 {one.number}。")
    return redirect(outcome.result)

"""One problem: its page, and the verbs add, edit, assign, set status, withdraw, restore, decide a link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rectify import wording
from rectify.audit.chain import find_duplicate
from rectify.choices import Action, Status
from rectify.errors import Incomplete
from rectify.forms.problems import (
    AssignForm,
    ProblemEditForm,
    ProblemForm,
    ReasonForm,
    StatusForm,
    VersionedForm,
)
from rectify.models import Problem, ProblemCause, ProblemDirection, Report
from rectify.operations import problems
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.selectors.text_similarity import Resemblance, earlier
from rectify.transitions import PROBLEM, targets
from rectify.views.drafts import keeps_text, restored
from rectify.views.problems.item import item_page
from rectify.views.process_form import FormResult, form_page, posted, submit, token_of
from rectify.views.request import AuthenticatedRequest

LINKS: dict[str, Any] = {"cause": ProblemCause, "direction": ProblemDirection}
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def problem(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The item page."""
    return item_page(request, pk)


@keeps_text
@form_methods
def problem_add(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Add a problem to a ledger."""
    report = get_object_or_404(Report.objects.visible_to(request.user), pk=pk)
    require(request.user, Action.ADD_PROBLEM, report)
    key = f"new:{pk}"

    def act(data: dict[str, Any]) -> Problem:
        fields = {name: value for name, value in data.items() if name not in ("token", "looked")}
        return problems.add(report, by=request.user, token=_token(pk, data), **fields)

    form = ProblemForm(posted(request), report=report, initial=restored(request, key))
    title = "新增问题"
    if alike := _not_looked_at(request, report, form):
        again = FormResult(form)
        return form_page(
            request, again, title=title, button="核对过，仍然新增", key=key, report=report, alike=alike
        )
    outcome = submit(form, act)
    if not outcome.done:
        return form_page(request, outcome, title=title, button=title, key=key, report=report)
    unsent.drop(request.user, key)
    messages.success(request, f"已新增第 {outcome.result.number} 项，请接着明确责任。")
    return redirect(outcome.result)


def _token(pk: int, data: dict[str, Any]) -> str | None:
    """Whether the person had looked at what it resembles makes no other problem of it."""
    return token_of(Action.ADD_PROBLEM, pk, {name: value for name, value in data.items() if name != "looked"})


def _not_looked_at(request: AuthenticatedRequest, report: Report, form: ProblemForm) -> list[Resemblance]:
    """What the new problem resembles, until the form comes back with the sign that it was shown."""
    if not (form.is_bound and form.is_valid()) or find_duplicate(
        request.user, _token(report.pk, form.cleaned_data)
    ):
        return []
    new = Problem(report=report, title=form.cleaned_data["title"], aspect=form.cleaned_data["aspect"])
    known = Problem.objects.visible_to(request.user).live().filter(report__unit=report.unit_id, carried=False)
    found = earlier(new, list(known.select_related("report", "aspect")))
    shown = ",".join(str(one.other.pk) for one in found)
    if shown == form.cleaned_data["looked"]:
        return []
    data = request.POST.copy()
    data["looked"] = shown
    form.data = data
    return found


@keeps_text
@form_methods
def problem_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Change title, text, goal or remark."""
    return _change(
        request, pk, Action.EDIT_PROBLEM, ProblemEditForm, problems.edit, "修改问题", "保存修改", "已保存修改"
    )


@keeps_text
@form_methods
def assign(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Say who answers for the problem, and by when."""
    intro = ""
    if deadline := _visible(request, pk).deadline:
        day = wording.date(deadline)
        intro = f"整改时限 {day} 已经定下：要推迟，由责任单位申请延期；录入有误，用“更正时限”。"
    words = ("明确责任", "保存责任", "已明确责任和时限")
    return _change(request, pk, Action.ASSIGN, AssignForm, problems.assign, *words, intro=intro)


@keeps_text
@form_methods
def problem_status(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Move among the statuses that a person may set by hand."""
    one = _visible(request, pk)
    options = targets(PROBLEM, Action.SET_STATUS, one.status)
    intro = f"现在是“{Status(one.status).label}”。"
    return _change(
        request,
        pk,
        Action.SET_STATUS,
        StatusForm,
        problems.set_status,
        "变更状态",
        "变更状态",
        "已变更状态",
        intro=intro,
        targets=options,
    )


@keeps_text
@form_methods
def withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Take the problem out of the counts."""
    intro = "撤回后这一项不再计入统计和台账，内容和记录全部保留，以后可以恢复。"
    return _change(
        request,
        pk,
        Action.WITHDRAW,
        ReasonForm,
        problems.withdraw,
        "撤回这一项",
        "确认撤回",
        "已撤回",
        intro=intro,
    )


@keeps_text
@form_methods
def restore(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Take a withdrawn problem up again."""
    return _change(
        request, pk, Action.RESTORE, ReasonForm, problems.restore, "恢复这一项", "确认恢复", "已恢复"
    )


@require_POST
def link_decide(request: AuthenticatedRequest, kind: str, pk: int) -> HttpResponse:
    """Confirm or reject that a cause or direction belongs to the problem."""
    if kind not in LINKS:
        raise Http404
    link = get_object_or_404(LINKS[kind].objects.visible_to(request.user), pk=pk)
    if (said := request.POST.get("confirm")) not in ("0", "1"):
        raise Incomplete("没有收到“确认”还是“否定”，对应关系没有改动，请回到这一项再选一次。")
    confirm = said == "1"
    problems.decide_link(link, by=request.user, confirm=confirm)
    done = "已确认" if confirm else "已否定"
    messages.success(request, f"{done}“{link.other}”与第 {link.problem.number} 项的对应关系，见变更记录。")
    return redirect(f"{link.problem.get_absolute_url()}#analysis")


def _visible(request: AuthenticatedRequest, pk: int) -> Problem:
    related = ("report__unit", "leader", "lead_unit", "clerk")
    return get_object_or_404(Problem.objects.visible_to(request.user).select_related(*related), pk=pk)


def _change(
    request: AuthenticatedRequest,
    pk: int,
    act: str,
    form_class: type[VersionedForm],
    operation: Callable[..., Problem],
    title: str,
    button: str,
    done: str,
    intro: str = "",
    **options: Any,
) -> HttpResponse:
    """One verb on a problem that carries the version its form showed."""
    one = _visible(request, pk)
    require(request.user, act, one)
    key = f"{act.replace('_', '')}:{pk}"

    def carry_out(data: dict[str, Any]) -> Problem:
        fields = {name: value for name, value in data.items() if name != "version"}
        return operation(one, by=request.user, seen=data["version"], **fields)

    form = form_class(posted(request), problem=one, initial=restored(request, key), **options)
    outcome = submit(form, carry_out)
    if not outcome.done:
        return form_page(request, outcome, title=title, button=button, key=key, problem=one, intro=intro)
    unsent.drop(request.user, key)
    messages.success(request, f"{done}：第 {one.number} 项“{outcome.result.title}”，见变更记录。")
    return redirect(one)

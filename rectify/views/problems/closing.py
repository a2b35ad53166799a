"""The reviewed procedures of one problem: apply, decide, withdraw, reopen, look again, extend, correct."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from rectify import wording
from rectify.choices import Action, Finding
from rectify.errors import WrongState
from rectify.forms.closing import (
    CloseOutForm,
    CorrectDeadlineForm,
    ExtensionForm,
    FollowUpForm,
    ReopenForm,
    WithdrawForm,
)
from rectify.models import CloseOut, Extension, Problem
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.policies.closing import (
    NOUNS,
    STEP_ACTS,
    WITHDRAW_ACTS,
    Reviewed,
    kinds,
    lacking,
    open_application,
)
from rectify.selectors.item.procedures import outcome_words, summary
from rectify.views.drafts import keeps_text, restored
from rectify.views.problems.procedures import decide_form
from rectify.views.process_form import form_page, submit, token_of
from rectify.views.request import AuthenticatedRequest

form_methods = require_http_methods(["GET", "HEAD", "POST"])
DECIDED = ("step", "comment", "signed_on", "files")
RELATED = ("report__unit", "report__settings", "leader__user", "lead_unit", "clerk")


@keeps_text
@form_methods
def close_out_apply(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The unit applies for close-out."""
    one = visible(request, pk)
    require(request.user, Action.APPLY_CLOSE_OUT, one)
    missing = lacking(one) if request.method != "POST" else []
    intro = (
        f"现在还不能提交，还差：{'，'.join(missing)}。" if missing else "提交后内容锁定，等办结或撤回后再改。"
    )
    key = f"closeout:{pk}"
    form = CloseOutForm(**_given(request), problem=one, kinds=kinds(one), initial=restored(request, key))

    def act(data: dict[str, Any]) -> CloseOut:
        names = ("statement", "kind", "files")
        token = token_of(Action.APPLY_CLOSE_OUT, pk, data)
        given = {name: data[name] for name in names}
        return close_out.apply_close_out(one, by=request.user, seen=data["version"], token=token, **given)

    def done(made: CloseOut) -> str:
        return f"已提交第 {one.number} 项的{made.get_kind_display()}申请，{waits(made)}。"

    return carry_out(request, one, form, act, done, key=key, title="申请销号", button="提交申请", intro=intro)


@keeps_text
@form_methods
def close_out_decide(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Confirm, review or sign a close-out, or return it."""
    return _decide(request, pk, CloseOut)


@keeps_text
@form_methods
def close_out_withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The unit takes its application back."""
    return _withdraw(request, pk, CloseOut)


@keeps_text
@form_methods
def extension_apply(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The unit applies for a later deadline."""
    one = visible(request, pk)
    require(request.user, Action.APPLY_EXTENSION, one)
    key = f"extension:{pk}"
    form = ExtensionForm(**_given(request), problem=one, initial=restored(request, key))

    def act(data: dict[str, Any]) -> Extension:
        given = {name: data[name] for name in ("new_date", "reason", "progress")}
        token = token_of(Action.APPLY_EXTENSION, pk, data)
        return deadlines.apply_extension(one, by=request.user, seen=data["version"], token=token, **given)

    def done(made: Extension) -> str:
        late = "已过时限，按逾期后申请登记。" if made.late else ""
        return f"已申请把第 {one.number} 项延至 {wording.date(made.new_date)}，{waits(made)}。{late}"

    return carry_out(request, one, form, act, done, key=key, title="申请延期", button="提交申请")


@keeps_text
@form_methods
def extension_decide(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Confirm, review or sign an extension, or return it."""
    return _decide(request, pk, Extension)


@keeps_text
@form_methods
def extension_withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The unit takes its application back."""
    return _withdraw(request, pk, Extension)


@keeps_text
@form_methods
def deadline_correct(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The office corrects a date that was entered wrongly."""
    one = visible(request, pk)
    require(request.user, Action.CORRECT_DEADLINE, one)
    key = f"deadline:{pk}"
    form = CorrectDeadlineForm(**_given(request), problem=one, initial=restored(request, key))

    def act(data: dict[str, Any]) -> Problem:
        given = {name: data[name] for name in ("deadline", "deadline_text", "reason")}
        return deadlines.correct(one, by=request.user, seen=data["version"], **given)

    intro = "只用于录入有误或要求提前的时限，更正前后的日期和理由都留在记录里。要推迟，请由责任单位申请延期。"
    done = f"已更正第 {one.number} 项的整改时限，见变更记录。"
    return carry_out(
        request, one, form, act, lambda _: done, key=key, title="更正时限", button="保存更正", intro=intro
    )


@keeps_text
@form_methods
def reopen(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The office starts the next round of a concluded problem."""
    one = visible(request, pk)
    require(request.user, Action.REOPEN, one)
    key = f"reopen:{pk}"
    form = ReopenForm(**_given(request), problem=one, initial=restored(request, key))

    def act(data: dict[str, Any]) -> Problem:
        given = {name: data[name] for name in ("reason", "deadline")}
        return close_out.reopen(one, by=request.user, seen=data["version"], **given)

    intro = f"将开始第 {one.round + 1} 轮整改。第 {one.round} 轮的材料、结论和以前各期的数字都不变。"
    done = f"第 {one.number} 项开始第 {one.round + 1} 轮整改。"
    return carry_out(
        request, one, form, act, lambda _: done, key=key, title="重新整改", button="确认重新整改", intro=intro
    )


@keeps_text
@form_methods
def follow_up(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record that somebody looked again."""
    one = visible(request, pk)
    require(request.user, Action.RECORD_FOLLOW_UP, one)
    key = f"followup:{pk}"
    form = FollowUpForm(**_given(request), initial=restored(request, key))

    def act(data: dict[str, Any]) -> Any:
        given = {name: data[name] for name in ("finding", "outcome", "done_on", "deadline", "files")}
        token = token_of(Action.RECORD_FOLLOW_UP, pk, data)
        return close_out.record_follow_up(one, by=request.user, token=token, **given)

    def done(made: Any) -> str:
        again = f"问题反弹，已开始第 {one.round + 1} 轮整改。" if made.outcome == Finding.RELAPSED else ""
        return f"已登记第 {one.number} 项的回头看。{again}"

    intro = f"结论选“问题反弹”的，登记后这一项重新整改，开始第 {one.round + 1} 轮。"
    return carry_out(request, one, form, act, done, key=key, title="回头看", button="登记", intro=intro)


def visible(request: AuthenticatedRequest, pk: int) -> Problem:
    return get_object_or_404(Problem.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


def waits(application: Any) -> str:
    """等整改办审核."""
    return outcome_words(application)


def carry_out(
    request: AuthenticatedRequest,
    one: Problem,
    form: forms.Form,
    act: Callable[[dict[str, Any]], Any],
    done: Callable[[Any], str],
    *,
    key: str,
    title: str,
    button: str,
    **more: Any,
) -> HttpResponse:
    """One verb of the procedures: carried out and told, or its page with what was typed."""
    outcome = submit(form, act)
    if not outcome.done:
        return form_page(request, outcome, title=title, button=button, key=key, problem=one, **more)
    unsent.drop(request.user, key)
    messages.success(request, done(outcome.result))
    return redirect(f"{one.get_absolute_url()}#rounds")


def _given(request: AuthenticatedRequest) -> dict[str, Any]:
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def _decide(request: AuthenticatedRequest, pk: int, model: type[Reviewed]) -> HttpResponse:
    one = visible(request, pk)
    application = _asked(request, one, model)
    key = f"decide-{application.pk}:{pk}"
    form, label = decide_form(request.user, application, **_given(request), initial=restored(request, key))

    def act(data: dict[str, Any]) -> Any:
        token = token_of("decide", application.pk, data)
        given = {name: data[name] for name in DECIDED if name in data}
        verb = decisions.return_application if data["decision"] == "return" else decisions.decide
        return verb(application, by=request.user, token=token, **given)

    def done(made: Any) -> str:
        return f"已办理第 {one.number} 项的{NOUNS[model]}：{outcome_words(made)}。"

    intro = summary(application)
    return carry_out(request, one, form, act, done, key=key, title=label, button="提交意见", intro=intro)


def _asked(request: AuthenticatedRequest, one: Problem, model: Any) -> Any:
    """The application the page showed; without one, the open one."""
    asked = request.POST.get("application", "")
    if asked.isdecimal() and len(asked) < 16:
        found = model.objects.filter(problem=one, pk=int(asked)).first()
    else:  # what is no number at all, the form itself refuses
        found = open_application(model, one)
    if found is None:
        raise WrongState(f"现在没有等待办理的{NOUNS[model]}，可能已由他人办理或已撤回。")
    if found.is_open:
        require(request.user, STEP_ACTS[model][found.waiting], found)
    return found


def _withdraw(request: AuthenticatedRequest, pk: int, model: type[Reviewed]) -> HttpResponse:
    one, withdraws = visible(request, pk), WITHDRAW_ACTS[model]
    application = open_application(model, one)
    if application is None:
        raise WrongState(f"现在没有等待办理的{NOUNS[model]}，可能已经办结。没有内容被改动。")
    require(request.user, withdraws, application)
    key = f"takeback-{application.pk}:{pk}"
    form = WithdrawForm(request.POST or None, initial=restored(request, key))

    def act(data: dict[str, Any]) -> Any:
        token = token_of(withdraws, application.pk, data)
        return decisions.withdraw_application(
            application, by=request.user, reason=data["reason"], token=token
        )

    done = f"已撤回第 {one.number} 项的{NOUNS[model]}，可以继续整改后再申请。"
    title = f"撤回{NOUNS[model]}"
    return carry_out(request, one, form, act, lambda _: done, key=key, title=title, button="确认撤回")

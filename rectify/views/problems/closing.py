"""The reviewed procedures of one problem: extend, decide, withdraw, reopen, look again, correct."""

from __future__ import annotations

from typing import Any

from django import forms

from rectify import wording
from rectify.choices import Action, Finding
from rectify.errors import WrongState
from rectify.forms.closing import (
    CorrectDeadlineForm,
    ExtensionForm,
    FollowUpForm,
    ReopenForm,
    WithdrawForm,
)
from rectify.models import CloseOut, Extension
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.operations.recording import require
from rectify.policies.closing import NOUNS, STEP_ACTS, Reviewed, open_application
from rectify.selectors.item.procedures import outcome_words, summary
from rectify.views.action_form import ProblemFormView
from rectify.views.problems.procedures import decide_form
from rectify.views.process_form import key_of

DECIDED = ("step", "comment", "signed_on", "files")


class ProcedureFormView(ProblemFormView):
    """One step of a procedure; told among the rounds of the problem."""

    def get_success_url(self, result: Any) -> str:
        return f"{self.problem.get_absolute_url()}#rounds"  # type: ignore[union-attr]


class ExtensionApply(ProcedureFormView):
    """The unit applies for a later deadline."""

    action = Action.APPLY_EXTENSION
    form_class = ExtensionForm
    operation = staticmethod(deadlines.apply_extension)
    draft = "extension"
    title, button = "申请延期", "提交申请"

    def get_success_message(self, result: Extension) -> str:
        day, waits = wording.date(result.new_date), outcome_words(result)
        late = "已过时限，按逾期后申请登记。" if result.late else ""
        return f"已申请把第 {self.object.number} 项延至 {day}，{waits}。{late}"


class DeadlineCorrect(ProcedureFormView):
    """The office corrects a date that was entered wrongly."""

    action = Action.CORRECT_DEADLINE
    form_class = CorrectDeadlineForm
    operation = staticmethod(deadlines.correct)
    draft = "deadline"
    title, button = "更正时限", "保存更正"
    intro = "只用于录入有误或要求提前的时限，更正前后的日期和理由都留在记录里。要推迟，请由责任单位申请延期。"
    success = "已更正第 {problem.number} 项的整改时限，见变更记录。"


class Reopen(ProcedureFormView):
    """The office starts the next round of a concluded problem."""

    action = Action.REOPEN
    form_class = ReopenForm
    operation = staticmethod(close_out.reopen)
    title, button = "重新整改", "确认重新整改"
    success = "第 {result.number} 项开始第 {result.round} 轮整改。"

    def get_intro(self) -> str:
        ended = self.object.round
        return f"将开始第 {ended + 1} 轮整改。第 {ended} 轮的材料、结论和以前各期的数字都不变。"


class FollowUp(ProcedureFormView):
    """Record that somebody looked again."""

    action = Action.RECORD_FOLLOW_UP
    form_class = FollowUpForm
    form_object_name = ""
    operation = staticmethod(close_out.record_follow_up)
    draft = "followup"
    title, button = "回头看", "登记"

    def get_intro(self) -> str:
        return f"结论选“问题反弹”的，登记后这一项重新整改，开始第 {self.object.round + 1} 轮。"

    def get_success_message(self, result: Any) -> str:
        one = self.object
        again = f"问题反弹，已开始第 {one.round + 1} 轮整改。" if result.outcome == Finding.RELAPSED else ""
        return f"已登记第 {one.number} 项的回头看。{again}"


class DecideFormView(ProcedureFormView):
    """Confirm, review or sign an application, or return it."""

    model: type[Reviewed]
    form_object_name = ""
    button = "提交意见"
    application: Any

    def check_permission(self) -> None:
        """Only an open application asks who may decide: a closed one is refused in words of its own."""
        self.application = self._asked()
        if self.application.is_open:
            act = STEP_ACTS[self.model][self.application.waiting]
            require(self.request.user, act, self.application)

    @property
    def draft_key(self) -> str:
        return f"decide-{self.application.pk}:{self.object.pk}"

    def get_form(self) -> forms.Form:
        form, self.title = decide_form(self.request.user, self.application, **self.get_form_kwargs())
        return form

    def get_intro(self) -> str:
        return summary(self.application)

    def perform(self, data: dict[str, Any]) -> Any:
        key = key_of("decide", self.application.pk, data)
        given = {name: data[name] for name in DECIDED if name in data}
        operation = decisions.return_application if data["decision"] == "return" else decisions.decide
        return operation(self.application, by=self.request.user, idempotency_key=key, **given)

    def get_success_message(self, result: Any) -> str:
        return f"已办理第 {self.object.number} 项的{NOUNS[self.model]}：{outcome_words(result)}。"

    def _asked(self) -> Any:
        """The application the page showed; without one, the open one."""
        asked = self.request.POST.get("application", "")
        if asked.isdecimal() and len(asked) < 16:
            found = self.model.objects.filter(problem=self.object, pk=int(asked)).first()
        else:  # what is no number at all, the form itself refuses
            found = open_application(self.model, self.object)
        if found is None:
            raise WrongState(f"现在没有等待办理的{NOUNS[self.model]}，可能已由他人办理或已撤回。")
        return found


class CloseOutDecide(DecideFormView):
    """Confirm, review or sign a close-out, or return it."""

    model = CloseOut


class ExtensionDecide(DecideFormView):
    """Confirm, review or sign an extension, or return it."""

    model = Extension


class WithdrawApplicationView(ProcedureFormView):
    """The unit takes its application back."""

    model: type[Reviewed]
    form_class = WithdrawForm
    operation = staticmethod(decisions.withdraw_application)
    form_object_name = ""
    draft = "takeback"
    button = "确认撤回"

    def get_object(self) -> Any:
        application = open_application(self.model, super().get_object())
        if application is None:
            raise WrongState(f"现在没有等待办理的{NOUNS[self.model]}，可能已经办结。没有内容被改动。")
        return application


class CloseOutWithdraw(WithdrawApplicationView):
    """The unit takes back its application for close-out."""

    model = CloseOut
    action = Action.WITHDRAW_CLOSE_OUT
    title = "撤回销号申请"
    success = "已撤回第 {problem.number} 项的销号申请，可以继续整改后再申请。"


class ExtensionWithdraw(WithdrawApplicationView):
    """The unit takes back its application for an extension."""

    model = Extension
    action = Action.WITHDRAW_EXTENSION
    title = "撤回延期申请"
    success = "已撤回第 {problem.number} 项的延期申请，可以继续整改后再申请。"

"""One problem: its page, and the verbs add, edit, assign, set status, withdraw, restore, decide a link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from rectify import wording
from rectify.audit.chain import find_duplicate
from rectify.choices import Action, Status
from rectify.errors import Incomplete
from rectify.forms.problems import AssignForm, ProblemEditForm, ProblemForm, ReasonForm, StatusForm
from rectify.models import Problem, ProblemCause, ProblemDirection, Report
from rectify.operations import problems
from rectify.selectors.text_similarity import Resemblance, earlier
from rectify.selectors.visible import read_visible
from rectify.transitions import PROBLEM, targets
from rectify.views.action_form import ActionFormView, ProblemFormView
from rectify.views.problems.item import item_page
from rectify.views.process_form import FormResult
from rectify.views.request import AuthenticatedRequest

LINKS: dict[str, Any] = {"cause": ProblemCause, "direction": ProblemDirection}


@require_safe
def problem(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The item page."""
    return item_page(request, pk)


class ProblemAdd(ActionFormView):
    """Add a problem to a ledger."""

    action = Action.ADD_PROBLEM
    form_class = ProblemForm
    form_object_name = "report"
    operation = staticmethod(problems.add)
    not_given = ("looked",)
    draft = "new"
    title = button = "新增问题"
    success = "已新增第 {result.number} 项，请接着明确责任。"
    alike: list[Resemblance] = []

    def get_object(self) -> Report:
        report: Report = read_visible(Report, self.request.user, self.kwargs["pk"])
        return report

    def get_key(self, data: dict[str, Any]) -> str | None:
        """Whether the person had looked at what it resembles makes no other problem of it."""
        return super().get_key({name: value for name, value in data.items() if name != "looked"})

    def submit(self, form: ProblemForm) -> FormResult:
        self.alike = self._not_looked_at(form)
        if not self.alike:
            return super().submit(form)
        self.button = "核对过，仍然新增"
        return FormResult(form)

    def get_context_data(self) -> dict[str, Any]:
        return {"report": self.object, "alike": self.alike}

    def _not_looked_at(self, form: ProblemForm) -> list[Resemblance]:
        """What the new problem resembles, until the form comes back with the sign that it was shown."""
        user, report = self.request.user, self.object
        if not form.is_valid() or find_duplicate(user, self.get_key(form.cleaned_data)):
            return []
        new = Problem(report=report, title=form.cleaned_data["title"], aspect=form.cleaned_data["aspect"])
        known = Problem.objects.visible_to(user).live().filter(report__unit=report.unit_id, carried=False)
        found = earlier(new, list(known.select_related("report", "aspect")))
        shown = ",".join(str(one.other.pk) for one in found)
        if shown == form.cleaned_data["looked"]:
            return []
        data = self.request.POST.copy()
        data["looked"] = shown
        form.data = data
        return found


class ProblemEdit(ProblemFormView):
    """Change title, text, goal or remark."""

    action = Action.EDIT_PROBLEM
    form_class = ProblemEditForm
    operation = staticmethod(problems.edit)
    title, button = "修改问题", "保存修改"
    success = "已保存修改：第 {problem.number} 项“{result.title}”，见变更记录。"


class Assign(ProblemFormView):
    """Say who answers for the problem, and by when."""

    action = Action.ASSIGN
    form_class = AssignForm
    operation = staticmethod(problems.assign)
    title, button = "明确责任", "保存责任"
    success = "已明确责任和时限：第 {problem.number} 项“{result.title}”，见变更记录。"

    def get_intro(self) -> str:
        if self.object.deadline is None:
            return ""
        day = wording.date(self.object.deadline)
        return f"整改时限 {day} 已经定下：要推迟，由责任单位申请延期；录入有误，用“更正时限”。"


class ProblemStatus(ProblemFormView):
    """Move among the statuses that a person may set by hand."""

    action = Action.SET_STATUS
    form_class = StatusForm
    operation = staticmethod(problems.set_status)
    title = button = "变更状态"
    success = "已变更状态：第 {problem.number} 项“{result.title}”，见变更记录。"

    def get_form_kwargs(self) -> dict[str, Any]:
        options = targets(PROBLEM, Action.SET_STATUS, self.object.status)
        return super().get_form_kwargs() | {"targets": options}

    def get_intro(self) -> str:
        return f"现在是“{Status(self.object.status).label}”。"


class Withdraw(ProblemFormView):
    """Take the problem out of the counts."""

    action = Action.WITHDRAW
    form_class = ReasonForm
    operation = staticmethod(problems.withdraw)
    title, button = "撤回这一项", "确认撤回"
    intro = "撤回后这一项不再计入统计和台账，内容和记录全部保留，以后可以恢复。"
    success = "已撤回：第 {problem.number} 项“{result.title}”，见变更记录。"


class Restore(ProblemFormView):
    """Take a withdrawn problem up again."""

    action = Action.RESTORE
    form_class = ReasonForm
    operation = staticmethod(problems.restore)
    title, button = "恢复这一项", "确认恢复"
    success = "已恢复：第 {problem.number} 项“{result.title}”，见变更记录。"


@require_POST
def link_decide(request: AuthenticatedRequest, kind: str, pk: int) -> HttpResponse:
    """Confirm or reject that a cause or direction belongs to the problem."""
    if kind not in LINKS:
        raise Http404
    link = read_visible(LINKS[kind], request.user, pk)
    if (said := request.POST.get("confirm")) not in ("0", "1"):
        raise Incomplete("没有收到“确认”还是“否定”，对应关系没有改动，请回到这一项再选一次。")
    confirm = said == "1"
    problems.decide_link(link, by=request.user, confirm=confirm)
    done = "已确认" if confirm else "已否定"
    messages.success(request, f"{done}“{link.other}”与第 {link.problem.number} 项的对应关系，见变更记录。")
    return redirect(f"{link.problem.get_absolute_url()}#analysis")

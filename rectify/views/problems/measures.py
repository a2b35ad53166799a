"""Measures of a problem: added, changed, finished, dropped."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from rectify.choices import Action
from rectify.forms.closing import RuleForm
from rectify.forms.evidence import FilesForm
from rectify.forms.measures import DropForm, FinishForm, MeasureEditForm, MeasureForm
from rectify.models import Measure
from rectify.operations import measures
from rectify.selectors.visible import read_visible
from rectify.views.action_form import ActionFormView, ProblemFormView


class MeasureAdd(ProblemFormView):
    """Add a measure to a problem."""

    action = Action.ADD_MEASURE
    form_class = MeasureForm
    operation = staticmethod(measures.add)
    draft = "measure"
    title = button = "新增措施"
    success = "已给第 {problem.number} 项新增措施 {result.number}。"


class MeasureFormView(ActionFormView):
    """One action on a measure, which carries the version its form showed."""

    form_object_name = "measure"

    def get_object(self) -> Measure:
        related = ("problem__report__unit", "unit")
        measure: Measure = read_visible(Measure, self.request.user, self.kwargs["pk"], *related)
        return measure

    def get_context_data(self) -> dict[str, Any]:
        return {"measure": self.object, "back": self._back()}

    def get_success_url(self, result: Any) -> Any:
        """Back to the application that asked for it."""
        return self._back() or super().get_success_url(result)

    def _back(self) -> str:
        wanted = self.request.POST.get("back") or self.request.GET.get("back")
        return reverse("close_out_apply", args=[self.object.problem_id]) if wanted == "close_out" else ""


class MeasureEdit(MeasureFormView):
    """Change what a measure says."""

    action = Action.EDIT_MEASURE
    form_class = MeasureEditForm
    operation = staticmethod(measures.edit)
    title, button = "修改措施", "保存修改"
    success = "已修改：第 {problem.number} 项的措施 {object.number}。"


class MeasureFinish(MeasureFormView):
    """Declare a measure done, with what came of it and its evidence."""

    action = Action.FINISH_MEASURE
    form_class = FinishForm
    operation = staticmethod(measures.finish)
    title, button = "完成措施", "确认完成"
    success = "已完成：第 {problem.number} 项的措施 {object.number}。"


class MeasureEvidence(MeasureFormView):
    """Bring files that prove a measure."""

    action = Action.ADD_EVIDENCE
    form_class = FilesForm
    form_object_name = ""
    operation = staticmethod(measures.add_evidence)
    title, button = "补充佐证", "保存"
    success = "已补充佐证：第 {problem.number} 项的措施 {object.number}。"


class MeasureRule(MeasureFormView):
    """Give a lasting measure finished earlier the name and number of its rule."""

    action = Action.ADD_RULE
    form_class = RuleForm
    operation = staticmethod(measures.add_rule)
    title, button = "补录制度成果", "保存"
    success = "已补录制度成果：第 {problem.number} 项的措施 {object.number}。"


class MeasureDrop(MeasureFormView):
    """Give a measure up, with the reason."""

    action = Action.DROP_MEASURE
    form_class = DropForm
    operation = staticmethod(measures.drop)
    title, button = "不再实施措施", "确认不再实施"
    success = "已停止实施：第 {problem.number} 项的措施 {object.number}。"

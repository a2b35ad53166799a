"""The application for close-out: steps, checklist and returned points on one page, mended in place."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from rectify.choices import Action
from rectify.forms.closing import CloseOutForm
from rectify.models import CloseOut, Measure, Problem
from rectify.operations.closing import close_out
from rectify.operations.closing.application import Answer
from rectify.operations.exchange import drafts as unsent
from rectify.policies.closing import kinds, path_of
from rectify.policies.closing_needs import item_lacking, lacking, needs
from rectify.policies.points import explained_in, points_to_answer, returned
from rectify.selectors.item.checklist import check_rows, known, step_marks
from rectify.selectors.item.parts import read_item
from rectify.selectors.item.procedures import outcome_words
from rectify.views.action_form import ProblemFormView
from rectify.views.chosen_files import keep_chosen
from rectify.views.drafts import typed_fields
from rectify.views.process_form import FormResult
from rectify.views.request import AuthenticatedRequest

# What is mended on a page of its own, from which the person comes back.
MENDED = {"finish": "measure_finish", "rule": "measure_rule"}


class CloseOutApply(ProblemFormView):
    """The unit applies for close-out."""

    template_name = "problems/close_out.html"
    action = Action.APPLY_CLOSE_OUT
    form_class = CloseOutForm
    operation = staticmethod(close_out.apply_close_out)
    draft = "closeout"
    title, button = "申请销号", "提交申请"

    def post(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        what, _, pk = request.POST.get("mend", "").partition("-")
        if what in MENDED and pk.isdecimal() and len(pk) < 16:
            return self.mend(MENDED[what], int(pk))
        return super().post(request, *args, **kwargs)

    def mend(self, url_name: str, pk: int) -> HttpResponse:
        """To the page of a measure, with everything typed and chosen so far kept for the way back."""
        self.object = self.get_object()
        self.check_permission()
        measure = get_object_or_404(Measure, pk=pk, problem=self.object)
        form = self.get_form()
        form.is_valid()
        keep_chosen(self.request, form, self.draft_key)
        unsent.keep(self.request.user, key=self.draft_key, fields=typed_fields(self.request.POST))
        return redirect(f"{reverse(url_name, args=[measure.pk])}?back=close_out")

    def get_object(self) -> Problem:
        problem: Problem = read_item(self.request.user, self.kwargs["pk"], "")
        return problem

    def get_initial(self) -> dict[str, Any]:
        """After a return, what was sent."""
        if (before := returned(self.object)) is None:
            return {}
        explained = explained_in(before.explanations)
        measures = self.object.measures.all()
        return {"statement": before.statement, "kind": before.kind} | {
            f"explain_{measure.pk}": explained[measure.number]
            for measure in measures
            if measure.number in explained
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        points = points_to_answer(self.object)
        given = {"kinds": kinds(self.object), "points": points, "lacking": needs(self.object)}
        return super().get_form_kwargs() | given

    def perform(self, data: dict[str, Any]) -> CloseOut:
        return close_out.apply_close_out(
            self.object,
            by=self.request.user,
            seen=data["version"],
            statement=data["statement"],
            kind=data["kind"],
            files=data["files"],
            answers=_answers(data),
            explained=_by_measure(data, "explain"),
            measure_files=_by_measure(data, "proof"),
            idempotency_key=self.get_key(data),
        )

    def get_success_message(self, result: CloseOut) -> str:
        kind = result.get_kind_display()
        return f"已提交第 {self.object.number} 项的{kind}申请，{outcome_words(result)}。"

    def get_success_url(self, result: Any) -> str:
        return f"{self.object.get_absolute_url()}#rounds"

    def render(self, outcome: FormResult) -> HttpResponse:
        self.form: Any = outcome.form
        return super().render(outcome)

    def get_context_data(self) -> dict[str, Any]:
        """The steps, the checklist beside the fields that mend it, and what whoever decides will see."""
        problem, user, form = self.object, self.request.user, self.form
        return {
            "steps": step_marks(problem, path_of(user, problem), f"{user.label}（您）"),
            "rows": [(row, *_fields(form, row.measure)) for row in check_rows(problem)],
            "points": [
                (point, form[f"answer_{point.number}"], form[f"answer_files_{point.number}"])
                for point in form.points
            ],
            "returned": returned(problem),
            "item_lacking": item_lacking(problem),
            "gaps": len(lacking(problem)),
            "known": known(user, problem),
        }


def _fields(form: Any, measure: Measure) -> tuple[Any, Any]:
    """The fields that explain a measure and bring its proof, where the form has them."""
    names = (f"explain_{measure.pk}", f"proof_{measure.pk}")
    return tuple(form[name] if name in form.fields else None for name in names)  # type: ignore[return-value]


def _answers(data: dict[str, Any]) -> dict[int, Answer]:
    numbers = [int(name.removeprefix("answer_")) for name in data if name.removeprefix("answer_").isdecimal()]
    return {
        number: Answer(data[f"answer_{number}"], data.get(f"answer_files_{number}", ())) for number in numbers
    }


def _by_measure(data: dict[str, Any], what: str) -> dict[int, Any]:
    return {int(name.partition("_")[2]): value for name, value in data.items() if name.startswith(f"{what}_")}

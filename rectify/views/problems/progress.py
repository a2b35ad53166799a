"""Progress: reported on the item page, corrected by a new note."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from rectify.choices import Action
from rectify.forms.progress import CorrectionForm, ProgressForm
from rectify.models import Problem, ProgressNote
from rectify.operations import progress
from rectify.operations.exchange import drafts as unsent
from rectify.selectors.item.chasing import to_handle
from rectify.selectors.visible import read_visible
from rectify.views.action_form import ActionFormView
from rectify.views.chosen_files import chosen_files, drop_chosen, keep_chosen
from rectify.views.drafts import keeps_text
from rectify.views.problems.item import item_page
from rectify.views.process_form import key_of, submit
from rectify.views.request import AuthenticatedRequest


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def progress_add(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record what was done; the form stands on the item page."""
    problem: Problem = read_visible(Problem, request.user, pk, "report__unit")
    if request.method != "POST":
        kept = request.GET.get("kept")
        return redirect(f"{problem.get_absolute_url()}{f'?kept={kept}' if kept in ('1', 'part') else ''}")

    def act(data: dict[str, Any]) -> ProgressNote:
        fields = {name: data[name] for name in ("text", "percent", "measure", "files")}
        answers = data.get("answers", [])
        key = key_of(Action.ADD_PROGRESS, pk, {name: data[name] for name in data if name != "answers"})
        return progress.add(problem, by=request.user, answers=answers, idempotency_key=key, **fields)

    waiting, draft = to_handle(request.user, problem), f"progress:{pk}"
    form = ProgressForm(request.POST, chosen_files(request), problem=problem, instructions=waiting)
    outcome = submit(form, act)
    if not outcome.done:
        keep_chosen(request, form, draft)
        return item_page(request, problem.pk, outcome)
    unsent.drop(request.user, draft)
    drop_chosen(request)
    files = _files_told(outcome.form.cleaned_data["files"])
    messages.success(request, f"已填报第 {problem.number} 项的进展{files}，见下面的进展记录。")
    return redirect(outcome.result)


class NoteCorrect(ActionFormView):
    """Replace what a note says by a new one; the old text stays on record."""

    action = Action.CORRECT_NOTE
    form_class = CorrectionForm
    form_object_name = "note"
    operation = staticmethod(progress.correct)
    draft = "correct"
    title, button = "更正进展", "提交更正"
    intro = "更正会成为一条新的进展，原来的文字划线保留。"
    success = "已更正这条进展，原来的文字划线保留在记录里。"

    def get_object(self) -> ProgressNote:
        note: ProgressNote = read_visible(ProgressNote, self.request.user, self.kwargs["pk"])
        return note


def _files_told(files: list[Any]) -> str:
    return f"，附佐证材料 {len(files)} 份" if files else ""

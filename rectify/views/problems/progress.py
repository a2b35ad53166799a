"""Progress: reported on the item page, corrected by a new note."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from rectify.choices import Action
from rectify.forms.progress import CorrectionForm, ProgressForm
from rectify.models import Problem, ProgressNote
from rectify.operations import progress
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.selectors.item.chasing import to_handle
from rectify.views.drafts import keeps_text, restored
from rectify.views.problems.item import item_page
from rectify.views.process_form import form_page, submit, token_of
from rectify.views.request import AuthenticatedRequest


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def progress_add(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record what was done; the form stands on the item page."""
    problem = get_object_or_404(Problem.objects.visible_to(request.user), pk=pk)
    if request.method != "POST":
        kept = request.GET.get("kept")
        return redirect(f"{problem.get_absolute_url()}{f'?kept={kept}' if kept in ('1', 'part') else ''}")

    def act(data: dict[str, Any]) -> ProgressNote:
        fields = {name: data[name] for name in ("text", "percent", "measure", "files")}
        answers = data.get("answers", [])
        token = token_of(Action.ADD_PROGRESS, pk, {name: data[name] for name in data if name != "answers"})
        return progress.add(problem, by=request.user, answers=answers, token=token, **fields)

    waiting = to_handle(request.user, problem)
    form = ProgressForm(request.POST, request.FILES, problem=problem, instructions=waiting)
    outcome = submit(form, act)
    if not outcome.done:
        return item_page(request, problem.pk, outcome)
    unsent.drop(request.user, f"progress:{pk}")
    messages.success(
        request, f"已填报第 {problem.number} 项的进展{_with_files(outcome.result)}，见下面的进展记录。"
    )
    return redirect(outcome.result)


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def note_correct(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Replace what a note says by a new one; the old text stays on record."""
    note = get_object_or_404(ProgressNote.objects.visible_to(request.user), pk=pk)
    require(request.user, Action.CORRECT_NOTE, note)
    key = f"correct-{pk}:{note.problem_id}"

    def act(data: dict[str, Any]) -> ProgressNote:
        fields = {name: data[name] for name in ("text", "percent", "reason", "files")}
        token = token_of(Action.CORRECT_NOTE, pk, data)
        return progress.correct(note, by=request.user, token=token, **fields)

    given = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
    form = CorrectionForm(**given, note=note, initial=restored(request, key))
    outcome = submit(form, act)
    if not outcome.done:
        intro = "更正会成为一条新的进展，原来的文字划线保留。"
        return form_page(
            request, outcome, title="更正进展", button="提交更正", key=key, problem=note.problem, intro=intro
        )
    unsent.drop(request.user, key)
    messages.success(request, "已更正这条进展，原来的文字划线保留在记录里。")
    return redirect(outcome.result)


def _with_files(note: ProgressNote) -> str:
    count = note.evidence.count()
    return f"，附佐证材料 {count} 份" if count else ""

"""A page of one form for one action: seen, allowed, checked, carried out, told; the rest is declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views import View

from rectify.forms.evidence import ACCEPT
from rectify.models import Problem
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.selectors.visible import read_visible
from rectify.views.chosen_files import chosen_files, drop_chosen, keep_chosen, show_kept
from rectify.views.drafts import draft_token, keeps_text, restored
from rectify.views.process_form import FormResult, key_of, submit
from rectify.views.request import AuthenticatedRequest

RELATED = ("report__unit", "report__settings", "leader__user", "lead_unit", "clerk")


class ActionFormView(View):
    """One action through one form; sentences are filled in from the problem, the object and the result."""

    http_method_names = ["get", "head", "post"]
    template_name = "problems/form.html"
    action: str
    form_class: Callable[..., forms.Form]
    form_object_name = ""  # the name under which the form takes the object
    operation: Callable[..., Any]
    not_given: tuple[str, ...] = ()  # fields of the form that the operation does not take
    draft = ""  # the draft's name, unless it is the action's own
    title = button = intro = success = ""
    success_url = ""  # the result's own page, unless it is named
    request: AuthenticatedRequest
    object: Any

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        return keeps_text(super().as_view(**initkwargs))

    def get(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        self.check_permission()
        outcome = self.submit(self.get_form())
        if not outcome.done:
            return self.render(outcome)
        unsent.drop(request.user, self.draft_key)
        drop_chosen(request)
        messages.success(request, self.get_success_message(outcome.result))
        return redirect(self.get_success_url(outcome.result))

    def post(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.get(request, *args, **kwargs)

    def get_object(self) -> Any:
        raise NotImplementedError

    def check_permission(self) -> None:
        require(self.request.user, self.action, self.object)

    @property
    def problem(self) -> Problem | None:
        """The problem the page is about."""
        return self.object if isinstance(self.object, Problem) else getattr(self.object, "problem", None)

    @property
    def draft_key(self) -> str:
        """Drafts belong to the problem; what is on the problem is named besides."""
        name = self.draft or self.action.replace("_", "")
        if self.problem in (None, self.object):
            return f"{name}:{self.object.pk}"
        return f"{name}-{self.object.pk}:{self.problem.pk}"

    def get_form(self) -> forms.Form:
        return self.form_class(**self.get_form_kwargs())

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        request = self.request
        given = {self.form_object_name: self.object} if self.form_object_name else {}
        if request.method == "POST":
            given |= {"data": request.POST, "files": chosen_files(request)}
        return given | {"initial": self.get_initial() | restored(request, self.draft_key)}

    def submit(self, form: Any) -> FormResult:
        return submit(form, self.perform)

    def perform(self, data: dict[str, Any]) -> Any:
        """Hand the form's values to the operation, with the version seen and the key against repeats."""
        given = {name: value for name, value in data.items() if name not in self.not_given}
        if "version" in given:
            given["seen"] = given.pop("version")
        if "idempotency_key" in given:
            given["idempotency_key"] = self.get_key(data)
        return self.operation(self.object, by=self.request.user, **given)

    def get_key(self, data: dict[str, Any]) -> str | None:
        return key_of(self.action, self.object.pk, data)

    def get_success_message(self, result: Any) -> str:
        return self.success.format(problem=self.problem, object=self.object, result=result)

    def get_success_url(self, result: Any) -> Any:
        return self.success_url or result

    def get_intro(self) -> str:
        return self.intro

    def get_context_data(self) -> dict[str, Any]:
        """What the page needs besides the form."""
        return {}

    def render(self, outcome: FormResult) -> HttpResponse:
        """The page of the form, with what was typed and chosen and why it was not carried out."""
        keep_chosen(self.request, outcome.form, self.draft_key)
        show_kept(self.request, outcome.form, self.draft_key)
        context = {
            "form": outcome.form,
            "stale": outcome.stale,
            "missing": outcome.missing,
            "title": self.title,
            "button": self.button,
            "intro": self.get_intro(),
            "problem": self.problem,
            "draft_key": self.draft_key,
            "draft_token": draft_token(self.request.user, self.draft_key),
            "accept": ACCEPT,
            "max_bytes": settings.EVIDENCE_MAX_BYTES,
        }
        return render(
            self.request, self.template_name, context | self.get_context_data(), status=outcome.status
        )


class ProblemFormView(ActionFormView):
    """One action on a problem."""

    form_object_name = "problem"

    def get_object(self) -> Problem:
        problem: Problem = read_visible(Problem, self.request.user, self.kwargs["pk"], *RELATED)
        return problem

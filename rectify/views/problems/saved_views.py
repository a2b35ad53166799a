"""Views of the list under a name: kept from the address that is open, renamed, dropped."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from rectify import wording
from rectify.choices import Role
from rectify.errors import Incomplete
from rectify.forms.saved_views import SavedViewForm
from rectify.models import SavedView
from rectify.models.people import within
from rectify.operations import saved_views as operations
from rectify.selectors.problem_filter import ProblemFilter, describe
from rectify.tables.problems import ORDERS, columns, headings
from rectify.views.list_address import canonical, unknown, views_of
from rectify.views.process_form import posted, submit
from rectify.views.request import AuthenticatedRequest


@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request: AuthenticatedRequest) -> HttpResponse:
    """The form that keeps what the address says, and the views there are."""
    query = canonical(request.GET)
    form = SavedViewForm(posted(request), user=request.user)
    outcome = submit(form, lambda given: _keep(request, query, given))
    if outcome.done:
        view = outcome.result
        messages.success(request, f"已保存视图“{view}”{'，已记入审计' if view.unit else ''}。")
        return redirect(f"{reverse('problems')}?view={view.pk}")
    changeable = set(_changeable(request).values_list("pk", flat=True))
    context = {
        "form": form, "missing": outcome.missing,
        "address": request.GET.urlencode(), "words": _words(request, query),
        "views": [(view, _words(request, view.query), view.pk in changeable) for view in views_of(request)],
    }  # fmt: skip
    return render(request, "problems/saved_views.html", context, status=outcome.status)


def _keep(request: AuthenticatedRequest, query: str, given: dict[str, Any]) -> SavedView:
    """Only what the list itself understands is kept."""
    if wrong := [*ProblemFilter.of(request.user, request.GET).ignored, *unknown(request.GET)]:
        raise Incomplete(f"网址中的{wording.listed(wrong)}无法识别，没有保存。请回到整改事项重新筛选。")
    return operations.keep(by=request.user, query=query, **given)


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Another name, another role."""
    view = get_object_or_404(_changeable(request), pk=pk)
    form = SavedViewForm(posted(request), user=request.user, view=view)
    outcome = submit(form, lambda given: operations.rename(view, by=request.user, **given))
    if outcome.done:
        messages.success(request, f"已修改视图“{view}”{'，已记入审计' if view.unit else ''}。")
        return redirect("saved_views")
    context = {"form": form, "missing": outcome.missing, "view": view, "words": _words(request, view.query)}
    return render(request, "problems/saved_view.html", context, status=outcome.status)


@require_POST
def saved_view_drop(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(_changeable(request), pk=pk)
    operations.drop(view, by=request.user)
    messages.success(request, f"已删除视图“{view}”{'，已记入审计' if view.unit else ''}。")
    return redirect("saved_views")


def _changeable(request: AuthenticatedRequest) -> Any:
    """One's own, and those of the units whose office one is."""
    shared = SavedView.objects.filter(within("unit__path", request.user.paths(Role.OFFICE)))
    return (SavedView.objects.own(request.user) | shared).select_related("unit")


def _words(request: AuthenticatedRequest, query: str) -> str:
    """What a view lists, in which columns and order, as this person understands it."""
    found = ProblemFilter.of(request.user, query)
    said = [describe(found.cleaned) or "全部事项"]
    said += [f"{wording.listed(found.ignored)}不在您可以查看的范围内，打开时忽略"] if found.ignored else []
    data = found.data
    if names := [columns()[name] for name in data.getlist("cols") if name in columns()]:
        said.append(f"列：{wording.listed(names)}")
    sort = data.get("sort", "")
    if (name := sort.removeprefix("-")) in ORDERS:
        said.append(f"按{headings()[name]}{'倒' if sort.startswith('-') else '顺'}序")
    return "；".join(said)

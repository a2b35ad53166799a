"""The carry-over wizard: what is unfinished or standing goes on in this year's ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rectify import clock, wording
from rectify.choices import Action
from rectify.forms.carrying import NEW, CarryForm
from rectify.models import Extension, Problem, Report
from rectify.operations import carry_over
from rectify.operations.recording import require
from rectify.selectors.problem_rows import chip
from rectify.selectors.text_similarity import Resemblance, resembling
from rectify.selectors.visible import read_visible
from rectify.views.process_form import submit
from rectify.views.request import AuthenticatedRequest


@dataclass(frozen=True)
class CarryRow:
    """One problem of the old ledger: whether it can go on, and what in the new one resembles it."""

    problem: Problem
    light: wording.LightChip
    why_not: str
    ticked: bool
    like: list[Resemblance]


@require_http_methods(["GET", "HEAD", "POST"])
def carry(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Choose where to and what; everything is carried in one act, or nothing."""
    source = read_visible(Report, request.user, pk, "unit")
    require(request.user, Action.CARRY_OVER, source)
    refused = _refused(problems := _problems(source))
    targets = Report.objects.run_by(request.user).filter(unit=source.unit, year__gte=source.year)
    targets = targets.exclude(pk=source.pk).newest_first()
    target = _target(request, list(targets))
    able = [problem for problem in problems if not refused[problem.pk]]
    sent = request.POST if "carry" in request.POST else None
    form = CarryForm(sent, targets=targets, problems=able, report=source, initial={"target": target})
    outcome = submit(
        form, lambda given: carry_over.carry_over(source, given.pop("problems"), by=request.user, **given)
    )
    if outcome.done:
        return _carried(request, outcome.result)
    context = {
        "report": source,
        "form": form,
        "missing": outcome.missing,
        "target": target,
        "rows": _rows(problems, refused, target, form),
        "alike": resembling(list(_own(target)), problems) if target else [],
    }
    return render(request, "reports/carry.html", context, status=outcome.status)


def _carried(request: AuthenticatedRequest, made: carry_over.Carried) -> HttpResponse:
    words = f"已把 {len(made.problems)} 项结转到“{made.report}”，编号、原定时限和历史都保留。"
    messages.success(request, words)
    return redirect(made.report)


def _problems(report: Report) -> list[Problem]:
    related = ("report__settings", "aspect", "leader", "lead_unit", "carried_to__report")
    rows = Problem.objects.filter(report=report).live().with_light(clock.today())
    return list(rows.select_related(*related).order_by("number"))


def _refused(problems: list[Problem]) -> dict[int, str]:
    """Why each cannot go on; empty for those that can."""
    open_now = Extension.objects.open().filter(problem__in=problems)
    extending = set(open_now.values_list("problem_id", flat=True))
    return {problem.pk: carry_over.cannot(problem, problem.pk in extending) for problem in problems}


def _target(request: AuthenticatedRequest, targets: list[Report]) -> Report | None:
    """The ledger chosen; without a choice the newest later one, or a new one."""
    asked = request.POST.get("target") if request.method == "POST" else request.GET.get("target")
    if asked in ("", NEW):
        return None
    if asked is None:
        return targets[0] if targets else None
    return next((target for target in targets if str(target.pk) == asked), None)


def _own(report: Report) -> Any:
    """The problems of the newer ledger that did not come from an older one."""
    rows = Problem.objects.filter(report=report, carried_from__isnull=True).live()
    return rows.select_related("aspect", "report").order_by("number")


def _rows(
    problems: list[Problem], refused: dict[int, str], target: Report | None, form: CarryForm
) -> list[CarryRow]:
    """Every problem of the old ledger; those that can go on are ticked at first."""
    today = clock.today()
    able = [problem for problem in problems if not refused[problem.pk]]
    like = {one.problem.pk: [one] for one in resembling(able, list(_own(target)) if target else [])}
    chosen = set(cast(QueryDict, form.data).getlist("problems")) if form.is_bound else None
    rows = []
    for one in problems:
        why = refused[one.pk]
        ticked = not why and (chosen is None or str(one.pk) in chosen)
        rows.append(CarryRow(one, chip(one, today), why, ticked, like.get(one.pk, [])))
    return rows

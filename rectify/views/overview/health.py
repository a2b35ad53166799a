"""The health check of the ledgers a person runs or inspects."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from rectify import clock
from rectify.choices import Level
from rectify.errors import NotAllowed
from rectify.models import Problem, Report, User
from rectify.policies import runs
from rectify.roles import HEALTH_CHECKERS, named
from rectify.selectors.health.findings import CheckedLedgers
from rectify.selectors.health.mending import BY_RULE
from rectify.selectors.health.rules import RULES, Result, check
from rectify.views.ledger_choice import ledgers_of
from rectify.views.request import AuthenticatedRequest


@require_safe
def health(request: AuthenticatedRequest) -> HttpResponse:
    """What is missing or doubtful, by level, each with the page that mends it."""
    user = request.user
    if not user.has_role(*HEALTH_CHECKERS):
        raise NotAllowed(f"台账体检由{named(HEALTH_CHECKERS)}查看。")
    reports = list(Report.objects.visible_to(user).auditable_by(user).select_related("unit").newest_first())
    looked_at = {one.pk for one in ledgers_of(request).looked_at}
    report = next((one for one in reports if one.pk in looked_at), reports[0] if reports else None)
    scope = scope_of(user, report, hashes=request.GET.get("files") == "1")
    results = check(scope)
    mendable = _mendable(scope, results, report)
    levels = [
        (
            level,
            level.label,
            [(one, mendable.get(one.rule.key)) for one in results if one.rule.level == level],
        )
        for level in Level
    ]
    context = {
        "report": report,
        "reports": reports,
        "levels": [row for row in levels if row[2]],
        "clean": len(RULES) - len(results),
        "rules": len(RULES),
        "hashes": scope.hashes,
        "problem_count": scope.problems.count(),
        "grid": "" if scope.reads_only or report is None else f"{reverse('grid')}?report={report.pk}",
    }
    return render(request, "health/health.html", context)


def scope_of(user: User, report: Report | None, *, hashes: bool = False) -> CheckedLedgers:
    """One ledger as this person may see it; without one, the accounts that the person administers."""
    chosen = (report,) if report else ()
    problems = Problem.objects.visible_to(user).live().filter(report__in=[one.pk for one in chosen])
    reads_only = report is None or not runs(user, report)
    return CheckedLedgers(chosen, problems, clock.today(), user, hashes=hashes, reads_only=reads_only)


def _mendable(
    scope: CheckedLedgers, results: list[Result], report: Report | None
) -> dict[str, tuple[int, str]]:
    """Of each rule whose findings have one right answer: of how many, and where they are mended."""
    if scope.reads_only or report is None:
        return {}
    mends = [BY_RULE[result.rule.key] for result in results if result.rule.key in BY_RULE]
    counted = {mend.rule: len(mend.answers(scope)) for mend in mends}
    page = reverse("health_mend", args=[report.pk])
    return {rule: (count, f"{page}?rule={rule}") for rule, count in counted.items() if count}

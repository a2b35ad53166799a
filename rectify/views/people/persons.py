"""人员: the people of a county, and a page for each."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from rectify.choices import Action, Role
from rectify.errors import NotAllowed
from rectify.models import User
from rectify.policies import may
from rectify.roles import ADMINISTRATORS, named
from rectify.selectors.staffing.persons import person_facts, persons, state_of
from rectify.views.request import AuthenticatedRequest

PAGE = 50
LONGEST = 50


@require_safe
def people(request: AuthenticatedRequest) -> HttpResponse:
    """Everybody with a post in one's subtrees, found by name, account, telephone or unit."""
    _require(request.user)
    asked = request.GET.get("q", "").strip()[:LONGEST]
    page = Paginator(persons(request.user, asked), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "asked": asked, "rows": [(one, state_of(one)) for one in page]}
    return render(request, "people/list.html", context | _acts(request.user))


@require_safe
def person(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Account, posts, leader, stand-ins, and what they hold."""
    _require(request.user)
    one = get_object_or_404(persons(request.user), pk=pk)
    facts = person_facts(request.user, one)
    return render(request, "people/person.html", {"facts": facts, "person": one} | _acts(request.user))


def _require(user: User) -> None:
    if not user.has_role(*ADMINISTRATORS):
        raise NotAllowed(f"人员由{named(ADMINISTRATORS)}查看。")


def _acts(user: User) -> dict[str, bool]:
    return {
        "may_hand_over": bool(may(user, Action.HAND_OVER)),
        "may_load": bool(may(user, Action.LOAD_ROSTER)),
        "may_reset": bool(may(user, Action.RESET_FACTOR)),
        "may_edit": user.has_role(Role.SYSADMIN),
    }

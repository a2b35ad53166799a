"""The first page: what waits for me, by role, the most urgent first."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify import clock
from rectify.backup.readiness import readiness
from rectify.choices import Role
from rectify.models import User
from rectify.roles import BUSINESS
from rectify.selectors.dashboard import leader
from rectify.selectors.inbox import groups
from rectify.selectors.inbox.confirmations import duties_to_confirm, links_to_confirm, purges_to_confirm
from rectify.views.ledger_choice import ledgers_of
from rectify.views.people.accounts import known_sign_in, last_visit
from rectify.views.request import AuthenticatedRequest


@require_safe
def home(request: AuthenticatedRequest) -> HttpResponse:
    """What waits for the person who is signed in."""
    user = request.user
    runs, ledgers = user.has_role(Role.OFFICE), ledgers_of(request)
    found = groups.inbox(user)
    led = leader.page(user, found, last_visit(request)) if groups.leads(user) else None
    links, purges = links_to_confirm(user) if runs else [], purges_to_confirm(user)
    duties = duties_to_confirm(user)
    count = found.count + len(links) + len(purges) + len(duties)
    context = {
        "inbox": found,
        "waiting": found.waiting,
        "leader": led,
        "groups": leader.without_lights(found.later, led) if led else found.later,
        "to_read": groups.to_read(user),
        "unassigned": found.unassigned,
        "suggested": found.suggested,
        "links": links,
        "purges": purges,
        "duties": duties,
        "last": groups.last(user),
        "count": count,
        "may_import": runs and not count and not ledgers.seen,
    }
    return render(request, "home/home.html", context | _heading(request) | _roles(user))


def _heading(request: AuthenticatedRequest) -> dict[str, Any]:
    return {"today": clock.today(), "last_sign_in": known_sign_in(request)}


def _roles(user: User) -> dict[str, Any]:
    """What the page says of roles that have no inbox of their own."""
    is_sysadmin = user.has_role(Role.SYSADMIN)
    return {
        "is_business": user.has_role(*BUSINESS),
        "is_sysadmin": is_sysadmin,
        "is_auditor": user.has_role(Role.AUDITOR),
        "readiness": readiness() if is_sysadmin else [],
    }

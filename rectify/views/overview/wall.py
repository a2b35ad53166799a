"""The dashboard on a wall: numbers alone, no names of people or items, renewed by itself."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST, require_safe

from rectify import clock
from rectify.selectors.dashboard.asked import counted_of
from rectify.selectors.dashboard.tiles import tiles
from rectify.sessions import WALL_ALONE
from rectify.views.overview.dashboard import read_asked
from rectify.views.request import AuthenticatedRequest

BARS = 7  # as many as stand on a screen of 1080 lines at a size that is read from five metres


@require_safe
def wall(request: AuthenticatedRequest) -> HttpResponse:
    """Where the ledgers that the person may see stand today, for everybody in the room."""
    asked = read_asked(request)
    counted = counted_of(asked)
    numbers = counted["numbers"]
    bars = numbers.by_aspect if counted["report"] else numbers.by_report
    context = counted | {
        "tiles": tiles(numbers, []),
        "bars": bars[:BARS],
        "bars_of": "按查摆方面" if counted["report"] else "按台账",
        "happened": counted["changes"].happened[:4],
        "now": localtime(clock.now()),
        "alone": WALL_ALONE in request.session,
        "idle": settings.SESSION_COOKIE_AGE // 60,
        "hours": settings.SESSION_HOURS,
    }
    return render(request, "dashboard/wall.html", context)


@require_POST
def wall_alone(request: AuthenticatedRequest) -> HttpResponse:
    """From now on this sign-in shows the wall alone, and is not ended because nobody works in it."""
    request.session[WALL_ALONE] = True
    query = request.GET.urlencode()
    return redirect(reverse("wall") + (f"?{query}" if query else ""))

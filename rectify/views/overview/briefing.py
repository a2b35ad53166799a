"""The briefing: one printable page for the committee, its sentences built from facts."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rectify.selectors.dashboard.asked import counted_of
from rectify.selectors.dashboard.tiles import tiles
from rectify.selectors.dashboard.urgent import overdue_longest
from rectify.views.overview.dashboard import read_asked
from rectify.views.request import AuthenticatedRequest


@require_safe
def briefing(request: AuthenticatedRequest) -> HttpResponse:
    """The figures, the changes since last time, and the red items with cause and next step."""
    asked = read_asked(request)
    counted = counted_of(asked)
    numbers, red = counted["numbers"], overdue_longest(asked.looked, asked.ledgers)
    shown = tiles(numbers, [row for row, *_ in red])
    context = counted | {
        "differences": "，".join(str(tile["words"]) for tile in shown if tile["words"]),
        "red": red,
        "more": numbers.all.overdue - len(red),
        "silent": numbers.stale[:6],
    }
    return render(request, "dashboard/briefing.html", context)

"""The calendar of deadlines: its address made and ended by the person, and read without signing in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from rectify import clock
from rectify.delivery.icalendar import Day
from rectify.delivery.icalendar import calendar as written
from rectify.models import CalendarFeed
from rectify.operations.sign_in import calendar as operations
from rectify.selectors.calendar import deadlines_of, owner_of
from rectify.views.request import AuthenticatedRequest

TOKEN = "key"  # in the query: the log keeps paths only


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: AuthenticatedRequest) -> HttpResponse:
    """The address is shown once, when it is made; `close` ends it."""
    address = ""
    if "close" in request.POST:
        operations.close_feed(request.user)
        messages.success(request, "已停用时限日历的地址，再用它打不开了，已记入审计。")
        return redirect("calendar")
    if request.method == "POST":
        token = operations.open_feed(request.user)
        address = f"{settings.SITE_URL}{reverse('calendar_feed')}?{TOKEN}={token}"
    feed = CalendarFeed.objects.filter(user=request.user).first()
    return render(request, "notices/calendar.html", {"address": address, "feed": feed})


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """For the program that reads it: whoever has the address sees codes and days, and nothing else."""
    user = owner_of(request.GET.get(TOKEN, ""))
    if user is None:
        raise Http404
    host = settings.SITE_URL.partition("://")[2]
    days = [
        Day(
            f"item-{pk}@{host}",
            day,
            f"{code} 整改时限",
            f"{settings.SITE_URL}{reverse('problem', args=[pk])}",
        )
        for pk, code, day in deadlines_of(user)
    ]
    text = written("整改时限", days, clock.now())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    return response

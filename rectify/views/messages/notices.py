"""One's own messages: the list, mark as read, and the unread number a page asks for."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from rectify.models import Notice
from rectify.models.notices import titles_for
from rectify.notifications.outbox import mark_read
from rectify.views.request import AuthenticatedRequest

PER_PAGE = 25
LINES = 12
LONGEST_ID = 18


@require_safe
def notices(request: AuthenticatedRequest) -> HttpResponse:
    """The newest first; `?unread=1` shows the unread ones only, `known=1` of them what is no work."""
    unread_only = request.GET.get("unread") == "1"
    mine = Notice.objects.inbox_of(request.user)
    shown = (mine.unread() if unread_only else mine).order_by("-id")
    if unread_only and request.GET.get("known") == "1":
        shown = Notice.objects.to_know(request.user)
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    titles = titles_for(request.user, rows)
    lines = [notice.lines(titles) for notice in rows]
    context = {
        "page": page,
        "rows": [(notice, said[:LINES], len(said) - LINES) for notice, said in zip(rows, lines, strict=True)],
        "unread_only": unread_only,
    }
    return render(request, "notices/list.html", context)


@require_POST
def read(request: AuthenticatedRequest) -> HttpResponse:
    """Mark one message, or all of them, as read; `open` leads on to what the one is about."""
    given = request.POST.getlist("notice")
    ids = [int(value) for value in given if value.isdecimal() and len(value) <= LONGEST_ID]
    count = mark_read(request.user, ids if given else None)
    mine = Notice.objects.inbox_of(request.user).filter(pk__in=ids)
    if "open" in request.POST and (notice := mine.first()):
        return redirect(notice.url)
    messages.success(request, f"已把 {count} 条消息标为已读。" if count else "没有未读的消息。")
    return redirect("notices")


@never_cache
@require_safe
def notice_count(request: AuthenticatedRequest) -> JsonResponse:
    """The unread number: one light query of its own."""
    return JsonResponse({"unread": Notice.objects.inbox_of(request.user).unread().count()})

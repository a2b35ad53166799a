"""Unsent input: kept while it is typed, and when a submit arrives after the sign-in has expired."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.utils.timezone import localtime
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from rectify import clock
from rectify.errors import Refusal
from rectify.models import IntakeDraft, Problem, Report, User
from rectify.models.exchange import draft_max
from rectify.operations.exchange import drafts as unsent
from rectify.operations.exchange import uploads
from rectify.views.chosen_files import keep_sent, keeps_files
from rectify.views.request import AuthenticatedRequest

View = Callable[..., HttpResponseBase]

SALT = "rectify.unsent"
DRAFT_TOKEN_AGE = 7 * 24 * 60 * 60
# "progress:5" belongs to problem 5; "new:3" is a problem being added to report 3, "part:3" a cause,
# "issue:3" a 督办单 of it, "grid:3" rows of it being filled in, "mend:3" why its findings are mended;
# "piece-p2:7" is a piece of the report 7 that is being looked over; "intake:0" a report to be uploaded
# (kept only when a sign-in expires).
KEY = re.compile(r"(?P<verb>[a-z]{1,40})(-[a-z0-9-]{1,60})?:(?P<pk>[0-9]{1,18})")
OWNERS: dict[str, Any] = {
    "new": Report,
    "part": Report,
    "issue": Report,
    "grid": Report,
    "mend": Report,
    "piece": IntakeDraft,
}
FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
SEVERAL = "[]"
REFUSED = f"您填写的文字和所选的材料已经保留，{uploads.HOURS} 小时内再打开这张表，都还在。"
NOT_TEXT = {
    "csrfmiddlewaretoken",
    "idempotency_key",
    "draft_token",
    "draft_key",
    "files",
    "application",
    "step",
}
NOT_TEXT |= {"kept_file", "shown_file", "back", "mend", "looked_through", "mark_answer", "number_answer"}


def draft_token(user: User, key: str) -> str:
    """Proof that this person was given the form of this draft: it outlives the sign-in."""
    return signing.dumps([user.pk, key], salt=SALT)


def read_draft_token(value: str) -> tuple[int, str] | None:
    try:
        user_id, key = signing.loads(value, salt=SALT, max_age=DRAFT_TOKEN_AGE)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return int(user_id), str(key)


def keeps_text(view: View) -> View:
    """A submit after the sign-in expired keeps what was typed, and asks to sign in again.

    The draft token of the form is as secret and as personal as a CSRF token, so it stands in for one: who
    has signed in again in another window may submit the page that was already open.
    """
    protected = csrf_protect(view)

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        given = read_draft_token(request.POST.get("draft_token", "")) if request.method == "POST" else None
        if request.user.is_authenticated:
            if given is None or given[0] != request.user.pk:
                return protected(request, *args, **kwargs)
            with _kept_when_refused(request, request.user, given[1]):
                return view(request, *args, **kwargs)
        where = request.path
        if given is not None and (owner := User.objects.filter(pk=given[0], is_active=True).first()):
            whole = _keep(owner, given[1], request)
            where += "?kept=1" if whole else "?kept=part"
        return redirect_to_login(where)

    exempt: View = login_not_required(csrf_exempt(wrapper))
    return exempt


@contextmanager
def _kept_when_refused(request: HttpRequest, owner: User, key: str) -> Iterator[None]:
    """A refusal that no form shows, such as 403, loses neither text nor files."""
    try:
        yield
    except Refusal:
        _keep(owner, key, request)
        messages.warning(request, REFUSED)
        raise


@require_POST
def drafts(request: AuthenticatedRequest) -> HttpResponse:
    """Keep the text of a form that is being filled in."""
    key = request.POST.get("draft_key", "")
    if not _may_keep(request.user, key):
        return JsonResponse({"error": "这份草稿不属于您可以办理的事项。"}, status=404)
    try:
        unsent.keep(request.user, key=key, fields=typed_fields(request.POST))
    except Refusal as refusal:
        return JsonResponse({"error": refusal.message}, status=refusal.status)
    return JsonResponse({"saved_at": f"{localtime(clock.now()):%H:%M}"})


def restored(request: AuthenticatedRequest, key: str) -> dict[str, Any]:
    """What was typed and not sent, as the initial values of the form; says so on the page."""
    kept = _split(unsent.fields(request.user, key))
    if request.method == "POST" or not (kept or keeps_files(request, key)):
        return {}
    if request.GET.get("kept"):
        words = "登录已过期，这次没有提交；您填写的文字和所选的材料已经保留在下面，核对后请再次提交。"
        if request.GET["kept"] == "part":
            words += f"文字超过 {draft_max(key)} 个字，超出部分未能保留。"
        messages.warning(request, words)
    else:
        messages.info(request, "下面是您上次没有提交的文字和材料，核对后可以提交；没有列出的材料须重新选择。")
    return kept


def _may_keep(user: User, key: str) -> bool:
    match = KEY.fullmatch(key)
    if match is None:
        return False
    found = OWNERS.get(match["verb"], Problem).objects
    return bool(found.visible_to(user).filter(pk=int(match["pk"])).exists())


def typed_fields(data: QueryDict) -> dict[str, str]:
    """The inputs of a form; several choices under one name are kept as one text."""
    shown = (name for name in data if name not in NOT_TEXT and not name.startswith("kept_file-"))
    names = [name for name in shown if FIELD.fullmatch(name)][:40]
    fields = {}
    for name in names:
        values = [value.replace("\x00", "") for value in data.getlist(name)]
        if len(values) > 1:
            fields[f"{name}{SEVERAL}"] = ",".join(values)
        else:
            fields[name] = values[0]
    return fields


def _split(kept: dict[str, str]) -> dict[str, Any]:
    return {
        name.removesuffix(SEVERAL): value.split(",") if name.endswith(SEVERAL) else value
        for name, value in kept.items()
    }


def _keep(owner: User, key: str, request: HttpRequest) -> bool:
    """Keep the files, and as much text as a draft holds; says whether that was all of it."""
    keep_sent(owner, request.FILES, key)
    fields, left, whole = {}, draft_max(key), True
    for name, value in typed_fields(request.POST).items():
        fields[name] = value[:left]
        whole = whole and len(value) <= left
        left -= len(fields[name])
    unsent.keep(owner, key=key, fields=fields)
    return whole

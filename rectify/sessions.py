"""How long a sign-in lasts, why it ended, and what a person must do before anything else."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from rectify.addresses import address
from rectify.models import SecondFactor, User

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# In the session: when it began, when somebody last worked in it, that a second factor was shown, and that it
# shows the wall and nothing else.
BEGAN, SEEN, FACTOR_SHOWN, WALL_ALONE = "began", "seen", "factor_shown", "wall_alone"
RENEWED_AFTER = 60
# Outlives the session and proves nothing: lets the sign-in page say which limit was passed.
TRACE = "trace"
TRACE_SECONDS = 7 * 24 * 3600


class SessionLimits:
    """Ends a session that has lasted too long; renews the others at most once a minute, so that reading
    pages hardly writes.

    What a page asks for by itself is no sign of a person, and renews nothing: but a session that can only
    show the wall is there to be looked at, and lasts until its hours are over.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        now, renewed = int(time.time()), False
        request.user = get_user(request)  # every page asks for it often: not through a proxy each time
        if request.user.is_authenticated:
            if now - request.session.setdefault(BEGAN, now) >= settings.SESSION_HOURS * 3600:
                logout(request)
            elif _is_sign_of_a_person(request) and now - request.session.get(SEEN, 0) > RENEWED_AFTER:
                request.session[SEEN], renewed = now, True
        response = self.get_response(request)
        if request.path == address("logout"):
            response.delete_cookie(TRACE)
        elif renewed and request.user.is_authenticated:
            _leave_trace(response, f"{request.session[BEGAN]}.{now}")
        return response


def _is_sign_of_a_person(request: HttpRequest) -> bool:
    asked_by_itself = request.path in (address("notice_count"), address("wall"))
    return not asked_by_itself or WALL_ALONE in request.session


class WallAlone:
    """A session that was given to a wall opens nothing else, whoever stands before it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        open_to_it = {address("wall"), address("logout")}
        if request.user.is_authenticated and WALL_ALONE in request.session and request.path not in open_to_it:
            return redirect("wall")
        return self.get_response(request)


def _leave_trace(response: HttpResponseBase, value: str) -> None:
    response.set_cookie(
        TRACE, value, max_age=TRACE_SECONDS, httponly=True, samesite="Lax", secure=settings.IS_HTTPS
    )


def why_ended(request: HttpRequest) -> str:
    """Why somebody who was here must sign in again; empty for whoever comes anew."""
    began, _, seen = request.COOKIES.get(TRACE, "").partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 12 for part in (began, seen)):
        return ""
    now = int(time.time())
    if now - int(began) >= settings.SESSION_HOURS * 3600:
        return f"这次登录已满 {settings.SESSION_HOURS} 小时，为保护账号已自动退出。"
    if now - int(seen) >= settings.SESSION_COOKIE_AGE - RENEWED_AFTER:
        return f"您已 {settings.SESSION_COOKIE_AGE // 60} 分钟没有操作，为保护账号已自动退出。"
    return "这次登录已经结束，可能是密码、任职或动态口令有了变动，请重新登录。"


class FirstThings:
    """A password that must be changed, then a second factor that the role requires, before anything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User) or request.path in _always_open():
            return self.get_response(request)
        if user.must_change_password or user.password_is_old:
            first = "password_change"
        elif _lacks_factor(request, user):
            first = "second_factor"
        else:
            return self.get_response(request)
        if request.path == address(first):
            return self.get_response(request)
        return redirect(first)


def _always_open() -> set[str]:
    return {address(name) for name in ("logout", "help", "healthz")}


def _lacks_factor(request: HttpRequest, user: User) -> bool:
    """Whether a role requires it and this session has not shown it. A factor that somebody has, but has not
    shown here, ends the session: signing in asks for it."""
    roles = settings.REQUIRE_SECOND_FACTOR
    if not roles or request.session.get(FACTOR_SHOWN) or not user.has_role(*roles):
        return False
    if SecondFactor.objects.filter(user=user).exists():
        logout(request)
    return True

"""The frame of every request: refusals become messages; request id; content security policy; size limit."""

from __future__ import annotations

import ipaddress
import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError, Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render

from rectify.errors import Busy, Refusal
from rectify.full_disk import takes_nothing_more

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_request_id: ContextVar[str] = ContextVar("request_id", default="-")

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
LONGEST_LENGTH = 18
WRONG_METHOD = {
    "heading": "这个地址不能直接打开",
    "reason": (
        "它只用来提交，直接打开不会办理任何事项，内容没有变动。"
        "如果是登录过期后重新登录来到这里，刚才那一步没有办成，请回到原来的页面再办一次。"
    ),
}


class RequestIdFilter(logging.Filter):
    """Gives every log line the id of its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django writes of a refusal after every middleware has left the request.
        told = getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = told or _request_id.get()
        return True


class RequestId:
    """A short id for each request, in the log and on the error page's headers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        token = _request_id.set(request.request_id)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = _request_id.get()
            return response
        finally:
            _request_id.reset(token)


class TrustedProxies:
    """Only our own proxies may say for whom they ask: from anybody else the headers are as if not sent."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.META.get("REMOTE_ADDR", "") not in settings.TRUSTED_PROXIES:
            for header in [name for name in request.META if name.startswith("HTTP_X_FORWARDED_")]:
                del request.META[header]
        return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """The address to lock after wrong passwords; behind our own proxy, the one the proxy names."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if address not in settings.TRUSTED_PROXIES:
        return address
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")[-1].strip()
    try:
        named = ipaddress.ip_address(forwarded)
    except ValueError:
        return address
    return address if getattr(named, "scope_id", None) else str(named)


class CompressPages(GZipMiddleware):
    """Pages only: files are compressed already, and one that is streamed must stay one the server can send.

    Django's middleware makes the length of a page random, so that it tells nothing of a secret in it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class ContentSecurity:
    """No inline script or style, nothing from outside; a view may set a stricter policy itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


class SizeLimit:
    """A request larger than the files allowed in one submit is answered before it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        known = length.isascii() and length.isdigit()
        if known and (len(length) > LONGEST_LENGTH or int(length) > settings.REQUEST_MAX_BYTES):
            return render(request, "413.html", status=413)
        return self.get_response(request)


class OnlyUtf8:
    """Text in another encoding is refused: some can carry characters that no database stores."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8"):
            words = "这次请求的编码不是 UTF-8，或者写法无法识别，所以没有读取，原来的内容没有变动。"
            return render(request, "400.html", {"reason": words}, status=400)
        return self.get_response(request)


class Sessions(SessionMiddleware):
    """What a view has answered stands while nothing can be written: the session is renewed later.

    Django tells of a full disk as of a session that is gone, with 400. A new session that could not be
    stored is no sign-in: that is refused.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (Error, OSError, SessionInterrupted) as error:
            if not takes_nothing_more(error):
                raise
            if request.COOKIES.get(settings.SESSION_COOKIE_NAME) == request.session.session_key:
                return response
            raise DatabaseError("the session could not be stored") from error


class NoStore:
    """What somebody signed in has seen stays in no cache of a shared machine."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class Refusals:
    """Turns every refusal no view has caught into a page that says what to do next."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 405:
            return response
        page = render(request, "refused.html", WRONG_METHOD, status=405)
        page["Allow"] = response.get("Allow", "")
        return page

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        template = "403.html" if error.status == 403 else "refused.html"
        context = {"reason": error.message, "missing": getattr(error, "missing", [])}
        page = render(request, template, context, status=error.status)
        if isinstance(error, Busy):
            page["Retry-After"] = str(error.retry_after)
        return page

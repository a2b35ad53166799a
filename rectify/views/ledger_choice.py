"""The ledgers a page is about: what its address says, otherwise what the person chose to work in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from rectify.models import User
from rectify.roles import BUSINESS
from rectify.selectors.ledgers import Ledgers, ledgers_for
from rectify.views.list_address import default_of, opened
from rectify.views.request import AuthenticatedRequest

KEPT = "ledger"  # in the session
NAMED = "report"  # in an address
# Pages whose numbers depend on it, and pages of one ledger that their path names.
NARROWED = frozenset(
    {
        "dashboard",
        "wall",
        "briefing",
        "problems",
        "grid",
        "reports",
        "ledger",
        "documents",
        "supervisions",
        "health",
    }
    | {"ledger_compare", "ledger_pack", "ledger_working", "issued"}
)
OF_ONE = frozenset({"report", "matrix", "report_source"})
# What belongs to one ledger, or to a place in its list, and is left behind with it.
OWN = (NAMED, "page", "after", "before", "aspect", "cause", "direction", "issued")


def ledgers_of(request: HttpRequest) -> Ledgers:
    """Read once for a request."""
    known: Ledgers | None = getattr(request, "ledgers", None)
    if known is None:
        user = request.user
        has_any = isinstance(user, User) and user.has_role(*BUSINESS)
        known = ledgers_for(user, _asked(request)) if has_any else Ledgers([])  # type: ignore[arg-type]
        request.ledgers = known  # type: ignore[attr-defined]
    return known


def _asked(request: HttpRequest) -> str:
    """A page that counts is about what its address says, even if that is nothing."""
    match = request.resolver_match
    if match and match.url_name in OF_ONE:
        return str(match.kwargs["pk"])
    if match and match.url_name in NARROWED:
        return request.GET.get(NAMED, "")
    return str(request.session.get(KEPT, ""))


class LedgerInAddress:
    """Whoever opens a page that counts without saying of what is led to the ledgers they work in: so the
    address tells what the numbers are of. An address with conditions means what it says.
    The list opens in the view that the office has chosen for the role."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if request.method not in ("GET", "HEAD") or request.GET or not request.user.is_authenticated:
            return None
        if match is None or match.url_name not in NARROWED:
            return None
        kept = kept_ledger(request)
        if match.url_name == "problems" and (first := default_of(request)):
            return redirect(f"{request.path}?{opened(first, request.GET, kept)}")
        return redirect(f"{request.path}?{NAMED}={kept}") if kept else None


def kept_ledger(request: HttpRequest) -> str:
    """The ledger in which the person works, if it is still theirs to see."""
    chosen = request.session.get(KEPT)
    return ledgers_for(request.user, chosen).value if chosen else ""  # type: ignore[arg-type]


@require_POST
def choose(request: AuthenticatedRequest) -> HttpResponse:
    """All ledgers, this year's or one, from now on; back to the page, about these."""
    asked = request.POST.get("ledger", "")
    ledgers = ledgers_for(request.user, asked)
    if asked and not ledgers.value:
        messages.warning(request, "这份台账不在您可以查看的范围内，仍按原来的选择显示。")
        return redirect(_back(request))
    if request.session.get(KEPT, "") != ledgers.value:
        request.session[KEPT] = ledgers.value
    return redirect(_about(_back(request), ledgers))


def _back(request: AuthenticatedRequest) -> str:
    address = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return address if own and address.startswith("/") else reverse("dashboard")


def _about(address: str, ledgers: Ledgers) -> str:
    """The same page about these ledgers, with the conditions that hold for them too."""
    parts, match = urlsplit(address), _match(address)
    if match and match.url_name in OF_ONE:
        return reverse(match.url_name, args=[ledgers.one.pk]) if ledgers.one else reverse("reports")
    if match is None or match.url_name not in NARROWED:
        return address
    query = QueryDict(parts.query, mutable=True)
    for name in OWN:
        query.pop(name, None)
    if ledgers.value:
        query[NAMED] = ledgers.value
    return f"{parts.path}?{query.urlencode()}" if query else parts.path


def _match(address: str) -> ResolverMatch | None:
    try:
        return resolve(urlsplit(address).path)
    except Resolver404:
        return None

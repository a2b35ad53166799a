"""The frame of every page: navigation by role, unit, print foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from rectify import clock, wording
from rectify.addresses import address
from rectify.choices import Role
from rectify.models import User
from rectify.roles import ADMINISTRATORS, BUSINESS, DUTY_READERS, RECORD_READERS, SIGNERS
from rectify.views.ledger_choice import NAMED, NARROWED, ledgers_of

# Label, page, and to whom it is offered; 待办 is everybody's.
NAV: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("看板", "dashboard", BUSINESS),
    ("整改事项", "problems", BUSINESS),
    ("台账", "ledger", BUSINESS),
    ("督办", "supervisions", BUSINESS),
    ("报告", "reports", BUSINESS),
    ("审计", "audit", RECORD_READERS),
    ("核验", "ledger_verify", (Role.AUDITOR,)),
    ("人员", "people", ADMINISTRATORS),
    ("代办", "stand_ins", SIGNERS),
    ("三员", "duties", DUTY_READERS),
    ("清除", "purges", ADMINISTRATORS),
    ("管理", "admin:index", ADMINISTRATORS),
)
IN_SIGHT = 5  # the others stand behind 更多


@dataclass(frozen=True)
class NavEntry:
    label: str
    url: str
    active: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    user = getattr(request, "user", None)
    context: dict[str, Any] = {
        "printed_at": wording.full_moment(clock.now()),
        "site_is_http": not settings.IS_HTTPS,
        "is_archive": settings.READ_ONLY,
    }
    if isinstance(user, User) and user.is_active:
        ledgers = ledgers_of(request)
        nav = _nav(request.path, user, ledgers.value)
        context |= {
            "nav": nav[:IN_SIGHT],
            "nav_more": nav[IN_SIGHT:],
            "ledger_choice": ledgers,
            "unit_name": _unit_name(user),
            "user_title": _title(user),
            "unread": user.unread,
        }
    return context


def _nav(path: str, user: User, ledger: str) -> list[NavEntry]:
    """The pages that count lead on to the same ledgers."""
    entries = [("待办", "home"), *((label, name) for label, name, roles in NAV if user.has_role(*roles))]
    # Whoever works with ledgers verifies them from there.
    skipped = "ledger_verify" if user.has_role(*BUSINESS) else ""
    places = [(label, name, address(name)) for label, name in entries if name != skipped]
    here = max((url for *_, url in places if _is_in(path, url)), key=len, default="")
    return [NavEntry(label, _about(name, ledger), url == here) for label, name, url in places]


def _about(name: str, ledger: str) -> str:
    return address(name) + (f"?{NAMED}={ledger}" if ledger and name in NARROWED else "")


def _is_in(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def _unit_name(user: User) -> str:
    return user.posts[0].unit_name if user.posts else ""


def _title(user: User) -> str:
    roles = wording.listed(str(Role(post.role).label) for post in user.posts[:2])
    return f"{user.name} · {roles}" if roles and roles not in user.name else user.name

"""The frame of every page: navigation by role, unit, print foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from rectify import clock, wording
from rectify.choices import Role
from rectify.models import User
from rectify.roles import ADMINISTRATORS, BUSINESS, DUTY_READERS, RECORD_READERS, SIGNERS


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
    }
    if isinstance(user, User) and user.is_active:
        context |= {
            "nav": _nav(request.path, user),
            "unit_name": _unit_name(user),
            "user_title": _title(user),
            "unread": user.unread,
        }
    return context


def _nav(path: str, user: User) -> list[NavEntry]:
    entries = [("待办", "home")]
    if user.has_role(*BUSINESS):
        entries += [("看板", "dashboard"), ("整改事项", "problems"), ("报告", "reports"), ("台账", "ledger")]
        entries.append(("督办", "supervisions"))
    if user.has_role(*RECORD_READERS):
        entries.append(("审计", "audit"))
    if user.has_role(Role.AUDITOR) and not user.has_role(*BUSINESS):
        entries.append(("核验", "ledger_verify"))
    if user.has_role(Role.OFFICE):
        entries.append(("交接", "hand_over"))
    if user.has_role(*SIGNERS):
        entries.append(("代办", "stand_ins"))
    if user.has_role(*DUTY_READERS):
        entries.append(("三员", "duties"))
    if user.has_role(*ADMINISTRATORS):
        entries += [("清除", "purges"), ("管理", "admin:index")]
    urls = [(label, reverse(name)) for label, name in entries]
    return [NavEntry(label, url, path == url if url == "/" else path.startswith(url)) for label, url in urls]


def _unit_name(user: User) -> str:
    return user.posts[0].unit_name if user.posts else ""


def _title(user: User) -> str:
    roles = wording.listed(str(Role(post.role).label) for post in user.posts[:2])
    return f"{user.name} · {roles}" if roles and roles not in user.name else user.name

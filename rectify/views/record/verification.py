"""The last verification, the re-reading of files, and the anchors: to read, print and keep elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from rectify.audit import anchors, file_rounds, result
from rectify.audit.anchors import Anchor
from rectify.audit.report_text import report_text, verdict
from rectify.audit.result import SYSTEM, VerifyResult
from rectify.choices import Role
from rectify.errors import NotAllowed
from rectify.models import Report, User
from rectify.roles import RECORD_READERS
from rectify.views.request import AuthenticatedRequest

SHOWN = 30
TEXT = "text/plain; charset=utf-8"
PART = "只含您可以查看的台账和系统链"


@require_safe
def verification(request: AuthenticatedRequest) -> HttpResponse:
    """What the last verification came to, and the anchors of the last days."""
    chains = _chains(request.user)
    found, rounds = _last(request.user, chains), file_rounds.last()
    context: dict[str, Any] = {
        "result": found,
        "text": _text(request.user, found) if found else "",
        "verdict": verdict(found) if found else "",
        "anchors": _anchors(chains)[:SHOWN],
        "rounds": rounds,
        "wrong": [wrong for wrong in rounds.wrong if wrong.report in chains] if rounds else [],
    }
    return render(request, "audit/verification.html", context)


@require_safe
def verification_file(request: AuthenticatedRequest) -> HttpResponse:
    """The same report as a text to file."""
    found = _last(request.user, _chains(request.user))
    if found is None:
        return HttpResponse("还没有核验过。请在服务器上运行 manage.py verify_audit。\n", TEXT, status=404)
    return _attached(_text(request.user, found) + "\n", f"{found.at:%Y%m%d}-核验报告.txt")


@require_safe
def anchor_file(request: AuthenticatedRequest) -> HttpResponse:
    """Every anchor, one line a day, the newest first."""
    lines = [anchor.printed for anchor in _anchors(_chains(request.user))]
    return _attached("\n".join(lines) + "\n", "锚点.txt")


def _chains(user: User) -> set[int]:
    """The chains somebody may read, the system's among them for an auditor."""
    if not user.has_role(*RECORD_READERS):
        raise NotAllowed("核验报告和锚点由整改办、督查检查人员和安全审计员查看。")
    found = set(Report.objects.auditable_by(user).values_list("pk", flat=True))
    return found | ({SYSTEM} if user.has_role(Role.AUDITOR) else set())


def _last(user: User, chains: set[int]) -> VerifyResult | None:
    found = result.last()
    return found.only(chains) if found and not _reads_all(user) else found


def _text(user: User, found: VerifyResult) -> str:
    return report_text(found, "" if _reads_all(user) else PART)


def _reads_all(user: User) -> bool:
    return user.covers_all(user.paths(Role.AUDITOR))


def _anchors(chains: set[int]) -> list[Anchor]:
    """The newest first, of each day what belongs to these chains."""
    own = [anchor.only(chains) for anchor in anchors.read()]
    return [anchor for anchor in reversed(own) if anchor.heads]


def _attached(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, TEXT)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["Cache-Control"] = "private, no-store"
    return response

"""Who may read what a filed ledger holds."""

from __future__ import annotations

from rectify.models import IssuedLedger, Problem, User
from rectify.roles import BUSINESS


def may_read(user: User) -> bool:
    """Whether the person's role touches business text; an auditor sees facts only."""
    return user.has_role(*BUSINESS)


def reads_all(user: User, ledger: IssuedLedger) -> bool:
    """Whether the person may see every problem that the ledger holds."""
    if not may_read(user):
        return False
    codes = {row["code"] for row in ledger.items}
    mine = Problem.objects.visible_to(user).filter(report=ledger.export.report, code__in=codes)
    return mine.count() == len(codes)

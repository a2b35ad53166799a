"""What a policy answers: allowed or not, and why; and the two questions every policy asks."""

from __future__ import annotations

from dataclasses import dataclass

from rectify.choices import Role
from rectify.models import Report, User


@dataclass(frozen=True)
class Decision:
    """Whether an act is allowed, and why not."""

    allowed: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def runs(user: User, report: Report | None) -> bool:
    """Whether the person runs this ledger as the office."""
    if report is None:
        return user.has_role(Role.OFFICE)
    return any(report.unit.path.startswith(path) for path in user.paths(Role.OFFICE))

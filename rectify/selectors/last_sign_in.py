"""When and from where a person was here before, and what was tried in the person's name since."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from rectify.choices import SignInOutcome
from rectify.models import SignInAttempt, User

TRIED = (SignInOutcome.PASSWORD, SignInOutcome.CODE, SignInOutcome.LIMITED)


@dataclass(frozen=True)
class LastSignIn:
    """The sign-in before this one (none at the first), and the failures between the two."""

    at: dt.datetime | None = None
    address: str = ""
    failures: int = 0
    failed_at: dt.datetime | None = None
    failed_from: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the session."""
        return {
            name: value.isoformat() if isinstance(value, dt.datetime) else value
            for name, value in vars(self).items()
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> LastSignIn:
        moments = {
            name: dt.datetime.fromisoformat(kept[name]) for name in ("at", "failed_at") if kept.get(name)
        }
        return cls(**(kept | {"at": None, "failed_at": None} | moments))


def last_sign_in(user: User) -> LastSignIn:
    """Ask before the sign-in of now is noted."""
    rows = SignInAttempt.objects.filter(user=user).order_by("-last_at", "-pk")
    before = rows.filter(outcome=SignInOutcome.SUCCESS).first()
    failed = rows.filter(outcome__in=TRIED)
    if before is not None:
        failed = failed.filter(last_at__gt=before.last_at)
    latest = failed.first()
    counted = failed.exclude(outcome=SignInOutcome.LIMITED).aggregate(count=Sum("count"))
    failures = max(counted["count"] or 0, 1 if latest else 0)
    # Older than what is kept of attempts: the account itself knows when, not from where.
    at, address = (before.last_at, before.address) if before else (user.last_login, "")
    if latest is None:
        return LastSignIn(at, address)
    return LastSignIn(at, address, failures, latest.last_at, latest.address)

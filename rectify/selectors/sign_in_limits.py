"""How long a sign-in has to wait: many wrong passwords from one address, or for one account from many."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from axes.models import AccessAttempt
from django.db.models import Max, QuerySet, Sum

from rectify import clock
from rectify.choices import SignInOutcome
from rectify.models import SignInAttempt, User

WINDOW = dt.timedelta(minutes=15)
# An office shares one address; an account has one owner, who may type from two machines.
FREE_FROM_ADDRESS = 30
FREE_FOR_ACCOUNT = 10
LONGEST = WINDOW.total_seconds()
# Whoever comes to the second factor knows the password: what is guessed there is counted for a day.
FREE_CODES = 5
CODE_WINDOW = dt.timedelta(days=1)


@dataclass(frozen=True)
class Failures:
    """Wrong passwords or codes of the window, and when the last one came."""

    count: int
    last: dt.datetime | None

    def wait(self, free: int) -> float:
        """Seconds still to wait: none while `free` lasts, then twice as long after each further one."""
        if self.last is None or self.count < free:
            return 0
        delay = min(LONGEST, 2.0 ** min(self.count - free + 1, 10))
        return max(0.0, delay - (clock.now() - self.last).total_seconds())


def seconds_to_wait(username: str, address: str) -> float:
    """What the stricter of the two limits asks for; 0 when the sign-in may be tried now."""
    recent = AccessAttempt.objects.filter(attempt_time__gte=clock.now() - WINDOW)
    return max(
        _failures(recent.filter(ip_address=address)).wait(FREE_FROM_ADDRESS),
        _failures(recent.filter(username=username)).wait(FREE_FOR_ACCOUNT),
    )


def seconds_to_wait_for_code(user: User) -> float:
    """The same for the second factor, since the person was last let in."""
    rows = SignInAttempt.objects.filter(user=user)
    wrong = rows.filter(outcome=SignInOutcome.CODE, last_at__gte=clock.now() - CODE_WINDOW)
    success = rows.filter(outcome=SignInOutcome.SUCCESS).aggregate(last=Max("last_at"))["last"]
    if success is not None:
        wrong = wrong.filter(last_at__gt=success)
    found = wrong.aggregate(count=Sum("count"), last=Max("last_at"))
    return Failures(found["count"] or 0, found["last"]).wait(FREE_CODES)


def _failures(attempts: QuerySet[AccessAttempt]) -> Failures:
    found = attempts.aggregate(count=Sum("failures_since_start"), last=Max("attempt_time"))
    return Failures(found["count"] or 0, found["last"])

"""What became of attempts to sign in: counted for the auditor and for the person, in bounded room."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from rectify import clock
from rectify.choices import SignInOutcome
from rectify.models import SignInAttempt, User

WINDOW = dt.timedelta(hours=1)
KEPT = dt.timedelta(days=183)
# Who is told to wait asks again and again: once a minute is enough to know of it.
QUIET = dt.timedelta(minutes=1)
# Rows of a day for names that nobody has; what comes after shares one row without an address.
MOST_UNKNOWN = 1000
REST = ""


def note(outcome: str, *, user: User | None, address: str) -> None:
    """Count one attempt; failures of an hour since the last success share a row."""
    now = clock.now()
    with transaction.atomic():
        if user is None:
            address = _bounded(address, now)
        rows = SignInAttempt.objects.filter(user=user, address=address, outcome=outcome)
        last = None if outcome == SignInOutcome.SUCCESS else _last_of_window(rows, user, now)
        if last is None:
            SignInAttempt.objects.create(
                user=user, address=address, outcome=outcome, first_at=now, last_at=now
            )
        elif outcome != SignInOutcome.LIMITED or now - last.last_at >= QUIET:
            rows.filter(pk=last.pk).update(count=F("count") + 1, last_at=now)


def drop_old() -> int:
    """Forget attempts after half a year, the time that the law asks for."""
    count, _ = SignInAttempt.objects.filter(last_at__lt=clock.now() - KEPT).delete()
    return count


def _last_of_window(rows: object, user: User | None, now: dt.datetime) -> SignInAttempt | None:
    found: SignInAttempt | None = rows.filter(first_at__gt=now - WINDOW).order_by("-pk").first()  # type: ignore[attr-defined]
    if found is None or user is None:
        return found
    successes = SignInAttempt.objects.filter(user=user, outcome=SignInOutcome.SUCCESS)
    return None if successes.filter(last_at__gt=found.last_at).exists() else found


def _bounded(address: str, now: dt.datetime) -> str:
    """The address, while the day has room for rows of names that nobody has."""
    today = SignInAttempt.objects.filter(user__isnull=True, last_at__gte=clock.start_of(clock.day_of(now)))
    known = today.filter(address=address).exists()
    return address if known or today.count() < MOST_UNKNOWN else REST

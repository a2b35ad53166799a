"""The deadlines in a person's calendar: codes and days of what is still to be done, and no titles."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from rectify.choices import ENDED, Status
from rectify.models import CalendarFeed, Problem, User

MOST = 1000


class Deadline(NamedTuple):
    pk: int
    code: str
    day: dt.date


def owner_of(token: str) -> User | None:
    """Whose calendar it is, as long as the account is in use."""
    feed = CalendarFeed.objects.filter(digest=CalendarFeed.digest_of(token), user__is_active=True)
    found = feed.select_related("user").first()
    return found.user if found else None


def deadlines_of(user: User) -> list[Deadline]:
    """Of the items the person may see, the nearest first."""
    mine = Problem.objects.visible_to(user).live().exclude(status__in=(*ENDED, Status.STANDING))
    dated = mine.filter(deadline__isnull=False).order_by("-deadline", "pk")
    return [Deadline(*row) for row in dated.values_list("pk", "code", "deadline")[:MOST]][::-1]

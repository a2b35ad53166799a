"""How a problem stands against its dates, as a condition for the database and of one row at hand."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q

from rectify.choices import Band, Status, Timing
from rectify.models.rank import is_open, is_unfinished

# For how many days an open one has been overdue: at least, and at most.
BANDS: dict[Band, tuple[int, int | None]] = {Band.WEEK: (1, 7), Band.MONTH: (8, 30), Band.LONGER: (31, None)}


def timing_rule(timing: str, today: dt.date) -> Q:
    """The problems, or history rows, that stand so against their dates on that day."""
    closed = Q(status=Status.CLOSED)
    late, original_late = Q(closed_on__gt=F("deadline")), Q(closed_on__gt=F("original_deadline"))
    return {
        Timing.CLOSED_ON_TIME: closed & (Q(deadline__isnull=True) | Q(closed_on__lte=F("deadline"))),
        Timing.CLOSED_LATE: closed & late,
        Timing.ORIGINAL_ON_TIME: closed
        & (Q(original_deadline__isnull=True) | Q(closed_on__lte=F("original_deadline"))),
        Timing.ORIGINAL_LATE: closed & original_late,
        Timing.ORIGINAL_OVERDUE: is_unfinished() & Q(original_deadline__lt=today),
        Timing.EXTENDED: Q(deadline__gt=F("original_deadline")),
    }[Timing(timing)]


def overdue_for(band: str, day: dt.date) -> Q:
    """Overdue on the day, and for how long."""
    nearest, farthest = BANDS[Band(band)]
    rule = is_open() & Q(deadline__lte=day - dt.timedelta(days=nearest))
    return rule & Q(deadline__gte=day - dt.timedelta(days=farthest)) if farthest else rule

"""Messages that could not be delivered lately."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from rectify import clock
from rectify.models import Notice, Report

FAILED_DAYS = 7


def undelivered(report: Report) -> QuerySet[Notice]:
    """What could not be delivered lately, the newest first: the page lists what the inbox counts."""
    return Notice.objects.undelivered(report, _since()).order_by("-id")


def _since() -> dt.datetime:
    return clock.now() - dt.timedelta(days=FAILED_DAYS)

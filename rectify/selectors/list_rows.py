"""Which problems a list leaves out, said so that the database reads the index in the order of the list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from rectify.choices import Timing
from rectify.models.list_indexes import PUT_OFF
from rectify.models.rank import OF_STATUS, Rank

RANK_OF_TIMING: dict[str, Rank] = {
    Timing.CLOSED_ON_TIME: Rank.CLOSED,
    Timing.CLOSED_LATE: Rank.CLOSED,
    Timing.ORIGINAL_ON_TIME: Rank.CLOSED,
    Timing.ORIGINAL_LATE: Rank.CLOSED,
    Timing.ORIGINAL_OVERDUE: Rank.OPEN,
}


def in_force(cleaned: Mapping[str, Any], order: str) -> Q:
    """Neither withdrawn nor carried, under these conditions, of a list in the order of that name."""
    rank = rank_of(cleaned)
    if rank is not None and order != "number":
        return Q(rank=rank)
    return Q(rank__lt=Rank.CARRIED) if order == "light" else Q(withdrawn=False, carried=False)


def rank_of(cleaned: Mapping[str, Any]) -> Rank | None:
    """The one rank of all that is in force under these conditions: then an index leads to it."""
    if status := cleaned.get("status"):
        return OF_STATUS.get(status, Rank.OPEN)
    return RANK_OF_TIMING.get(cleaned.get("timing") or "")


def overdue_or_put_off(today: dt.date) -> tuple[Q, Q]:
    """What is open of that which had a date that has passed: overdue, or it was put off and has an index of
    its own."""
    is_open = Q(rank=Rank.OPEN)
    return is_open & Q(due__lt=today), is_open & Q(due__gte=today) & PUT_OFF

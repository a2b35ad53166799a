"""How far a problem is from needing anybody: its rank and the date it is due, as an index orders them."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce

from rectify.choices import ENDED, Status


class Rank(models.IntegerChoices):
    OPEN = 0
    STANDING = 1
    CLOSED = 2
    FINISHED_BEFORE = 3
    CARRIED = 4
    WITHDRAWN = 5


# What gives a rank, the first that holds; a problem of which none does is open.
COLUMNS: dict[Rank, dict[str, bool | Status]] = {
    Rank.WITHDRAWN: {"withdrawn": True},
    Rank.CARRIED: {"carried": True},
    Rank.CLOSED: {"status": Status.CLOSED},
    Rank.FINISHED_BEFORE: {"status": Status.FINISHED_BEFORE},
    Rank.STANDING: {"status": Status.STANDING},
}
# The rank of live problems of a status that are not carried over; of all others it is OPEN.
OF_STATUS = {
    Status.CLOSED: Rank.CLOSED,
    Status.FINISHED_BEFORE: Rank.FINISHED_BEFORE,
    Status.STANDING: Rank.STANDING,
}
# The ranks that a plan counts: whoever is carried over is planned for in the new ledger.
PLANNED = (Rank.OPEN, Rank.STANDING, Rank.CLOSED)
NEVER = dt.date(9999, 12, 31)  # where a problem without a deadline stands in the order of deadlines


def rank_case(*, output_field: models.Field | None = None) -> Case:
    """The rank from the plain columns, which SQLite reads out of an index alone."""
    cases = [When(**columns, then=Value(rank)) for rank, columns in COLUMNS.items()]
    if output_field is None:  # of a column that has a type of its own
        return Case(*cases, default=Value(Rank.OPEN))
    return Case(*cases, default=Value(Rank.OPEN), output_field=output_field)


def rank_field() -> models.GeneratedField:
    return models.GeneratedField(
        expression=rank_case(), output_field=models.SmallIntegerField(), db_persist=True
    )


def due_field() -> models.GeneratedField:
    return models.GeneratedField(
        expression=Coalesce("deadline", Value(NEVER, output_field=models.DateField())),
        output_field=models.DateField(),
        db_persist=True,
    )


UNFINISHED = tuple(status for status in Status if status not in (*ENDED, Status.STANDING))


def is_unfinished() -> Q:
    """Neither ended, standing nor carried over, by plain columns."""
    return Q(carried=False) & ~Q(status__in=(*ENDED, Status.STANDING))


def is_open() -> Q:
    """The same as rank OPEN, said by plain columns, which SQLite reads out of an index alone."""
    return Q(withdrawn=False) & is_unfinished()


def is_closed() -> Q:
    """The same as rank CLOSED, by plain columns."""
    return Q(withdrawn=False, carried=False, status=Status.CLOSED)

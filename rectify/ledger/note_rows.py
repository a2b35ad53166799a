"""The newest progress note of each problem, and how many there were before it."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from rectify.ledger.row_words import progress_words
from rectify.models import ProgressNote
from rectify.models.many import MANY, ManyQuery


class NoteReader:
    """`end` is the moment a past day ended."""

    def __init__(self, *, end: dt.datetime | None, using: str) -> None:
        notes = _in_force(ProgressNote.objects.using(using), end).filter(problem__in=MANY)
        in_order = notes.order_by(Coalesce("corrects__at", "at"), "pk")
        self._in_order = ManyQuery(in_order.values_list("problem_id", "pk"))
        told = ProgressNote.objects.using(using).filter(pk__in=MANY).order_by()
        self._told = ManyQuery(
            told.values_list("problem_id", "at", "corrects__at", "author_label", "text", "percent")
        )

    def newest(self, ids: list[int]) -> dict[int, tuple[str, int]]:
        """In words, in full; a correction keeps the day it corrects and counts with it as one."""
        newest, counts = {}, Counter[int]()
        for problem, pk in self._in_order.rows(ids):
            newest[problem] = pk
            counts[problem] += 1
        told = self._told.rows(newest.values())
        return {problem: (progress_words(*note), counts[problem] - 1) for problem, *note in told}


def _in_force(notes: QuerySet[ProgressNote], end: dt.datetime | None) -> QuerySet[ProgressNote]:
    if end is None:
        return notes.filter(correction__isnull=True)
    later = Q(correction__isnull=True) | Q(correction__at__gte=end)
    return notes.filter(later, at__lt=end)

"""The newest progress note of each problem, and how many there were before it."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from rectify.ledger.row_words import progress_words
from rectify.models import ProgressNote
from rectify.models.many import Many


def newest_notes(ids: list[int], *, end: dt.datetime | None, using: str) -> dict[int, tuple[str, int]]:
    """In words, in full; a correction keeps the day it corrects and counts with it as one."""
    notes = _in_force(ProgressNote.objects.using(using), end).filter(problem__in=Many(ids))
    in_order = notes.order_by(Coalesce("corrects__at", "at"), "pk").values_list("problem_id", "pk")
    counts = Counter(problem for problem, _ in in_order)
    newest = dict(in_order)
    fields = ("problem_id", "at", "corrects__at", "author_label", "text", "percent")
    found = ProgressNote.objects.using(using).filter(pk__in=Many(newest.values()))
    return {
        problem: (progress_words(*note), counts[problem] - 1)
        for problem, *note in found.order_by().values_list(*fields)
    }


def _in_force(notes: QuerySet[ProgressNote], end: dt.datetime | None) -> QuerySet[ProgressNote]:
    if end is None:
        return notes.filter(correction__isnull=True)
    later = Q(correction__isnull=True) | Q(correction__at__gte=end)
    return notes.filter(later, at__lt=end)

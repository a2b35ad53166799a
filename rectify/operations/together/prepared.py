"""Work made ready before the lock, where others wait, and stored under it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction

from rectify.audit import chain, since
from rectify.models import Report, User

TRIES = 3  # before the lock; then under it, where nothing moves any more


class Ready(Protocol):
    """An act decided on the record as it stood."""

    def holds(self, touched: set[int]) -> bool:
        """Under the lock: whether it is still right, now that acts have touched these items since."""

    def store(self) -> Any:
        """Under the lock: write everything; what has come of it."""


@dataclass(frozen=True)
class Nothing:
    """Why nothing is to be stored: what is answered instead."""

    answer: Any


def stored(reports: Collection[Report], by: User, prepare: Callable[[User], Ready | Nothing]) -> Any:
    """What comes of the act that `prepare` makes ready, as if prepared and stored at one moment.

    Who acts is looked up anew each time: they may have lost the post by which they might.
    """
    for _ in range(TRIES):
        seen = since.numbers_of(reports)
        ready = prepare(by)
        if isinstance(ready, Nothing):
            return ready.answer
        with transaction.atomic():
            chain.lock(reports)
            touched = since.touched(seen)
            if touched is not None and ready.holds(touched):
                return ready.store()
        by = User.objects.get(pk=by.pk)
    with transaction.atomic():
        chain.lock(reports)
        ready = prepare(by)
        return ready.answer if isinstance(ready, Nothing) else ready.store()

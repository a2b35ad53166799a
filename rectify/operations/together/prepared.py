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

    def caught_up(self, touched: set[int]) -> Ready | Nothing | None:
        """The act decided anew as far as it rests on these items; None where all of it is to be."""

    def store(self) -> Any:
        """Under the lock: write everything; what has come of it."""


@dataclass(frozen=True)
class Nothing:
    """Why nothing is to be stored: what is answered instead."""

    answer: Any


Prepare = Callable[[User], Ready | Nothing]


def stored(reports: Collection[Report], by: User, prepare: Prepare) -> Any:
    """What comes of the act that `prepare` makes ready, as if prepared and stored at one moment."""
    seen = since.numbers_of(reports)
    ready = prepare(by)
    for tries_left in reversed(range(TRIES)):
        if isinstance(ready, Nothing):
            return ready.answer
        with transaction.atomic():
            chain.lock(reports)
            touched = since.touched(seen)
            if touched is not None and ready.holds(touched):
                return ready.store()
            if not tries_left:
                ready = _again(ready, touched, by, prepare)
                return ready.answer if isinstance(ready, Nothing) else ready.store()
            seen = since.numbers_of(reports)
        ready = _again(ready, touched, by, prepare)
    raise AssertionError("the last try is made under the lock")


def _again(ready: Ready, touched: set[int] | None, by: User, prepare: Prepare) -> Ready | Nothing:
    """What these items touch, or all of it: by who acts as they are now, who may have lost their post."""
    caught_up = None if touched is None else ready.caught_up(touched)
    return caught_up or prepare(User.objects.get(pk=by.pk))

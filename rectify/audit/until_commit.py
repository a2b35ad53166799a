"""What a transaction has in hand until it ends, and what a rollback takes back with what it undid.

It stands among the work of the commit, which Django cuts off where a savepoint is rolled back: always from
its end. So a thing is there as long as it stands where it was put, and nobody looks through the others.
"""

from __future__ import annotations

from typing import Any, Self

from django.db import connection, transaction


class InHand:
    """One thing of a savepoint; things of savepoints that have been released since become one."""

    def __init__(self) -> None:
        self._savepoints = set(connection.savepoint_ids)

    def __call__(self) -> None:
        """What is left to do at the commit."""

    def take_over(self, later: Self) -> None:
        """Hold what the later one holds."""
        raise NotImplementedError

    @classmethod
    def all(cls) -> list[Self]:
        """Those of this transaction, oldest first: one for each open savepoint at most."""
        return [thing for _, thing in _standing(cls)]

    @classmethod
    def here(cls) -> Self:
        """The one that is taken back together with what is written now."""
        standing, now = _standing(cls), set(connection.savepoint_ids)
        if standing and now <= standing[-1][1]._savepoints:
            thing: Self = standing[-1][1]
            return thing
        thing = cls()
        transaction.on_commit(thing)
        if connection.in_atomic_block:
            standing.append((len(connection.run_on_commit) - 1, thing))
        return thing


def _standing(kind: type[InHand]) -> list[tuple[int, Any]]:
    """The things of a kind with their places, but for those that are gone; released ones have become one."""
    here: Any = connection
    if not hasattr(here, "in_hand"):
        here.in_hand = {}
    standing: list[tuple[int, Any]] = here.in_hand.setdefault(kind, [])
    calls, now = connection.run_on_commit, set(connection.savepoint_ids)
    while standing and not _stands(*standing[-1], calls):
        standing.pop()
    while len(standing) > 1 and _same(standing[-2][1], standing[-1][1], now):
        _, later = standing.pop()
        standing[-1][1].take_over(later)
    return standing


def _stands(place: int, thing: InHand, calls: list[Any]) -> bool:
    return place < len(calls) and calls[place][1] is thing


def _same(one: InHand, other: InHand, now: set[Any]) -> bool:
    """Whether the same rollbacks take both back: a released savepoint is rolled back no more by itself."""
    return one._savepoints & now == other._savepoints & now

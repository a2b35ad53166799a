"""What a transaction has in hand: kept through savepoints, taken back by rollbacks, never looked for."""

from __future__ import annotations

import random

import pytest
from django.db import connection, transaction

from rectify.audit.chain import _Held
from rectify.audit.until_commit import InHand
from rectify.audit.written import Waiting
from rectify.operations import progress
from tests.builders import Cast, cast

pytestmark = pytest.mark.django_db
WORLD = cast


class Numbers(InHand):
    """What is compared: the numbers noted so far."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[int] = []

    def take_over(self, later: Numbers) -> None:
        self.noted += later.noted
        later.noted = []


class Undone(Exception):
    """Rolls a savepoint back."""


def held() -> list[int]:
    return [number for thing in Numbers.all() for number in thing.noted]


def plays(chance: random.Random, depth: int, noted: list[int]) -> list[int]:
    """Notes numbers in nested savepoints, of which some are rolled back; what must be left."""
    for _ in range(chance.randrange(1, 6)):
        what = chance.random()
        if what < 0.5 or depth > 4:
            Numbers.here().noted.append(number := chance.randrange(10**6))
            noted = [*noted, number]
        elif what < 0.6:
            transaction.on_commit(lambda: None)  # of somebody else
        else:
            try:
                with transaction.atomic():
                    inside = plays(chance, depth + 1, noted)
                    if chance.random() < 0.4:
                        raise Undone
                noted = inside
            except Undone:
                pass
        assert held() == noted
        assert len(Numbers.all()) <= depth + 2
    return noted


def test_it_is_what_a_plain_stack_of_copies_would_hold():
    for seed in range(200):
        try:
            with transaction.atomic():
                plays(random.Random(seed), 1, [])
                raise Undone
        except Undone:
            assert held() == []


def test_many_acts_of_one_transaction_leave_few_things_to_look_at(made: Cast):
    before = len(connection.run_on_commit)
    for number in range(30):
        progress.add(made.problem, by=made["office"], text=f"第 {number} 次")
    assert len(connection.run_on_commit) > before
    assert len(_Held.all()) <= 2 and len(Waiting.all()) <= 2
    assert not any(waiting.rows for waiting in Waiting.all())

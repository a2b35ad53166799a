"""Few passwords are hashed at a time: the others wait a moment or are told so, and nobody else notices."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client

from rectify.errors import Busy
from rectify.models import User
from rectify.server import hashing
from tests.builders import cast

AT_ONCE, WAITING, CROWD = 1, 3, 20
GUARD = 60.0  # a wait that is never meant to end by itself
LOGIN = "/accounts/login/"


class HeldHasher(hashing.GatedPBKDF2):
    """Hashes when the test says so."""

    iterations = 1
    inside = threading.Semaphore(0)
    go_on = threading.Event()

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with hashing.gate.passed():
            self.inside.release()
            assert self.go_on.wait(GUARD)
            return super(hashing.GatedPBKDF2, self).encode(password, salt, 1)


@pytest.mark.ci
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_hold_nobody_who_is_signed_in(settings, monkeypatch) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.HeldHasher"]
    monkeypatch.setattr(hashing, "gate", hashing.Gate(AT_ONCE, WAITING, GUARD))
    HeldHasher.go_on.set()
    cast()
    reader = Client()
    reader.force_login(User.objects.get(username="office"))
    HeldHasher.go_on.clear()
    HeldHasher.inside = threading.Semaphore(0)
    answers: list[tuple[int, str, str]] = []
    start, refused = threading.Barrier(CROWD), threading.Semaphore(0)

    def come(number: int) -> None:
        try:
            client = Client(REMOTE_ADDR=f"10.4.0.{number}")
            start.wait(GUARD)
            answer = client.post(LOGIN, {"username": "clerk", "password": "ce-shi-mi-ma-1"})
            answers.append((answer.status_code, answer.get("Retry-After", ""), answer.content.decode()))
            refused.release()
        finally:
            connection.close()

    crowd = [threading.Thread(target=come, args=(number,)) for number in range(CROWD)]
    for thread in crowd:
        thread.start()
    try:
        assert HeldHasher.inside.acquire(timeout=GUARD)
        for _ in range(CROWD - AT_ONCE - WAITING):
            assert refused.acquire(timeout=GUARD), "whoever finds no place is answered at once"
        assert reader.get("/healthz").status_code == 200
        assert reader.get("/problems/").status_code == 200
        assert {status for status, _, _ in answers} == {503}
    finally:
        HeldHasher.go_on.set()
        for thread in crowd:
            thread.join(GUARD)
    assert Counter(status for status, _, _ in answers) == {
        503: CROWD - AT_ONCE - WAITING,
        302: AT_ONCE + WAITING,
    }
    status, retry, text = answers[0]
    assert status == 503 and int(retry) > 0
    assert "登录或者修改密码的人太多" in text and 'value="clerk"' in text and "ce-shi-mi-ma-1" not in text


def test_whoever_waits_too_long_is_turned_away_and_leaves_no_trace() -> None:
    gate = hashing.Gate(at_once=1, waiting=1, seconds=0.05)
    with gate.passed():
        before = time.monotonic()
        with pytest.raises(Busy), gate.passed():
            pytest.fail("there is no room")
        assert time.monotonic() - before >= 0.05
    with gate.passed(), pytest.raises(ZeroDivisionError), hashing.Gate(1, 0, 0).passed():
        raise ZeroDivisionError
    with gate.passed():
        pass


def test_a_failure_inside_frees_the_place() -> None:
    gate = hashing.Gate(at_once=1, waiting=0, seconds=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.passed():
            raise ZeroDivisionError


def test_the_installations_hash_is_djangos_own_behind_the_gate() -> None:
    quick = hashing.GatedPBKDF2()
    encoded = quick.encode("x", "salt", 2)
    assert encoded == PBKDF2PasswordHasher().encode("x", "salt", 2)
    assert not quick.must_update(encoded), "signing in stores nothing"

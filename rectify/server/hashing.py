"""Few passwords are hashed at a time: a hash is slow by intent, and twenty at once would hold the site."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from rectify.errors import Busy

# Of one process. Who waits holds a thread of the server: `web.py` has as many more.
AT_ONCE = 1
WAITING = 3
SECONDS = 2.0
TOO_MANY = "现在登录或者修改密码的人太多，这一次没有办理，内容没有变动。请等几秒钟再试一次。"


class Gate:
    """Lets a few in, a few more wait for a moment, and turns the others away at once."""

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._seconds = seconds
        self._turn = threading.BoundedSemaphore(at_once)
        self._place = threading.BoundedSemaphore(at_once + waiting)

    @contextlib.contextmanager
    def passed(self) -> Iterator[None]:
        """Raises Busy where too many wait already, or one's turn does not come in time."""
        if not self._place.acquire(blocking=False):
            raise Busy(TOO_MANY)
        try:
            if not self._turn.acquire(timeout=self._seconds):
                raise Busy(TOO_MANY)
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._place.release()


gate = Gate(AT_ONCE, WAITING, SECONDS)


class GatedPBKDF2(PBKDF2PasswordHasher):
    """Django's own hash, a few at a time; signing in never stores a password anew."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with gate.passed():
            return super().encode(password, salt, iterations)

    def must_update(self, encoded: str) -> bool:
        return False

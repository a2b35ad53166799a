"""The queue of those who write into one database file: the threads of a process, then the processes."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from typing import Self

from django.db.utils import OperationalError

try:
    import fcntl
except ImportError:  # not on this system: SQLite's own waiting is left between processes
    fcntl = None  # type: ignore[assignment]


class FairLock:
    """A lock that is handed to who has waited longest."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._guard:
            if turn not in self._waiting:  # it was handed over at this very moment
                return True
            self._waiting.remove(turn)
            return False

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


# One thread of this process at a time asks the other processes.
_threads: dict[str, FairLock] = {}


class WriterQueue:
    """A place in the queue of one database file, for one connection; entered twice it is held once.

    Two lock files: who holds `-next` is the next to write, so that the process which has just written cannot
    come again before one that waits. They are locked, never written, and freed by the system when a process
    dies.
    """

    def __init__(self, database: str, timeout: float) -> None:
        self.database, self.timeout = database, timeout
        self._thread = _threads.setdefault(database, FairLock())
        self._files: list[int] = []
        self._holds = False

    def enter(self) -> None:
        """Wait for one's turn. Raises OperationalError, as SQLite does, when it does not come in time."""
        if self._holds:
            return
        if not self._thread.acquire(timeout=self.timeout):
            raise OperationalError("database is locked")
        self._holds = True
        try:
            self._lock_files()
        except OSError:  # a disk that is read-only, say: SQLite itself says so better
            self._close_files()

    def leave(self) -> None:
        """Let the next one write; nothing to do for who does not hold the turn."""
        if not self._holds:
            return
        self._close_files()
        self._holds = False
        self._thread.release()

    def __enter__(self) -> Self:
        self.enter()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _lock_files(self) -> None:
        if fcntl is None:
            return
        following = os.open(f"{self.database}-next", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(following, fcntl.LOCK_EX)
            writing = os.open(f"{self.database}-writing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._files.append(writing)
            fcntl.flock(writing, fcntl.LOCK_EX)
        finally:
            os.close(following)

    def _close_files(self) -> None:
        while self._files:
            with contextlib.suppress(OSError):
                os.close(self._files.pop())

"""Whose request is next: visitors take turns, and nobody has all threads of a process at once."""

from __future__ import annotations

import re
from collections import Counter, deque
from typing import Any

from django.conf import settings
from waitress.task import ThreadedTaskDispatcher

AT_ONCE = 2
SESSION = re.compile(rf"(?:^|;\s*){re.escape(settings.SESSION_COOKIE_NAME)}=([^;\s]+)")


class FairQueue:
    """Stands in for the dispatcher's deque, under the dispatcher's lock; empty while nobody may be served."""

    def __init__(self) -> None:
        self.waiting: dict[str, deque[Turn]] = {}
        self.running: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(len(tasks) for visitor, tasks in self.waiting.items() if self.running[visitor] < AT_ONCE)

    def append(self, task: Turn) -> None:
        self.waiting.setdefault(task.visitor, deque()).append(task)

    def popleft(self) -> Turn:
        """The request of whoever was served longest ago."""
        visitor = next(name for name in self.waiting if self.running[name] < AT_ONCE)
        tasks = self.waiting.pop(visitor)
        task = tasks.popleft()
        if tasks:
            self.waiting[visitor] = tasks
        self.running[visitor] += 1
        return task

    def release(self, visitor: str) -> None:
        self.running[visitor] -= 1
        if not self.running[visitor]:
            del self.running[visitor]


class FairDispatcher(ThreadedTaskDispatcher):
    """A thread that has served somebody looks itself for who is next: no wait for a turn needs a call."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = FairQueue()

    def add_task(self, task: Any) -> None:
        super().add_task(Turn(task, self))


class Turn:
    """One request that waits for a thread."""

    def __init__(self, channel: Any, dispatcher: FairDispatcher) -> None:
        self.channel, self.dispatcher = channel, dispatcher
        self.visitor = visitor_of(channel)

    def service(self) -> None:
        try:
            self.channel.service()
        finally:
            with self.dispatcher.lock:
                self.dispatcher.queue.release(self.visitor)

    def cancel(self) -> None:
        self.channel.cancel()


def visitor_of(channel: Any) -> str:
    """Who asks: a session, where there is none an address. An office may share one address."""
    headers, address = channel.requests[0].headers, str(channel.addr[0])
    if session := SESSION.search(headers.get("COOKIE", "")):
        return session[1]
    if address in settings.TRUSTED_PROXIES:
        return str(headers.get("X_FORWARDED_FOR", address)).rpartition(",")[2].strip()
    return address

"""Progress with evidence posted through Django's client: how much of each POST others wait for; prints JSON.

    python -m tests.benchmarks.lock_worker ROUNDS

Seconds of the processor, in the median: of the whole POST, of what lies between BEGIN and COMMIT, and
of that the part outside of SQLite. The database is the SQLite file of DATA_DIR.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from tests import builders

CLOCK = time.thread_time


class Lock:
    """Times what the connection does from BEGIN to COMMIT, and of that the statements."""

    def __init__(self) -> None:
        self.held = self.statements = 0.0
        self._since: float | None = None
        begin, commit = connection._start_transaction_under_autocommit, connection._commit
        connection._start_transaction_under_autocommit = lambda: (begin(), self._begun())
        connection._commit = lambda: (commit(), self._ended())

    def _begun(self) -> None:
        self._since = CLOCK()

    def _ended(self) -> None:
        if self._since is not None:
            self.held += CLOCK() - self._since
            self._since = None

    def __call__(self, execute: Any, *said: Any) -> Any:
        began = CLOCK()
        try:
            return execute(*said)
        finally:
            if self._since is not None:
                self.statements += CLOCK() - began


def main(rounds: int) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    made = builders.cast()
    client = Client()
    client.force_login(made["clerk"], backend="django.contrib.auth.backends.ModelBackend")
    lock = Lock()
    found = [posted(client, made, lock, number) for number in range(rounds + 3)][3:]
    print(json.dumps([round(statistics.median(column), 6) for column in zip(*found, strict=True)]))


def posted(client: Client, made: builders.Cast, lock: Lock, number: int) -> tuple[float, float, float]:
    sent = {"text": f"印发方案{number}", "idempotency_key": f"{number:032x}", "files": builders.pdf()}
    held, statements, began = lock.held, lock.statements, CLOCK()
    with connection.execute_wrapper(lock):
        response = client.post(f"{made.problem.get_absolute_url()}progress/", sent)
    took = CLOCK() - began
    assert response.status_code == 302, response.content.decode()[:500]
    inside = lock.held - held
    return took, inside, inside - (lock.statements - statements)


if __name__ == "__main__":
    main(int(sys.argv[1]))

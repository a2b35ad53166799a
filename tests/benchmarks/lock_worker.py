"""Progress with evidence posted through Django's client, in turns with a bare POST; prints JSON.

    python -m tests.benchmarks.lock_worker ROUNDS

Seconds of the processor, in the median: of the bare POST, of the whole of ours, of what lies between BEGIN
and COMMIT, for which others wait, and of that the part outside of SQLite; and the statements of ours. The
bare POST is a view of the same process: it reads session and user, hashes the same file and inserts one row.
The database is the SQLite file of DATA_DIR.
"""

from __future__ import annotations

import hashlib
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
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from rectify import clock, urls
from rectify.models import ProgressNote
from rectify.views.request import AuthenticatedRequest
from tests import builders
from tests.visitor import pdf

CLOCK = time.thread_time
FILE_BYTES = 100_000
WARM_UP = 3
BARE = "/bare/"


class Lock:
    """Times what the connection does from BEGIN to COMMIT, and of that the statements."""

    def __init__(self) -> None:
        self.held = self.statements = 0.0
        self.count = 0
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
        self.count += 1
        try:
            return execute(*said)
        finally:
            if self._since is not None:
                self.statements += CLOCK() - began


def bare(request: AuthenticatedRequest) -> HttpResponse:
    """What every POST of a file must do."""
    words = request.POST["text"] + hashlib.sha256(request.FILES["files"].read()).hexdigest()
    ProgressNote.objects.bulk_create([ProgressNote(text=words, at=clock.now(), author=request.user, **said)])
    return HttpResponse(status=302)


said: dict[str, Any] = {}
urls.urlpatterns.append(path(BARE[1:], bare))


def main(rounds: int) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    made = builders.cast()
    said.update(problem=made.problem, author_label=made["clerk"].label)
    client = Client()
    client.force_login(made["clerk"], backend="django.contrib.auth.backends.ModelBackend")
    lock, address = Lock(), f"{made.problem.get_absolute_url()}progress/"
    found = [
        (posted(client, BARE, lock, number)[0], *posted(client, address, lock, number))
        for number in range(rounds + WARM_UP)
    ]
    print(json.dumps([statistics.median(column) for column in zip(*found[WARM_UP:], strict=True)]))


def posted(client: Client, address: str, lock: Lock, number: int) -> tuple[float, float, float, int]:
    file = SimpleUploadedFile("zuozheng.pdf", pdf(FILE_BYTES), "application/pdf")
    sent = {"text": f"印发方案{number}", "idempotency_key": f"{number:032x}", "files": file}
    held, statements, count, began = lock.held, lock.statements, lock.count, CLOCK()
    with connection.execute_wrapper(lock):
        response = client.post(address, sent)
    took = CLOCK() - began
    assert response.status_code == 302, response.content.decode()[:500]
    client.cookies.pop("messages", None)  # told by the page that a browser asks for next
    inside = lock.held - held
    return took, inside, inside - (lock.statements - statements), lock.count - count


if __name__ == "__main__":
    main(int(sys.argv[1]))

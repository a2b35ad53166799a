"""Times the dashboard of one database, signed in, through the full middleware; prints it as JSON.

    python -m tests.benchmarks.dashboard_worker ROUNDS [bare]

With `bare` every index that is neither a key's nor a unique rule's is dropped first, and the kept counts
are taken out: give it a copy. Times are those of the processor on SQLite, which works within the process;
a server's are those of the clock, the best round of several.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.models import Rollup, User
from tests.benchmarks.make_load import NOW

PEOPLE = ("city_office", "office_1", "leader_1_1")
SECRETS = re.compile(r'csrf\w*"[^>]*|X-CSRFToken[^}]*', re.IGNORECASE)


def make_bare() -> int:
    """Leave what keys and unique rules bring by themselves, and nothing counted."""
    Rollup.objects.all().delete()
    dropped = 0
    with connection.cursor() as cursor:
        for model in apps.get_app_config("rectify").get_models():
            for index in model._meta.indexes:
                cursor.execute(f'DROP INDEX IF EXISTS "{index.name}"')
                dropped += 1
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    return dropped


def measure(rounds: int) -> dict[str, dict[str, Any]]:
    settings.ALLOWED_HOSTS = ["*"]
    figures = {}
    typical = statistics.median if connection.vendor == "sqlite" else min
    seconds = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    for username in PEOPLE:
        client = Client()
        user = User.objects.get(username=username)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        times = []
        for _ in range(rounds + 1):
            started = seconds()
            response = client.get("/dashboard/")
            times.append(seconds() - started)
            assert response.status_code == 200
        with CaptureQueriesContext(connection) as captured:
            client.get("/dashboard/")
        ours = [query for query in captured if "sqlite_master" not in query["sql"]]
        page = SECRETS.sub("", response.content.decode())
        figures[username] = {
            "ms": 1000 * typical(times[1:]),
            "queries": len(ours),
            "digest": hashlib.sha256(page.encode()).hexdigest(),
        }
    return figures


def main() -> None:
    if sys.argv[2:] == ["bare"]:
        assert make_bare()
    with clock.pretend(NOW):
        print(json.dumps(measure(int(sys.argv[1]))))


if __name__ == "__main__":
    main()

"""Times the dashboard of one database, signed in, through the full middleware; prints it as JSON.

    python -m tests.benchmarks.dashboard_worker ROUNDS [bare]

With `bare` every index that is neither a key's nor a unique rule's is dropped first: give it a copy.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.models import User
from tests.benchmarks.make_load import NOW

PEOPLE = ("city_office", "office_1", "leader_1_1")


def drop_declared_indexes() -> int:
    """Leave what keys and unique rules bring by themselves."""
    dropped = 0
    with connection.cursor() as cursor:
        for model in apps.get_app_config("rectify").get_models():
            for index in model._meta.indexes:
                cursor.execute(f'DROP INDEX IF EXISTS "{index.name}"')
                dropped += 1
    return dropped


def measure(rounds: int) -> dict[str, dict[str, float]]:
    settings.ALLOWED_HOSTS = ["*"]
    figures = {}
    for username in PEOPLE:
        client = Client()
        user = User.objects.get(username=username)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        times = []
        for _ in range(rounds + 1):
            started = time.perf_counter()
            assert client.get("/dashboard/").status_code == 200
            times.append(time.perf_counter() - started)
        with CaptureQueriesContext(connection) as captured:
            client.get("/dashboard/")
        ours = [query for query in captured if "sqlite_master" not in query["sql"]]
        figures[username] = {"ms": 1000 * statistics.median(times[1:]), "queries": len(ours)}
    return figures


def main() -> None:
    if sys.argv[2:] == ["bare"]:
        assert drop_declared_indexes()
    with clock.pretend(NOW):
        print(json.dumps(measure(int(sys.argv[1]))))


if __name__ == "__main__":
    main()

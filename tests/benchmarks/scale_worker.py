"""Times pages of one database, signed in, through the full middleware; prints medians and query counts.

    python -m tests.benchmarks.scale_worker ROUNDS [county]

The database is the one of the environment, filled by make_load. With `county` only the pages of people
of one county are measured. On SQLite, which runs within the process, times are of the processor, so that
a busy machine measures the same; a server's work is only seen on the clock.
"""

from __future__ import annotations

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

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.models import Problem, User
from tests.benchmarks.make_load import NOW

WARM_UP = 2
NEXT = re.compile(r'[?;]after=([^"&]+)" rel="next"')
COUNTY = (
    ("home", "office_1", "/"),
    ("home", "leader_1_1", "/"),
    ("home", "clerk_1_1", "/"),
    ("home", "unit_head_1", "/"),
    ("list", "office_1", "/problems/"),
    ("list", "leader_1_1", "/problems/"),
    ("dashboard", "office_1", "/dashboard/"),
    ("item", "clerk_1_1", "item"),
)
CITY = (
    ("home", "city_office", "/"),
    ("home", "city_inspector", "/"),
    ("list", "city_office", "/problems/"),
    ("list by light", "city_office", "/problems/?light=overdue"),
    ("list by deadline", "city_office", "/problems/?sort=deadline"),
    ("list by number", "city_office", "/problems/?sort=number"),
    ("list by number, down", "city_office", "/problems/?sort=-number"),
    ("list, second page", "city_office", "next"),
    ("list, last page", "city_office", "/problems/?page=last"),
    ("item", "city_office", "item"),
    ("dashboard", "city_office", "/dashboard/"),
)


def measure(rounds: int, pages: tuple[tuple[str, str, str], ...]) -> dict[str, dict[str, Any]]:
    settings.ALLOWED_HOSTS = ["*"]
    figures = {}
    seconds = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    for name, username, path in pages:
        user = User.objects.get(username=username)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        if path == "next":
            found = NEXT.search(client.get("/problems/").content.decode())
            assert found, "a list of one page has no next one"
            path = f"/problems/?after={found[1]}"
        if path == "item":
            path = Problem.objects.visible_to(user).order_by("pk")[0].get_absolute_url()
        times = []
        for _ in range(WARM_UP + (rounds if name != "dashboard" else 2)):
            started = seconds()
            response = client.get(path)
            times.append(seconds() - started)
            assert response.status_code == 200, (path, response.status_code)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        ours = [query["sql"] for query in captured if "sqlite_master" not in query["sql"]]
        figures[f"{name} of {username}"] = {
            "ms": round(1000 * statistics.median(times[WARM_UP:]), 1),
            "queries": len(ours),
            "slowest": max(captured, key=lambda query: float(query["time"]))["sql"][:300],
        }
    return figures


def main() -> None:
    rounds = int(sys.argv[1])
    pages = COUNTY if sys.argv[2:] == ["county"] else COUNTY + CITY
    with clock.pretend(NOW):
        print(json.dumps(measure(rounds, pages), ensure_ascii=False))


if __name__ == "__main__":
    main()

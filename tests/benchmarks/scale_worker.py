"""Times pages of one database, signed in, through the full middleware; prints medians and query counts.

    python -m tests.benchmarks.scale_worker ROUNDS [county]

The database is the one of the environment, filled by make_load. With `county` only the pages of people
of one county are measured. On SQLite, which runs within the process, times are of the processor, so that
a busy machine measures the same; a server's work is only seen on the clock, where the best round counts.
"""

from __future__ import annotations

import html
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
NEIGHBOUR = r'<a href="([^"]+)" rel="{}">'
ORDERS = ("light", "-light", "deadline", "-deadline", "number", "-number")
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
    *((f"list by {order}", "city_office", f"/problems/?sort={order}") for order in ORDERS),
    *((f"list by {order}, next page", "city_office", f"/problems/?sort={order} next") for order in ORDERS),
    *(
        (f"list by {order}, last but one", "city_office", f"/problems/?sort={order}&page=last prev")
        for order in ORDERS
    ),
    ("list of overdue", "city_office", "/problems/?light=overdue"),
    ("item", "city_office", "item"),
    ("home", "city_sysadmin", "/"),
    ("home", "city_auditor", "/"),
    ("dashboard", "city_office", "/dashboard/"),
)


def neighbour(client: Client, path: str, which: str) -> str:
    """The page that this one names as its next, or as the one before it."""
    found = re.search(NEIGHBOUR.format(which), client.get(path).content.decode())
    assert found, f"{path} has no {which}"
    return "/problems/" + html.unescape(found[1])


def measure(rounds: int, pages: tuple[tuple[str, str, str], ...]) -> dict[str, dict[str, Any]]:
    settings.ALLOWED_HOSTS = ["*"]
    figures = {}
    typical = statistics.median if connection.vendor == "sqlite" else min
    seconds = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    for name, username, path in pages:
        user = User.objects.get(username=username)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        if " " in path:
            path = neighbour(client, *path.split(" "))
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
            "ms": round(1000 * typical(times[WARM_UP:]), 1),
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

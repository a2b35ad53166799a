"""Times the list of one database under every filter and order, and its search; prints seconds by query.

    python -m tests.benchmarks.search_worker ROUNDS

The database is the one of the environment, filled by make_load. On SQLite times are of the processor.
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

from django.conf import settings
from django.db import connection
from django.test import Client

from rectify import clock
from rectify.choices import Kind, RagStatus, Source, Status, Timing
from rectify.models import Aspect, Leader, Unit, User
from tests.benchmarks.load_lives import FIRST, NOW, SECOND

ORDERS = ("light", "deadline", "-deadline", "number")
# A place that few items name, a word of a title and one of a note, a word that is everywhere, a unit, and a
# single character.
SEARCHED = {
    "a place": f"{FIRST[0]}{SECOND[0]}村",
    "two words": f"{FIRST[1]}{SECOND[1]} 压实责任",
    "everywhere": "责任",
    "everywhere, two words": "责任 窗口",
    "nowhere": "没有的词",
    "a unit": "第1县3局",
    "full-width digits": "２０２５-７",
}


def filters() -> dict[str, str]:
    """Each filter with each of its values, by what it is called in the table."""
    many = {"status": Status, "kind": Kind, "source": Source, "timing": Timing, "light": RagStatus}
    found = {"no filter": ""}
    found |= {
        f"{name}={value}": f"{name}={value}" for name, values in many.items() for value in values.values
    }
    rows = {"leader": Leader, "unit": Unit, "aspect": Aspect, "clerk": User}
    names = {"unit": {"name": "第1县1局"}, "clerk": {"username": "clerk_1_1"}}
    for name, model in rows.items():
        row = model._default_manager.filter(**names.get(name, {})).order_by("pk")[0]
        found[f"{name}="] = f"{name}={row.pk}"
    return found | {
        one: one for one in ("deadline=none", "stale=1", "suggest=1", "arrears=old", "withdrawn=1")
    }


def main() -> None:
    settings.ALLOWED_HOSTS = ["*"]
    rounds = int(sys.argv[1])
    asked = {
        f"list {name} by {order}": f"{q}&sort={order}" for name, q in filters().items() for order in ORDERS
    }
    asked |= {f"search: {name}": f"q={word}" for name, word in SEARCHED.items()}
    client = Client()
    client.force_login(
        User.objects.get(username="city_office"), backend="django.contrib.auth.backends.ModelBackend"
    )
    figures = {}
    for name, query in asked.items():
        figures[name] = timed(client, f"/problems/?{query}", rounds)
    print(json.dumps(figures, ensure_ascii=False))


def timed(client: Client, path: str, rounds: int) -> float:
    """The usual time of a page, after a first one."""
    seconds = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    times = []
    for _ in range(rounds + 1):
        started = seconds()
        response = client.get(path)
        times.append(seconds() - started)
        assert response.status_code == 200, (path, response.status_code)
    return statistics.median(times[1:])


if __name__ == "__main__":
    with clock.pretend(NOW):
        main()

"""Times the pages of one database: the list under every filter and order, search, and what people open.

    python -m tests.benchmarks.growth_worker ROUNDS

prints seconds by page. The database is the one of the environment, filled by make_load. On SQLite times are
of the processor, so that a busy machine measures the same; a server's are those of the clock, where the best
round counts.
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
from rectify.models import Aspect, Leader, Problem, Report, Unit, User
from rectify.operations import rollups
from tests.benchmarks.load_lives import FIRST, NOW, SECOND

CITY = "city_office"
ORDERS = ("light", "-light", "deadline", "-deadline", "number", "-number")
PEOPLE = ("city_office", "city_inspector", "office_1", "leader_1_1", "unit_head_1", "clerk_1_1")
# A place that few items name, a word of a title and one of a note, a word that is everywhere, a unit, digits,
# and a single character.
SEARCHED = {
    "a place": f"{FIRST[0]}{SECOND[0]}村",
    "two words": f"{FIRST[1]}{SECOND[1]} 压实责任",
    "everywhere": "责任",
    "everywhere, two words": "责任 窗口",
    "nowhere": "没有的词",
    "a unit": "第1县3局",
    "full-width digits": "２０２５-７",
    "one character": "责",
}


def filters() -> dict[str, str]:
    """Each filter with each of its values, by what it is called in the table."""
    many = {"status": Status, "kind": Kind, "source": Source, "timing": Timing, "light": RagStatus}
    asked = [f"{name}={value}" for name, values in many.items() for value in values.values]
    asked += ["deadline=none", "stale=1", "suggest=1", "arrears=old", "withdrawn=1"]
    found = {"no filter": ""} | {query: query for query in asked}
    rows = {"leader": Leader, "unit": Unit, "aspect": Aspect, "clerk": User, "report": Report}
    names = {"unit": {"name": "第1县1局"}, "clerk": {"username": "clerk_1_1"}}
    for name, model in rows.items():
        row = model._default_manager.filter(**names.get(name, {})).order_by("pk")[0]
        found[f"{name}="] = f"{name}={row.pk}"
    return found


def pages() -> dict[str, tuple[str, str]]:
    """Who looks at what, by what it is called in the table."""
    asked = {
        f"list {name} by {order}": (CITY, f"/problems/?{query}&sort={order}")
        for name, query in filters().items()
        for order in ORDERS
    }
    asked |= {f"search: {name}": (CITY, f"/problems/?q={word}") for name, word in SEARCHED.items()}
    asked |= {f"home, {person}": (person, "/") for person in (*PEOPLE, "city_auditor", "city_sysadmin")}
    asked |= {f"list, {person}": (person, "/problems/") for person in PEOPLE}
    asked |= {f"dashboard, {person}": (person, "/dashboard/") for person in PEOPLE}
    for person in PEOPLE:
        item = Problem.objects.visible_to(User.objects.get(username=person)).order_by("pk")[0]
        asked[f"item, {person}"] = (person, item.get_absolute_url())
    report = Report.objects.filter(unit__name="第1县", year=2025).get()
    day = report.created_at.date()
    return asked | {
        "matrix": ("office_1", f"/reports/{report.pk}/matrix/"),
        "comparison of a ledger": ("office_1", f"/ledger/compare/?report={report.pk}"),
        "past day, its list": (CITY, f"/problems/?on={day.replace(month=5)}"),
        "briefing": (CITY, "/briefing/"),
        "health": (CITY, "/health/"),
        "entries, auditor": ("city_auditor", "/audit/"),
    }


def timed(client: Client, path: str, rounds: int) -> float:
    """The usual time of a page, after a first one; fewer rounds where it takes seconds."""
    on_sqlite = connection.vendor == "sqlite"
    seconds = time.process_time if on_sqlite else time.perf_counter
    times: list[float] = []
    while len(times) < rounds + 1 and sum(times) < 5:
        started = seconds()
        response = client.get(path)
        times.append(seconds() - started)
        assert response.status_code == 200, (path, response.status_code)
    return (statistics.median if on_sqlite else min)(times[1:] or times)


def main() -> None:
    settings.ALLOWED_HOSTS = ["*"]
    while rollups.refresh():  # background work has counted what has moved, and every cut-off
        pass
    only = sys.argv[2:]
    clients: dict[str, Client] = {}
    figures = {}
    for name, (person, path) in pages().items():
        if only and not name.startswith(tuple(only)):
            continue
        if person not in clients:
            clients[person] = Client()
            user = User.objects.get(username=person)
            clients[person].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        figures[name] = timed(clients[person], path, int(sys.argv[1]))
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    with clock.pretend(NOW):
        main()

"""Times the counts of one database and prints the rows of their table as JSON.

    python -m tests.benchmarks.counts_worker ROUNDS

The database is the one of the environment, filled by make_load. The peer is one GROUP BY of the problems by
ledger, leader, unit, status and light, which SQLite answers from the index problem_overview alone. Before
every read marked so, a clerk notes progress on an item. Times are those of the processor on SQLite, which
works within the process; a server's are those of the clock. The best round counts.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test import Client

from rectify import clock
from rectify.models import LedgerSettings, Problem, Report, User
from rectify.operations import progress, rollups
from rectify.selectors.dashboard.lasting import lasting
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.dashboard.trends import trend
from tests.benchmarks.make_load import NOW

CUTOFF, EARLIER, OTHER = dt.date(2026, 5, 31), dt.date(2026, 4, 30), dt.date(2026, 4, 17)
FROZEN = 3  # the last cut-offs
PEER = ("report_id", "leader_id", "lead_unit_id", "status", "light")
CITY, LEADER, INSPECTOR = "city_office", "leader_1_1", "city_inspector"

seconds = time.process_time if connection.vendor == "sqlite" else time.perf_counter


def best(rounds: int, work: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
    times = []
    for _ in range(rounds + 1):  # the first warms up
        before()
        started = seconds()
        work()
        times.append(seconds() - started)
    return min(times[1:])


def group_by() -> None:
    """One pass over the problems, as they stand today."""
    rules = LedgerSettings.objects.rules()
    lit = Problem.objects.filter(withdrawn=False).with_light(clock.today(), rules).order_by()
    assert list(lit.values_list(*PEER).annotate(n=Count("*")))


def figures(reports: Sequence[Report], day: dt.date) -> None:
    """All that the dashboard of the city counts as of a day."""
    scope = Scope(Problem.objects.all(), day, LedgerSettings.objects.rules(), whole=reports, key="all")
    overview(scope, day, reports=reports)
    trend(scope, day)
    if not scope.is_past:
        lasting(scope)


def page(username: str, path: str) -> Callable[[], None]:
    client = Client()
    user = User.objects.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def get() -> None:
        response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)

    return get


def writer() -> Callable[[], None]:
    """Progress on an item of another ledger each time."""
    problems = Problem.objects.filter(rank=0, clerk__isnull=False).select_related("clerk", "report__unit")
    found = [problems.filter(report=report).first() for report in Report.objects.order_by("pk")]
    turns = itertools.cycle([problem for problem in found if problem])

    def write() -> None:
        problem = next(turns)
        progress.add(problem, by=problem.clerk, text="已开工，正在推进整改")

    return write


def rows(rounds: int) -> list[tuple[str, str, float, float, float]]:
    settings.ALLOWED_HOSTS = ["*"]
    reports = list(Report.objects.select_related("settings"))
    for _ in range(FROZEN * -(-len(reports) // rollups.A_ROUND)):  # what background work has done by now
        rollups.refresh()
    write, peer = writer(), best(rounds, group_by)
    today, city = clock.today(), page(CITY, "/dashboard/")
    home = best(rounds, city)
    there = f"/dashboard/?on={CUTOFF}"
    grouped = [
        ("figures of the city", 0.3, best(rounds, lambda: figures(reports, today))),
        ("figures, a write before every read", 0.3, best(rounds, lambda: figures(reports, today), write)),
        ("page of the city", 1, home),
        ("page, a write before every read", 1, best(rounds, city, write)),
        ("page of a leader", 1, best(rounds, page(LEADER, "/dashboard/"))),
        ("page of a leader, a write before", 1, best(rounds, page(LEADER, "/dashboard/"), write)),
        ("page of another past day", 3, best(rounds, page(CITY, f"/dashboard/?on={OTHER}"))),
        ("page compared with another day", 3, best(rounds, page(CITY, f"/dashboard/?vs={OTHER}"))),
        ("briefing", 1, best(rounds, page(CITY, "/briefing/"))),
    ]
    beside = [
        ("page of a cut-off", 3, best(rounds, page(CITY, there))),
        ("page of a cut-off beside another", 3, best(rounds, page(CITY, f"{there}&vs={EARLIER}"))),
        ("briefing of a cut-off", 3, best(rounds, page(CITY, f"/briefing/?on={CUTOFF}"))),
    ]
    return [
        *((work, "group by", peer, ours, goal) for work, goal, ours in grouped),
        *((work, "today's page", home, ours, goal) for work, goal, ours in beside),
    ]


def main() -> None:
    with clock.pretend(NOW):
        print(json.dumps(rows(int(sys.argv[1]))))


if __name__ == "__main__":
    main()

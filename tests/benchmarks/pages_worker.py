"""Times pages of the demonstration and a thousand items more beside a bare page; prints rows as JSON.

    python -m tests.benchmarks.pages_worker ROUNDS

fills the database of the environment if it is new, and measures it in one process, through WSGI and every
middleware, signed in and warm, a page and its peer in turns. The bare page is a view of the same process and
session: it knows who asks, makes two queries and returns text as long as the page.
Times are of the processor, also on PostgreSQL, where only the server's own share is missing.
"""

from __future__ import annotations

import io
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.http import HttpResponse
from django.urls import path

from rectify import clock, urls
from rectify.choices import Role
from rectify.demo.cast import Stage
from rectify.demo.play import play
from rectify.management.emptiness import has_tables
from rectify.models import Leader, Membership, Problem, Report, Unit, User
from rectify.operations import rollups, search_index
from rectify.views.request import AuthenticatedRequest
from tests.benchmarks import make_load
from tests.benchmarks.load_lives import NOW, County
from tests.benchmarks.load_rows import Bulk

ITEMS = 1000
WARM_UP = 3
# Work, who looks, the page, and how often the bare page it may cost.
PAGES = (
    ("home, clerk", "clerk", "/", 6),
    ("home, office", "office", "/", 6),
    ("home, leader", "leader", "/", 6),
    ("item, clerk", "clerk", "item", 6),
    ("item, office", "office", "item", 6),
    ("list, clerk", "clerk", "/problems/", 7),
    ("list, office", "office", "/problems/", 7),
    ("dashboard, office", "office", "/dashboard/", 10),
    ("dashboard, leader", "leader", "/dashboard/", 10),
)
MANY, FEW = "/problems/?per_page=100", "/problems/?per_page=25"
MANY_ROWS = 2.5
BARE = "/bare/"
application = get_wsgi_application()
shown = ""


def bare(request: AuthenticatedRequest) -> HttpResponse:
    """As long as the page beside it."""
    found = [*Report.objects.all()[:10], *Unit.objects.all()[:10]]
    return HttpResponse(shown if found and request.user.is_active else "")


urls.urlpatterns.append(path(BARE[1:], bare))


def fill() -> None:
    """The demonstration, and last year's ledger of a thousand items in the same county."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        play(Stage(make_load.PASSWORD))
        unit = Report.objects.get().unit
        county = County(
            unit=unit,
            departments=[],
            clerks=[],
            office=User.objects.get(username="office"),
            leaders=list(Leader.objects.filter(unit=unit)),
        )
        for department in Unit.objects.filter(path__startswith=unit.path).exclude(pk=unit.pk):
            county.departments.append(department)
            county.clerks.append(clerk_of(department))
        make_load.make_ledger(Bulk(), random.Random(16), county, make_load.begin_ledger(county, 2025), ITEMS)
        search_index.rebuild()
        rollups.rebuild_all()


def clerk_of(department: Unit) -> User:
    post = Membership.objects.filter(unit=department, role=Role.CLERK).select_related("user").first()
    if post:
        return post.user
    user = make_load.account(f"clerk_{department.pk}", f"{department} 经办人", "")
    make_load.place(user, department, Role.CLERK)
    return user


# -- asking -----------------------------------------------------------------------------------------------


def cookie_of(username: str) -> str:
    """A session as after signing in."""
    user = User.objects.get(username=username)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"sessionid={session.session_key}"


def asked(address: str, cookie: str) -> tuple[str, float]:
    """The page and the seconds of processor it took."""
    where, _, query = address.partition("?")
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": where,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": cookie,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    started = time.process_time()
    response = application(environ, lambda status, headers, error=None: statuses.append(status))
    body = b"".join(response)
    response.close()
    seconds = time.process_time() - started
    assert statuses == ["200 OK"], (address, statuses)
    return body.decode(), seconds


def in_turns(rounds: int, *works: Callable[[], float]) -> list[float]:
    """The typical seconds of each, all measured in every round."""
    for work in works * WARM_UP:
        work()
    figures = [[work() for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*figures, strict=True)]


def beside_bare(rounds: int, address: str, cookie: str) -> list[float]:
    global shown
    shown = asked(address, cookie)[0]
    return in_turns(rounds, lambda: asked(BARE, cookie)[1], lambda: asked(address, cookie)[1])


def measure(rounds: int) -> list[list[Any]]:
    """The rows of the table: work, peer, its seconds, ours, goal."""
    rows: list[list[Any]] = []
    cookies = {username: cookie_of(username) for _, username, *_ in PAGES}
    item = Problem.objects.filter(clerk__username="clerk").order_by("pk")[0].get_absolute_url()
    for work, username, address, goal in PAGES:
        peer, ours = beside_bare(rounds, item if address == "item" else address, cookies[username])
        rows.append([work, "bare page", peer, ours, goal])
    office = cookies["office"]
    few, many = in_turns(rounds, lambda: asked(FEW, office)[1], lambda: asked(MANY, office)[1])
    return [*rows, ["list of 100 rows, office", "of 25 rows", few, many, MANY_ROWS]]


def main() -> None:
    with clock.pretend(NOW):
        if not has_tables():
            fill()
        print(json.dumps(measure(int(sys.argv[1])), ensure_ascii=False))


if __name__ == "__main__":
    main()

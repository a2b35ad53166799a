"""A visit to a URL of the access matrix by one person, and what it changed in the database."""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from tests.views.access_rows import Row


def address(name: str, row: Row, there: dict[str, Any]) -> str:
    things = (row.thing, *row.after) if row.thing else ()
    url = reverse(name, args=[*row.extra, *(there[thing] for thing in things)])
    return f"{url}?{row.ask}={there[row.ask]}" if row.ask else url


def signed_in(user: Any) -> str:
    client = browser()
    client.cookies.clear()
    client.force_login(user)
    client.get("/help/")  # the first request of a minute renews the session
    return str(client.cookies["sessionid"].value)


@cache
def browser() -> Client:
    """One for all: making one reads every static file."""
    return Client()


def asked(session: str, method: str, url: str, data: dict[str, Any] | None = None) -> HttpResponseBase:
    client = browser()
    client.cookies.clear()
    if session:
        client.cookies["sessionid"] = session
    return getattr(client, method)(url, data or {})


@cache
def watched() -> dict[str, Any]:
    """Every table of ours, and who is signed in, by the name in the database."""
    models = [*apps.get_app_config("rectify").get_models(include_auto_created=True)]
    models.append(apps.get_model("sessions", "Session"))
    return {model._meta.db_table: model for model in models}


def rows(table: str) -> list[tuple]:
    return sorted(watched()[table]._base_manager.values_list(), key=repr)


def database() -> dict[str, list[tuple]]:
    """Every row of every table."""
    return {table: rows(table) for table in watched()}


class Writing:
    """Which tables were written: what was not written has not changed."""

    READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    WRITES = re.compile(r'(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __enter__(self) -> Writing:
        self.stack = ExitStack()
        for alias in ("default", "snapshot"):
            self.stack.enter_context(connections[alias].execute_wrapper(self._watch))
        return self

    def __exit__(self, *failure: object) -> None:
        self.stack.close()

    def changed(self, before: dict[str, list[tuple]]) -> bool:
        """Whether a written table has other rows than it had before."""
        return any(rows(table) != before[table] for table in self.tables & watched().keys())

    def _watch(self, execute: Any, sql: str, *rest: Any) -> Any:
        said = sql.lstrip("( ")
        if not said.upper().startswith(self.READS):
            written = self.WRITES.match(said)
            self.tables |= {written[1]} if written else watched().keys()
        return execute(sql, *rest)

"""A round of background work: what nobody can use any more goes, what is in use stays."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading

import pytest
from django.contrib.sessions.models import Session
from django.core.management.base import CommandError

from rectify import clock
from rectify.models import Draft
from rectify.operations.exchange import drafts
from tests import builders

NOW = dt.datetime(2026, 5, 1, 2, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_dead_sessions_and_old_drafts_go_once(run):
    cast = builders.cast()
    for name, age in (("dead", -1), ("alive", 1)):
        Session.objects.create(session_key=name, expire_date=NOW + dt.timedelta(seconds=age))
    for key, age in (("old", 31), ("recent", 29)):
        with clock.pretend(NOW - dt.timedelta(days=age)):
            drafts.keep(cast["clerk"], key=key, fields={"text": "没写完"})
    with clock.pretend(NOW):
        first, second = (json.loads(run("tick")) for _ in range(2))
    assert (first["sessions"], first["drafts"]) == (1, 1)
    assert (second["sessions"], second["drafts"]) == (0, 0)
    assert Session.objects.get().session_key == "alive" and Draft.objects.get().key == "recent"


@pytest.mark.django_db(transaction=True)
def test_rounds_go_on_until_the_server_closes_the_pipe(run, monkeypatch):
    """A round that fails is left to the next one."""
    rounds = []
    third = threading.Event()

    def work() -> dict[str, int]:
        rounds.append(1)
        if len(rounds) == 3:
            third.set()
        if len(rounds) == 1:
            raise RuntimeError("the first round fails")
        return {}

    reading, writing = os.pipe()
    monkeypatch.setattr("rectify.management.commands.tick.work", work)
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    closer = threading.Thread(target=lambda: (third.wait(30), os.close(writing)))
    closer.start()
    with os.fdopen(reading) as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        run("tick", every=0.05)
    closer.join()
    assert len(rounds) >= 3


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon"])
def test_wrong_intervals_are_refused(run, seconds):
    with pytest.raises(CommandError, match="--every"):
        run("tick", "--every", seconds)

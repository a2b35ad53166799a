"""What the tests of pages share."""

from __future__ import annotations

from types import SimpleNamespace

import pytest


@pytest.fixture
def still_session(monkeypatch):  # type: ignore[no-untyped-def]
    """A session is renewed once a minute: on a slow machine that would look like a change or a query."""
    monkeypatch.setattr("rectify.sessions.time", SimpleNamespace(time=lambda: 2_000_000_000))


@pytest.fixture
def one_connection(monkeypatch):  # type: ignore[no-untyped-def]
    """A test's own transaction is not seen from the connection that reads snapshots."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")

"""Passwords tried in bulk against the real server: who may speak for whom, and who has to wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.installation import Server

pytestmark = [pytest.mark.ci, pytest.mark.xdist_group("server")]

MOST_FROM_ADDRESS, MOST_FOR_ACCOUNT = 60, 20


@pytest.fixture
def server(on_sqlite) -> Iterator[Server]:
    """With nobody's proxy: TRUSTED_PROXIES is empty."""
    with on_sqlite.serving(TRUSTED_PROXIES="") as server:
        yield server


@pytest.fixture
def behind_proxy(on_sqlite) -> Iterator[Server]:
    with on_sqlite.serving(TRUSTED_PROXIES="127.0.0.1") as server:
        yield server


def tries_until_stopped(server: Server, attempts: list[tuple[str, str, str]]) -> int:
    """Each attempt is a name, an address and what X-Forwarded-For says; how many were heard."""
    for count, (username, address, forwarded) in enumerate(attempts):
        visitor = server.visitor(address=address)
        visitor.headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        if visitor.try_password(username, "wrong-password-1").status == 429:
            return count
    return len(attempts)


def test_many_names_from_one_address_are_stopped_and_others_are_not(server):
    attempts = [(f"name{n}", "127.0.0.7", f"10.0.0.{n}") for n in range(MOST_FROM_ADDRESS)]
    assert tries_until_stopped(server, attempts) < MOST_FROM_ADDRESS, "the header was believed"
    assert server.visitor("office", address="127.0.0.8").get("/").status == 200


def test_one_account_from_many_addresses_is_slowed_down(server):
    attempts = [("clerk", f"127.0.1.{n + 1}", "") for n in range(MOST_FOR_ACCOUNT)]
    assert tries_until_stopped(server, attempts) < MOST_FOR_ACCOUNT


def test_behind_our_proxy_the_address_it_names_counts(behind_proxy):
    attempts = [(f"name{n}", "127.0.0.1", "10.9.9.9") for n in range(MOST_FROM_ADDRESS)]
    assert tries_until_stopped(behind_proxy, attempts) < MOST_FROM_ADDRESS
    assert tries_until_stopped(behind_proxy, [("name", "127.0.0.1", "10.9.9.8")]) == 1
    assert tries_until_stopped(behind_proxy, [("name", "127.0.0.2", "10.9.9.9")]) == 1, "no proxy of ours"

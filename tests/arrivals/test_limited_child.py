"""Children that read foreign content: forked from one server, ended at their limits, started again."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import pytest

from rectify.arrivals import limited_child

CHILD = "tests.arrivals.child_for_test"


def test_a_child_prints_what_it_was_asked_and_knows_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "nobody-reads-this")
    printed = json.loads(limited_child.run(CHILD, ["tell", "甲"], seconds=10))
    assert printed == {"arguments": ["tell", "甲"], "secret": None}


def test_many_ask_at_once_and_each_has_its_own_answer():
    answers = {}

    def ask(number: int) -> None:
        printed = limited_child.run(CHILD, ["tell", str(number)], seconds=20)
        answers[number] = json.loads(printed)["arguments"][1]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: str(number) for number in range(8)}


def test_a_child_that_goes_on_is_given_up_with_what_it_had_said_and_ends_by_itself():
    with pytest.raises(limited_child.OutOfTime) as late:
        limited_child.run(CHILD, ["sleep"], seconds=0.5)
    pid = int(late.value.printed)
    waited = time.monotonic() + 5
    while _lives(pid) and time.monotonic() < waited:
        time.sleep(0.05)
    assert not _lives(pid)


def test_a_child_that_dies_at_its_limit_of_memory_leaves_its_answer_short_and_the_next_is_answered():
    assert limited_child.run(CHILD, ["memory"], seconds=10) == b"before\n"
    assert json.loads(limited_child.run(CHILD, ["tell"], seconds=10))["arguments"] == ["tell"]


def test_a_server_that_is_killed_is_started_again_by_the_next_request():
    limited_child.run(CHILD, ["tell"], seconds=10)
    server = limited_child._server
    assert server is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(5)
    assert json.loads(limited_child.run(CHILD, ["tell"], seconds=10))["arguments"] == ["tell"]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

"""Writers of one database stand in a queue: in the order they came, across processes, and none is held up
by one that has died."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from django.db.utils import ConnectionHandler, OperationalError

from rectify.sqlite3.queue import FairLock, WriterQueue

HOLDER = """
import sys, time
from rectify.sqlite3.queue import WriterQueue
queue = WriterQueue(sys.argv[1], 20)
queue.enter()
print("holds", flush=True)
time.sleep(60)
"""


def test_who_came_first_goes_first():
    lock, order, waiting = FairLock(), [], []
    lock.acquire(timeout=1)

    def wait(number: int) -> None:
        assert lock.acquire(timeout=20)
        order.append(number)
        lock.release()

    for number in range(6):
        waiting.append(threading.Thread(target=wait, args=(number,)))
        waiting[-1].start()
        while len(lock._waiting) <= number:
            time.sleep(0.001)
    lock.release()
    for thread in waiting:
        thread.join()
    assert order == list(range(6))


def test_who_gives_up_is_passed_over():
    lock = FairLock()
    lock.acquire(timeout=1)
    assert not lock.acquire(timeout=0.01)
    lock.release()
    assert lock.acquire(timeout=0.01)


def test_a_turn_that_does_not_come_is_refused_as_sqlite_refuses_it(tmp_path):
    holder, late = (WriterQueue(str(tmp_path / "a"), timeout=0.05) for _ in range(2))
    with holder, pytest.raises(OperationalError, match="database is locked"):
        late.enter()
    with late:
        pass


def test_a_process_that_is_killed_holds_nobody_up(tmp_path):
    path = str(tmp_path / "a")
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE)
    assert holder.stdout and holder.stdout.readline() == b"holds\n"
    entered = threading.Event()

    def enter() -> None:
        with WriterQueue(path, timeout=20):
            entered.set()

    waiting = threading.Thread(target=enter)
    waiting.start()
    assert not entered.wait(0.2), "another process holds the turn"
    holder.kill()
    holder.wait()
    assert entered.wait(10)
    waiting.join()
    holder.stdout.close()


def test_a_folder_that_takes_no_file_leaves_the_answer_to_sqlite(tmp_path):
    with WriterQueue(str(tmp_path / "nowhere" / "a"), timeout=1):
        pass


@pytest.fixture
def connection(tmp_path, django_db_blocker):
    options = {"timeout": 0.05, "transaction_mode": "IMMEDIATE"}
    name = tmp_path / "a.sqlite3"
    handler = ConnectionHandler({"default": {"ENGINE": "rectify.sqlite3", "NAME": name, "OPTIONS": options}})
    connection = handler["default"]
    with django_db_blocker.unblock():
        connection.cursor().execute("CREATE TABLE counted (writes)")
        yield connection
        connection.close()


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_transaction_holds_the_turn_until_it_ends_however_it_ends(connection, end):
    other = WriterQueue(str(connection.settings_dict["NAME"]), timeout=0.05)
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with pytest.raises(OperationalError):
        other.enter()
    getattr(connection, end)()
    with other:
        pass


def test_a_statement_outside_of_a_transaction_waits_and_a_question_does_not(connection):
    cursor = connection.cursor()
    with WriterQueue(str(connection.settings_dict["NAME"]), timeout=1):
        assert cursor.execute("SELECT count(*) FROM counted").fetchone() == (0,)
        with pytest.raises(OperationalError, match="database is locked"):
            cursor.execute("INSERT INTO counted VALUES (1)")
        with pytest.raises(OperationalError, match="database is locked"):
            cursor.executemany("INSERT INTO counted VALUES (%s)", [(2,), (3,)])
    cursor.execute("INSERT INTO counted VALUES (1)")
    cursor.executemany("INSERT INTO counted VALUES (%s)", [(2,), (3,)])
    with sqlite3.connect(connection.settings_dict["NAME"]) as reading:
        assert reading.execute("SELECT sum(writes) FROM counted").fetchone() == (6,)

"""One process of several that write into a SQLite file through Django: prints how long each write took.

python -m tests.benchmarks.queue_worker ENGINE FILE SECONDS THREADS transaction|statement
"""

from __future__ import annotations

import json
import sys
import threading
import time

from django.conf import settings


def main(engine: str, path: str, seconds: float, threads: int, how: str) -> None:
    options = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"}
    settings.configure(DATABASES={"default": {"ENGINE": engine, "NAME": path, "OPTIONS": options}})
    took: list[float] = []
    end = time.monotonic() + seconds
    working = [threading.Thread(target=work, args=(end, how, took)) for _ in range(threads)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    print(json.dumps(took))


def work(end: float, how: str, took: list[float]) -> None:
    from django.db import connection, transaction

    while time.monotonic() < end:
        began = time.monotonic()
        if how == "transaction":
            with transaction.atomic():
                connection.cursor().execute("UPDATE counted SET writes = writes + 1")
                until = time.thread_time() + 0.003
                while time.thread_time() < until:
                    pass
        else:
            connection.cursor().execute("UPDATE counted SET writes = writes + 1")
            time.sleep(0.05)
        took.append(time.monotonic() - began)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), sys.argv[5])

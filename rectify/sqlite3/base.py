"""Django's SQLite backend, with a queue before its write lock.

SQLite lets who waits try again after a pause of its own choosing: under load one writer in a hundred waited
seven seconds where the queue lets it wait half a second (docs/decisions/0014-a-queue-of-writers.md).
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base
from django.utils.dateparse import parse_date

from rectify.sqlite3.queue import WriterQueue

DAYS = 4096  # a county's rows name the same few hundred days
TEXTS = 256  # the pages ask the same few again and again
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
NO_TURN: AbstractContextManager[Any] = nullcontext()


@lru_cache(maxsize=DAYS)
def _day(text: bytes) -> Any:
    """As Django's; of a day once."""
    return parse_date(text.decode())


sqlite3.register_converter("date", _day)


class QueuedCursor(base.SQLiteCursorWrapper):
    """A statement that writes outside of a transaction stands in the queue too, or it would never come up."""

    queue: WriterQueue

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """As Django's; of a long text once, for it looks at each letter."""
        if param_names is None:
            return _converted(query)
        return str(super().convert_query(query, param_names=param_names))

    def execute(self, query: str, params: Any = None) -> Any:
        with self._turn(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self._turn(query):
            return super().executemany(query, param_list)

    def _turn(self, query: str) -> AbstractContextManager[Any]:
        waits = not self.connection.in_transaction and query.lstrip()[:7].upper().startswith(WRITES)
        return self.queue if waits else NO_TURN


@lru_cache(maxsize=TEXTS)
def _converted(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    """Transactions that write begin one after the other, in the order in which they were asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._queue: WriterQueue | None = None

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        queued = (
            self.settings_dict["OPTIONS"].get("transaction_mode") == "IMMEDIATE"
            and not self.is_in_memory_db()
        )
        self._queue = WriterQueue(str(params["database"]), params["timeout"]) if queued else None
        return params

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        if self._queue is None:
            return cursor
        cursor = self.connection.cursor(factory=QueuedCursor)
        cursor.queue = self._queue
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        if self._queue:
            self._queue.enter()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._leave()

    def _leave(self) -> None:
        if self._queue:
            self._queue.leave()

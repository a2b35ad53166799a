"""A disk that takes nothing more: how the system and the databases say so."""

from __future__ import annotations

import errno

from django.db import Error

NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
# SQLite gives no other sign than its sentence; PostgreSQL has codes for both.
SENTENCES = ("database or disk is full", "attempt to write a readonly database", "disk i/o error")
CODES = ("53100", "25006")  # disk_full, read_only_sql_transaction


def takes_nothing_more(error: BaseException) -> bool:
    """Whether this failure, or what led to it, is a full or read-only disk.

    Django's sessions raise an error of their own while they handle the database's, without naming it.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in NUMBERS:
            return True
        if getattr(cause, "sqlstate", None) in CODES:
            return True
        if isinstance(cause, Error) and any(words in str(cause).lower() for words in SENTENCES):
            return True
        cause = cause.__cause__ or cause.__context__
    return False

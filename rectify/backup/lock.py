"""One at a time: whoever replaces or removes files of an installation holds its lock meanwhile."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

NAME = ".exclusive"


@contextlib.contextmanager
def exclusive() -> Iterator[None]:
    """The lock of this data folder; the operating system lets go of it however the process ends.

    Raises CommandError when another process holds it.
    """
    with (Path(settings.DATA_DIR) / NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                "另一个恢复、清理或装入演示的命令正在运行，请等它结束后再试。没有任何改动。"
            ) from error
        yield

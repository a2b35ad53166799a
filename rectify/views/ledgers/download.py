"""A file made for one download: written whole, then handed to the response, which closes it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast


@contextlib.contextmanager
def made_for_download() -> Iterator[BinaryIO]:
    """The file stays open for the response; it is closed at once when it cannot be written."""
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
    try:
        yield file
    except BaseException:
        file.close()
        raise
    file.seek(0)

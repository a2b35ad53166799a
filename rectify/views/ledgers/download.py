"""A file or a folder made for one download: written whole, gone when the response has been sent."""

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


def and_clean_up(pieces: Iterator[bytes], folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    """The pieces of an answer made from files of a folder, which goes when they have left."""
    try:
        yield from pieces
    finally:
        folder.cleanup()

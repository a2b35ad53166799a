"""A file or a folder made for one download, gone when the response has been sent; the page is told of it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase

# Tells the page that the file has left: a download leaves the page where it is.
LEFT = "file-left"
LEFT_SECONDS = 60


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


def told(request: HttpRequest, response: HttpResponseBase, name: str) -> HttpResponseBase:
    """The page knows of it: at once where scripts look for the mark, otherwise when it is next opened."""
    messages.success(request, f"已导出“{name}”，这次导出已记入导出记录（见“台账”页）。")
    response.set_cookie(LEFT, "1", max_age=LEFT_SECONDS, samesite="Lax")
    return response


def and_clean_up(pieces: Iterator[bytes], folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    """The pieces of an answer made from files of a folder, which goes when they have left."""
    try:
        yield from pieces
    finally:
        folder.cleanup()

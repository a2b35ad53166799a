"""Sending a form of a page in the browser, and waiting for what the server answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def sending(page: Any) -> Iterator[None]:
    """What is pressed inside sends a form; afterwards the server has stored it and the next page stands.

    The address may be the same before and after, and a chosen file is named before it is sent.
    """
    with page.expect_navigation():
        yield

"""Two streams in the order of their ids, read side by side: neither needs to be in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def paired(left: Iterator[Any], right: Iterator[Any]) -> Iterator[tuple[int, Any, Any]]:
    """(id, item of the left, item of the right), None where a side has none. An item begins with its id."""
    one: Any = next(left, None)
    two: Any = next(right, None)
    while one is not None or two is not None:
        if two is None or (one is not None and one[0] < two[0]):
            yield one[0], one, None
            one = next(left, None)
        elif one is None or two[0] < one[0]:
            yield two[0], None, two
            two = next(right, None)
        else:
            yield one[0], one, two
            one, two = next(left, None), next(right, None)

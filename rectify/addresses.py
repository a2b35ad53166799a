"""The addresses of pages by the name of their route: each route is looked up once, not for each row."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse

FIRST_MARK = 10**15  # larger than any id; stands for it where the route is looked up


def address(name: str, *ids: int) -> str:
    """What `reverse` says, of a route that takes only ids."""
    first, *rest = _parts(get_script_prefix(), name, len(ids))
    return first + "".join(f"{pk}{part}" for pk, part in zip(ids, rest, strict=True))


@lru_cache(maxsize=1024)
def _parts(prefix: str, name: str, count: int) -> list[str]:
    """What stands between the ids."""
    parts, rest = [], reverse(name, args=range(FIRST_MARK, FIRST_MARK + count))
    for mark in range(FIRST_MARK, FIRST_MARK + count):
        part, _, rest = rest.partition(str(mark))
        parts.append(part)
    return [*parts, rest]

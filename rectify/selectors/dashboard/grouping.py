"""One number of an overview: how many problems share a light and whatever else is counted."""

from __future__ import annotations

from typing import NamedTuple

# What is said of each cell, in the order of the columns.
NAMES = (
    *("what", "key", "place", "label", "path", "light_then", "status_then", "kind_then"),
    *("band", "current", "original", "extended", "is_stale", "n"),
)


class GroupCount(NamedTuple):
    """`what` names the grouping, `key` the row it groups by; `n` is the number of problems."""

    what: str
    key: int
    place: int
    label: str
    path: str
    light: str
    status: str
    kind: str
    band: str
    current: str
    original: str
    extended: int
    stale: int
    n: int

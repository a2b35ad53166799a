"""What became of one attempt, in words without an address or a secret."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """Delivered or not; `again` says whether a later attempt may help."""

    succeeded: bool
    detail: str
    again: bool = True

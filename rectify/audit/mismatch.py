"""One thing that does not hold: where, and what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mismatch:
    """Where the record and the database part, in Chinese words for an inspector."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"

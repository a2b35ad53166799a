"""What can be seen of a stored file without opening it: made in the limited child when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rectify.arrivals import limited_child
from rectify.models import Evidence

CHILD = "rectify.evidence.drawing"
SECONDS = 15.0
PAGES_MAX = 30  # shown of one file
JPEG = b"\xff\xd8"


@dataclass(frozen=True)
class Preview:
    """The pages that can be drawn, or the lines that stand in the file; neither where there is nothing."""

    pages: int = 0
    lines: Sequence[tuple[str, str]] = ()
    cut: bool = False

    @property
    def shown(self) -> list[int]:
        return list(range(1, min(self.pages, PAGES_MAX) + 1))


def preview(file: Evidence) -> Preview:
    """What there is to see; nothing where the child dies at it."""
    try:
        facts = json.loads(_run(file, "facts"))
    except ValueError:
        return Preview()
    lines = [(place, text) for place, text in facts.get("lines", ())]
    return Preview(facts.get("pages", 0), lines, facts.get("cut", False))


def picture(file: Evidence, page: int) -> bytes:
    """One page as a JPEG; empty where it cannot be drawn."""
    drawn = _run(file, str(page)) if 1 <= page <= PAGES_MAX else b""
    return drawn if drawn.startswith(JPEG) else b""


def _run(file: Evidence, what: str) -> bytes:
    arguments = [str(file.path.resolve()), Path(file.name).suffix.lower(), what]
    try:
        return limited_child.run(CHILD, arguments, seconds=SECONDS)
    except limited_child.OutOfTime:
        return b""

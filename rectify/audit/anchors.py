"""Anchors: the heads of every chain once a day, one line a day, in DATA_DIR/anchors/.

An anchor on the disk that also holds the database proves nothing against whoever owns the disk; a copy
that was printed, mailed or kept elsewhere does.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from rectify import clock
from rectify.digests import canonical
from rectify.models import ChainHead


@dataclass(frozen=True)
class Anchor:
    """The heads of one day: for each chain (0 is the system's) its last number and digest."""

    day: dt.date
    heads: dict[int, tuple[int, str]]

    @property
    def line(self) -> str:
        heads = [[chain, number, digest] for chain, (number, digest) in sorted(self.heads.items())]
        return canonical({"day": self.day.isoformat(), "heads": heads})


def write_today() -> bool:
    """Append today's line unless it is there; says whether it was written."""
    today = clock.today()
    if any(anchor.day == today for anchor in read()):
        return False
    heads = ChainHead.objects.filter(number__gt=0).order_by("pk")
    anchor = Anchor(today, {head.report_id or 0: (head.number, head.digest) for head in heads})
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(anchor.line + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def read() -> Iterator[Anchor]:
    """Every anchor in the order of its line. Raises ValueError, naming the line, for one that is none."""
    if not _path().exists():
        return
    with _path().open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield _anchor(json.loads(line))
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"锚点文件第 {number} 行读不出来") from error


def _anchor(data: dict[str, Any]) -> Anchor:
    heads = {int(chain): (int(number), str(digest)) for chain, number, digest in data["heads"]}
    return Anchor(dt.date.fromisoformat(data["day"]), heads)


def _path() -> Path:
    return Path(settings.ANCHOR_DIR) / "heads.jsonl"

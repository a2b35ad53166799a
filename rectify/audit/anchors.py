"""Anchors: the heads of every chain once a day, one line a day, in DATA_DIR/anchors/.

An anchor on the disk that also holds the database proves nothing against whoever owns the disk; a copy
that was printed, mailed or kept elsewhere does.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from rectify import clock
from rectify.choices import Action
from rectify.digests import canonical
from rectify.models import AuditEntry, ChainHead

Point = tuple[int, int, str]  # chain (0 is the system's), number, digest


@dataclass(frozen=True)
class Anchor:
    """The heads of one day, and the entry of each ledger that was filed since the anchor before."""

    day: dt.date
    heads: dict[int, tuple[int, str]]
    filed: tuple[Point, ...] = ()

    @property
    def points(self) -> list[Point]:
        heads = [(chain, *head) for chain, head in sorted(self.heads.items())]
        return list(dict.fromkeys([*heads, *self.filed]))

    @property
    def line(self) -> str:
        heads = [[chain, number, digest] for chain, (number, digest) in sorted(self.heads.items())]
        filed = {"filed": [list(point) for point in self.filed]} if self.filed else {}
        return canonical({"day": self.day.isoformat(), "heads": heads} | filed)

    @property
    def printed(self) -> str:
        """The same for paper and mail: the day, then chain:number:digest of each point."""
        return " ".join(
            [self.day.isoformat(), *(f"{c}:{number}:{digest}" for c, number, digest in self.points)]
        )

    def only(self, chains: set[int]) -> Anchor:
        """What it holds of these chains."""
        heads = {chain: head for chain, head in self.heads.items() if chain in chains}
        return Anchor(self.day, heads, tuple(point for point in self.filed if point[0] in chains))


def write_today() -> bool:
    """Append today's line unless it is there; says whether it was written."""
    today, known = clock.today(), list(read())
    if any(anchor.day == today for anchor in known):
        return False
    with transaction.atomic():
        anchor = Anchor(today, _heads(), tuple(_filed_since(known[-1] if known else None)))
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.write(_end_of_last_line(file) + anchor.line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def _end_of_last_line(file: BinaryIO) -> bytes:
    """What a line cut short still lacks."""
    if not file.seek(0, os.SEEK_END):
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"


def _heads() -> dict[int, tuple[int, str]]:
    heads = ChainHead.objects.filter(number__gt=0).order_by("pk")
    return {head.report_id or 0: (head.number, head.digest) for head in heads}


def _filed_since(last: Anchor | None) -> Iterator[Point]:
    """A filed ledger can be checked without the server once an anchor holds its entry itself."""
    held = {point[:2] for point in last.points} if last else set()
    heads = last.heads if last else {}
    filed = AuditEntry.objects.filter(act=Action.FILE_LEDGER).order_by("report_id", "number")
    for chain, number, digest in filed.values_list("report_id", "number", "digest"):
        if number > heads.get(chain, (0, ""))[0] and (chain, number) not in held:
            yield chain, number, digest


def fixed_points(known: Iterable[Anchor], chain: int) -> dict[int, dict[str, dt.date]]:
    """What anchors say of a chain: by number each digest they hold, with the day of the first such anchor."""
    found: dict[int, dict[str, dt.date]] = {}
    for anchor in known:
        for key, number, digest in anchor.points:
            if key == chain:
                found.setdefault(number, {}).setdefault(digest, anchor.day)
    return found


def read() -> Iterator[Anchor]:
    """Every anchor in the order of its line; one that cannot be read stops nobody, see `unreadable`."""
    return (anchor for anchor in _lines() if anchor is not None)


def unreadable() -> list[int]:
    """The lines that are no anchor: altered, or cut short when the power failed."""
    return [number for number, anchor in enumerate(_lines(), start=1) if anchor is None]


def _lines() -> Iterator[Anchor | None]:
    if not _path().exists():
        return
    with _path().open("rb") as file:
        for line in file:
            try:
                yield _anchor(json.loads(line))
            except (ValueError, TypeError, KeyError):
                yield None


def _anchor(data: dict[str, Any]) -> Anchor:
    heads = {int(chain): (int(number), str(digest)) for chain, number, digest in data["heads"]}
    filed = tuple((int(chain), int(number), str(digest)) for chain, number, digest in data.get("filed", ()))
    return Anchor(dt.date.fromisoformat(data["day"]), heads, filed)


def _path() -> Path:
    return Path(settings.ANCHOR_DIR) / "heads.jsonl"

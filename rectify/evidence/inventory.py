"""Every file that a row names, and the files on the disk that no row names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings

from rectify import clock
from rectify.digests import PURGED_PAYLOAD
from rectify.models import Evidence, IntakeDraft, IssuedLedger, SourceText
from rectify.models.progress import PURGED

# A file is written before the row that names it; a day is longer than any act.
SETTLED = dt.timedelta(days=1)


def named_files() -> dict[str, tuple[Path, str]]:
    """By its name on the disk: where it lies and its SHA-256. Evidence, filed ledgers, sources, and
    reports still being looked over."""
    rows: list[Iterable[Any]] = [
        Evidence.objects.exclude(name=PURGED).only("stored", "sha256").iterator(chunk_size=2000),
        SourceText.objects.only("stored", "sha256"),
        IntakeDraft.objects.open().only("stored", "sha256"),
    ]
    # Several reports may share a file; a purge of one of them takes it away.
    gone = set(SourceText.objects.filter(name=PURGED).values_list("stored", flat=True))
    named = {row.stored: (row.path, row.sha256) for row in chain(*rows) if row.stored not in gone}
    filed = IssuedLedger.objects.exclude(rows=PURGED_PAYLOAD).lean()
    return named | {row.stored: (row.path, row.export.sha256) for row in filed.iterator(chunk_size=2000)}


def unnamed_files() -> Iterator[Path]:
    """Files that lay there for more than a day before the rows were asked, and that none of them names."""
    before = (clock.now() - SETTLED).timestamp()
    old = [path for path in _files() if path.stat().st_mtime < before]
    named = named_files()
    return (path for path in old if path.name not in named)


def _files() -> Iterator[Path]:
    folder = Path(settings.EVIDENCE_DIR)
    return (path for path in folder.glob("??/*") if path.is_file()) if folder.is_dir() else iter(())

"""In the limited child: each file opened by the reader of its kind, and its texts looked through."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rectify.arrivals import sensitive
from rectify.arrivals.limited_child import limit
from rectify.evidence.kinds import MEMBERS, Refused, require_kind

MEMORY = 640 * 1024 * 1024
SECONDS = 8
TEXT_MAX, TEXT_SECONDS = 3_000_000, 2.0  # characters and time for looking through one file


READERS = {".pdf": "pdf", ".png": "image", ".jpg": "image", ".jpeg": "image"} | dict.fromkeys(
    MEMBERS, "package"
)


def examine(path: Path, suffix: str) -> Iterator[dict[str, Any]]:
    """First why the file cannot be taken; then what stands in it that a person must decide about."""
    try:
        with path.open("rb") as file:
            require_kind(file, suffix)
        reader = reader_of(suffix)
        opened = reader.opened(path, suffix)
    except Refused as refusal:
        yield {"refusal": refusal.words}
        return
    yield {"refusal": ""}
    yield {"findings": list(_findings(reader.texts(opened, suffix)))}


def reader_of(suffix: str) -> Any:
    """Loaded only for its own kind: loading costs more than reading."""
    return importlib.import_module(f"rectify.evidence.readers.{READERS[suffix]}")


def _findings(texts: Iterator[tuple[str, str]]) -> Iterator[list[str]]:
    """Sort, place and what may be shown; as far as the time allows, for no file is refused by its text."""
    until, left, found = time.monotonic() + TEXT_SECONDS, TEXT_MAX, 0
    for place, text in texts:
        for finding in sensitive.findings(text):
            found += 1
            yield [finding.sort, place, finding.shown]
        left -= len(text)
        if left < 0 or found >= sensitive.MOST or time.monotonic() > until:
            return


def main() -> None:
    """`-c "...main()" FILE SUFFIX ...`: for each file a line of JSON, and if it is taken a second one."""
    limit(memory=MEMORY, seconds=SECONDS)
    given = sys.argv[1:]
    for path, suffix in zip(given[::2], given[1::2], strict=True):
        for outcome in examine(Path(path), suffix):
            print(json.dumps(outcome), flush=True)

"""A ledger's rows as canonical text and back: what is kept of an issued ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rectify.ledger.row_types import MeasureRow, ProblemRow

_ROW, _STEP = set(ProblemRow._fields), set(MeasureRow._fields)


class Keeper:
    """Rows go through on their way to the writer, and stay as canonical JSON, one text a row."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def watch(self, rows: Iterable[ProblemRow]) -> Iterator[ProblemRow]:
        for row in rows:
            values = row._asdict() | {"measures": [step._asdict() for step in row.measures]}
            self._texts.append(json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
            yield row

    @property
    def text(self) -> str:
        """What `audit.canonical` would make of the list."""
        return f"[{','.join(self._texts)}]"


def row_of(values: dict[str, Any]) -> ProblemRow:
    """The row from its kept form; fields that came later are empty, fields that went are left out."""
    known = {name: value for name, value in values.items() if name in _ROW}
    steps = tuple(
        MeasureRow(**{name: value for name, value in step.items() if name in _STEP})
        for step in known.pop("measures", ())
    )
    return ProblemRow(**known, measures=steps)

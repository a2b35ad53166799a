"""Rows read once for all sheets of a workbook: which columns hold anything, how long each aspect is."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from tempfile import SpooledTemporaryFile

from rectify.ledger.columns import ALWAYS, Column
from rectify.ledger.row_types import NO_MEASURE, ProblemRow

_IN_MEMORY = 2 * 1024 * 1024
_CHUNK = 200


class RowSpool:
    """Holds the rows, on the disk once they are many; one sheet reads them after another."""

    def __init__(self, rows: Iterable[ProblemRow], columns: Iterable[Column]) -> None:
        self.sections: list[tuple[str, int]] = []  # each run of one aspect, and how many problems it has
        self._blank = {(column.key, column.get): column for column in columns}
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # until `close`
        chunk: list[ProblemRow] = []
        for row in rows:
            self._look(row)
            chunk.append(row)
            if len(chunk) == _CHUNK:
                pickle.dump(chunk, self._file)
                chunk = []
        pickle.dump(chunk, self._file)

    def __iter__(self) -> Iterator[ProblemRow]:
        end = self._file.seek(0, 2)
        self._file.seek(0)
        while self._file.tell() < end:
            yield from pickle.load(self._file)  # our own rows, from a file without a name

    def close(self) -> None:
        self._file.close()

    def filled(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """Without those in which nothing stands in the whole ledger; an empty ledger keeps them all."""
        if not self.sections:
            return tuple(columns)
        blank = self._blank
        return tuple(
            column
            for column in columns
            if column.by_hand or column.key in ALWAYS or (column.key, column.get) not in blank
        )

    def _look(self, row: ProblemRow) -> None:
        if self.sections and self.sections[-1][0] == row.aspect:
            self.sections[-1] = row.aspect, self.sections[-1][1] + 1
        else:
            self.sections.append((row.aspect, 1))
        for key, column in list(self._blank.items()):
            if any(column.get(row, measure) for measure in row.measures or (NO_MEASURE,)):
                del self._blank[key]

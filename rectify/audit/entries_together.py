"""The entries of an act on many items, stored many at a time, and who follows the rows that entries name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from rectify import clock
from rectify.audit.written import Written
from rectify.models import AuditEntry, ChainHead
from rectify.models.audit import EntryColumns
from rectify.models.each import insert_each, insert_values, update_each

PLACED = EntryColumns._fields[1:]
TOGETHER = 1000  # entries that wait to be stored
# What else follows the rows that an entry names, in its transaction: set by the rooms above.
_listeners: list[Callable[[Sequence[Written]], None]] = []


def listen(listener: Callable[[Sequence[Written]], None]) -> None:
    _listeners.append(listener)


def tell(rows: Sequence[Written]) -> None:
    for listener in _listeners:
        listener(rows)


@dataclass
class Batch:
    """One act on many items at work: the heads it holds locked until the end of its transaction, its entries
    with the rows they name, and its number where it is an import; the heads are moved on when it ends."""

    heads: dict[int | None, ChainHead]
    number: int | None = None
    entries: list[AuditEntry] = field(default_factory=list)
    rows: list[Written] = field(default_factory=list)
    moved: set[int | None] = field(default_factory=set)

    def add(self, entry: AuditEntry, rows: Sequence[Written]) -> None:
        self.entries.append(entry)
        self.rows += rows
        self.moved.add(entry.report_id)
        if len(self.entries) == TOGETHER:
            self._store()

    def place(self, entries: Iterable[EntryColumns]) -> None:
        """Store entries that were filled ahead, each behind the one before it in its chain."""
        self._store()
        ends = {report: (head.number, head.digest) for report, head in self.heads.items()}
        placed = []
        for entry in entries:
            number, previous = ends[entry.report_id]
            entry = entry._replace(number=number + 1, at=clock.now(), previous=previous)
            entry = entry._replace(digest=entry.compute_digest())
            ends[entry.report_id] = entry.number, entry.digest
            placed.append(entry[1:])
        insert_values(AuditEntry, [AuditEntry._meta.get_field(name) for name in PLACED], placed)
        for report, (number, digest) in ends.items():
            if number != (head := self.heads[report]).number:
                self.heads[report] = ChainHead(pk=head.pk, report_id=report, number=number, digest=digest)
                self.moved.add(report)

    def end(self) -> None:
        self._store()
        update_each([self.heads[report] for report in self.moved], ("number", "digest"))

    def _store(self) -> None:
        insert_each(self.entries)
        tell(self.rows)
        self.entries, self.rows = [], []

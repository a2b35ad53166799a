"""Rows against the record: what each chain last said of a row, and what stands in the database."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from rectify import wording
from rectify.audit.checks.paired import paired
from rectify.audit.mismatch import Mismatch
from rectify.audit.rows import Shape, kind_name, readable_texts, row_digest, shapes
from rectify.models import AuditEntry, ChainHead, Report
from rectify.models.audit import EntryColumns

CHUNK = 5000
CACHE_KIB = 16 * 1024
TABLE = f"""
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{CACHE_KIB};
CREATE TABLE named (
    kind TEXT, pk INTEGER, number INTEGER, salt TEXT, digest TEXT, PRIMARY KEY (kind, pk)
) WITHOUT ROWID
"""
Name = tuple[int, int, str, str | None]  # id of the row; number and salt of the entry; digest, None: gone


class NamedRows:
    """The last digest that the entries of one chain give each row, under the salt of that entry.

    They lie in a nameless temporary database that goes with its connection: however long the chain, the
    memory is that of a cache. `counts` says how many rows of each model were compared.
    """

    def __init__(self, report: Report | None, using: str) -> None:
        self.counts: Counter[str] = Counter()
        self._report, self._using = report, using
        self._names = sqlite3.connect("")
        self._names.executescript(TABLE)
        self._waiting: list[tuple[str, int, int, str, str | None]] = []

    def read(self, entry: EntryColumns) -> bool:
        """Take over what one entry says, in their order; False where that cannot be read."""
        if entry.rows == "[]":
            return True
        try:
            self._waiting += [
                (str(kind), int(pk), entry.number, entry.salt, digest)
                for kind, pk, digest in json.loads(entry.rows)
            ]
        except (ValueError, TypeError):
            return False
        if len(self._waiting) >= CHUNK:
            self._store()
        return True

    def mismatches(self, *, only_named: bool = False) -> Iterator[Mismatch]:
        """Every row of the chain that is not as last named, that no entry names, or that is gone.

        `only_named` leaves out what older entries, not read this time, may have named.
        """
        self._store()
        looked_at = []
        for shape in shapes():
            rows = self._rows_of(shape)
            if rows is not None:
                looked_at.append(shape.kind)
                yield from self._of_model(shape, rows, only_named)
        marks = ", ".join("?" * len(looked_at))
        others = f"SELECT kind, pk, number FROM named WHERE digest IS NOT NULL AND kind NOT IN ({marks})"
        for kind, pk, number in self._names.execute(f"{others} ORDER BY kind, pk", looked_at):
            yield self._gone(kind, pk, number)

    def close(self) -> None:
        self._names.close()

    def _store(self) -> None:
        self._names.executemany("INSERT OR REPLACE INTO named VALUES (?, ?, ?, ?, ?)", self._waiting)
        self._waiting.clear()

    def _of_model(self, shape: Shape, rows: QuerySet, only_named: bool) -> Iterator[Mismatch]:
        names: Iterator[Name] = self._names.execute(
            "SELECT pk, number, salt, digest FROM named WHERE kind = ? ORDER BY pk", [shape.kind]
        )
        for pk, row, name in paired(readable_texts(shape, rows), names):
            if name is None:
                if not only_named:
                    yield _of(shape.kind, pk, "没有任何记录提到这一行，可能是绕过系统添加的")
            elif row is None:
                if name[3] is not None:
                    yield self._gone(shape.kind, pk, name[1])
            else:
                self.counts[shape.kind] += 1
                if name[3] != row_digest(name[2], shape.kind, pk, row[1]):
                    yield self._differing(shape.kind, pk, name)

    def _differing(self, kind: str, pk: int, name: Name) -> Mismatch:
        _, number, _, digest = name
        if digest is None:
            return _of(kind, pk, f"第 {number} 条说这一行已删除，现在却还在（{self._told(number)}）")
        what = f"与第 {number} 条的记录不符，可能被绕过系统改动（{self._told(number)}）"
        return _of(kind, pk, what)

    def _gone(self, kind: str, pk: int, number: int) -> Mismatch:
        return _of(kind, pk, f"第 {number} 条记录了这一行，现在不见了（{self._told(number)}）")

    def _told(self, number: int) -> str:
        """Who last wrote the row, when and by which act."""
        entry = AuditEntry.objects.using(self._using).get(report=self._report, number=number)
        when = wording.full_moment(entry.at)
        act = "，".join(words for words in (entry.get_act_display(), entry.target_label) if words)
        return f"这一行最后由{entry.actor_label}于{when}写入：{act}"

    def _rows_of(self, shape: Shape) -> QuerySet | None:
        """The rows that this chain must name; None where another kind of chain does."""
        if (shape.path is None) != (self._report is None):
            return None
        rows: Any = shape.model._base_manager.using(self._using)
        if shape.path is None or self._report is None:
            return rows.all()
        return rows.filter(**{shape.path.replace(".", "__") or "pk": self._report.pk})


def orphans(using: str) -> Iterator[Mismatch]:
    """What belongs to a ledger that is not there: no chain would look at it."""
    reports = Report.objects.using(using).values("pk")
    heads = ChainHead.objects.using(using).filter(report__isnull=False).exclude(report__in=reports)
    for pk in heads.order_by("pk").values_list("report_id", flat=True):
        yield _of("report", pk, "审计链还在，台账本身已不见")
    for shape in shapes():
        if not shape.path:
            continue
        rows = shape.model._base_manager.using(using)
        # Not by pk__in: of 264,000 rows PostgreSQL looked through the owned ones again for each.
        owned = rows.filter(**{f"{shape.path.replace('.', '__')}__in": reports}, pk=OuterRef("pk"))
        for pk in rows.filter(~Exists(owned)).order_by("pk").values_list("pk", flat=True):
            yield _of(shape.kind, pk, "不属于任何一本台账，可能是绕过系统添加或改动的")


def _of(kind: str, pk: int, what: str) -> Mismatch:
    return Mismatch(f"{kind_name(kind)}（编号 {pk}）", what)

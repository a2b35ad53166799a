"""Rows against the record: what each chain last said of a row, and what stands in the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from rectify.audit.mismatch import Mismatch
from rectify.audit.rows import Shape, row_digest, shapes, stored_texts
from rectify.models import AuditEntry, ChainHead, Report


class NamedRows:
    """The last digest that the entries of one chain give each row; the salt is that of the entry."""

    def __init__(self) -> None:
        self._digests: dict[str, dict[int, tuple[int, str, str | None]]] = {}
        self.count = 0

    def read(self, entry: AuditEntry) -> None:
        """Take over what one entry says; entries come in their order."""
        if entry.rows == "[]":
            return
        for kind, pk, digest in json.loads(entry.rows):
            self._digests.setdefault(kind, {})[pk] = (entry.number, entry.salt, digest)

    def mismatches(
        self, report: Report | None, using: str, *, only_named: bool = False
    ) -> Iterator[Mismatch]:
        """Every row of the chain that is not as last named, that no entry names, or that is gone.

        `only_named` leaves out what older entries, not read this time, may have named.
        """
        for shape in shapes():
            rows = _rows_of(shape, report, using)
            if rows is not None:
                yield from self._of_model(shape, rows, only_named)
        for kind, left in self._digests.items():
            for pk, (number, _, digest) in sorted(left.items()):
                if digest is not None:
                    yield Mismatch(_name(kind, pk), f"第 {number} 条记录了这一行，现在不见了")

    def _of_model(self, shape: Shape, rows: QuerySet, only_named: bool) -> Iterator[Mismatch]:
        named = self._digests.get(shape.kind, {})
        for pk, text in stored_texts(shape, rows):
            said = named.pop(pk, None)
            if said is None:
                if not only_named:
                    yield Mismatch(_name(shape.kind, pk), "没有任何记录提到这一行，可能是绕过系统添加的")
                continue
            self.count += 1
            number, salt, digest = said
            if digest is None:
                yield Mismatch(_name(shape.kind, pk), f"第 {number} 条说这一行已删除，现在却还在")
            elif digest != row_digest(salt, shape.kind, pk, text):
                yield Mismatch(_name(shape.kind, pk), f"与第 {number} 条的记录不符，可能被绕过系统改动")


def orphans(using: str) -> Iterator[Mismatch]:
    """What belongs to a ledger that is not there: no chain would look at it."""
    reports = Report.objects.using(using).values("pk")
    heads = ChainHead.objects.using(using).filter(report__isnull=False).exclude(report__in=reports)
    for pk in heads.order_by("pk").values_list("report_id", flat=True):
        yield Mismatch(_name("report", pk), "审计链还在，台账本身已不见")
    for shape in shapes():
        if not shape.path:
            continue
        rows = shape.model._base_manager.using(using)
        owned = rows.filter(**{f"{shape.path.replace('.', '__')}__in": reports})
        for pk in rows.exclude(pk__in=owned.values("pk")).order_by("pk").values_list("pk", flat=True):
            yield Mismatch(_name(shape.kind, pk), "不属于任何一本台账，可能是绕过系统添加或改动的")


def _rows_of(shape: Shape, report: Report | None, using: str) -> QuerySet | None:
    """The rows that this chain must name; None where another kind of chain does."""
    if (shape.path is None) != (report is None):
        return None
    rows: Any = shape.model._base_manager.using(using)
    if shape.path is None or report is None:
        return rows.all()
    return rows.filter(**{shape.path.replace(".", "__") or "pk": report.pk})


def _name(kind: str, pk: int) -> str:
    names = {shape.kind: str(shape.model._meta.verbose_name) for shape in shapes()}
    return f"{names.get(kind, kind)}（编号 {pk}）"

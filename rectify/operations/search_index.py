"""The searched texts follow the rows: kept in the transaction of the act that wrote them, or made anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import transaction

from rectify.audit.written import Written
from rectify.models import Problem, SearchText
from rectify.models.progress import PURGED
from rectify.models.search.tables import empty, forget_deleted
from rectify.models.search.texts import FIELDS, PEOPLE, Searched, folded, id_of

CHUNK = 500


def keep(rows: Sequence[Written]) -> None:
    """What these rows say now is what is found from now on. Inside the act."""
    kept, gone, purged = [], [], False
    for row in rows:
        if row.shape.kind not in FIELDS:
            continue
        if (text := row.final_text()) is None:
            gone.append(id_of(row.shape.kind, row.pk))
            continue
        values = json.loads(text)
        purged |= PURGED in values.values()
        kept.append(_searched(row.shape.kind, row.pk, row.ledger, values))
    keep_ahead(kept)
    if gone:
        SearchText.objects.filter(pk__in=gone).delete()
    if purged:
        forget_deleted()


def ahead(rows: Iterable[Written]) -> list[Searched]:
    """What will be found of rows that are not stored yet: made before the lock, kept under it."""
    texts = ((row, json.loads(row.text or "{}")) for row in rows if row.shape.kind in FIELDS)
    return [_searched(row.shape.kind, row.pk, row.ledger, values) for row, values in texts]


def keep_ahead(texts: Sequence[Searched]) -> None:
    """Inside the act that stores their rows."""
    newest = list({row.id: row for row in texts}.values())
    for start in range(0, len(newest), CHUNK):
        SearchText.objects.keep(newest[start : start + CHUNK])


def _searched(kind: str, pk: int, report: int | None, values: dict[str, Any]) -> Searched:
    problem = None if kind in PEOPLE else pk if kind == "problem" else values["problem"]
    return Searched(id_of(kind, pk), problem, None if kind in PEOPLE else report, folded(kind, values))


def rebuild() -> int:
    """Make all searched texts anew from the rows; returns how many there are."""
    with transaction.atomic():
        empty()
        return sum(_store(_texts_of(kind)) for kind in FIELDS)


def mismatches(using: str = "default") -> Iterator[int]:
    """The ids of texts that are not what their rows say."""
    kept = {row.id: row for row in _kept(using)}
    for kind in FIELDS:
        for row in _texts_of(kind, using):
            if kept.pop(row.id, None) != row:
                yield row.id
    yield from kept


def _kept(using: str) -> Iterator[Searched]:
    rows = SearchText.objects.using(using).values_list(*Searched._fields)
    yield from map(Searched._make, rows.iterator(chunk_size=CHUNK))


def _texts_of(kind: str, using: str = "default") -> Iterator[Searched]:
    model = apps.get_model("rectify", kind)
    ways = ["pk", "report_id"] if model is Problem else ["problem_id", "problem__report_id"]
    names = ["pk", *([] if kind in PEOPLE else ways), *FIELDS[kind]]
    for row in model._base_manager.using(using).order_by("pk").values_list(*names).iterator(chunk_size=CHUNK):
        pk, *rest = row
        problem, report = (None, None) if kind in PEOPLE else (rest.pop(0), rest.pop(0))
        values = dict(zip(FIELDS[kind], rest, strict=True))
        yield Searched(id_of(kind, pk), problem, report, folded(kind, values))


def _store(rows: Iterator[Searched]) -> int:
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        SearchText.objects.keep(chunk)
        count += len(chunk)
    return count

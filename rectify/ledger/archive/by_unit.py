"""A ledger split by responsible unit: one workbook each, numbered from 1 again, in one streamed zip."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rectify import clock
from rectify.ledger.archive.issue import plain_name, write_forms
from rectify.ledger.columns import ColumnSet
from rectify.ledger.row_types import Stamp, Written
from rectify.ledger.rows import units_of_problems
from rectify.ledger.scope import scope_of
from rectify.ledger.zips import CHUNK, PRIVATE, zipped

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from rectify.models import Problem, Report

ZIP = "application/zip"
NOBODY = "未明确责任单位"


@dataclass(frozen=True)
class UnitBook:
    """The workbook of one unit: where it lies, what it is called in the zip, what was written."""

    name: str
    path: Path
    selection: str
    written: Written


def write_unit_books(
    report: Report, problems: QuerySet[Problem], sets: Sequence[ColumnSet], stamp: Stamp, folder: Path
) -> list[UnitBook]:
    """A workbook for each responsible unit, in `folder`; those without a unit come last."""
    on = stamp.as_of if stamp.as_of < clock.today() else None
    books = []
    for number, (unit, ids) in enumerate(units_of_problems(problems, on=on), 1):
        words = f"责任单位：{unit or NOBODY}"
        selection = f"{stamp.selection}；{words}" if stamp.selection else words
        path = folder / f"{number}.xlsx"
        with path.open("xb") as out:
            whose = f"{unit}负责" if unit else NOBODY
            scope = scope_of(report, problems.filter(pk__in=ids), stamp.as_of, whose)
            own = replace(stamp, unit=unit or stamp.unit, selection=selection, scope=scope)
            written = write_forms(report, problems.filter(pk__in=ids), sets, own, out)
        books.append(UnitBook(f"{number:02d} {plain_name(unit or NOBODY)}.xlsx", path, selection, written))
    return books


def zip_of(books: Iterable[UnitBook], at: dt.datetime) -> Iterator[bytes]:
    """The workbooks as one zip, a piece at a time."""
    local = at.astimezone(clock.SHANGHAI).replace(tzinfo=None)

    members = ((book.name, local, PRIVATE, _pieces(book.path)) for book in books)
    yield from zipped(members, is_packed=True)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece

"""The forms that an office has made for itself, as column sets beside the official ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from rectify.ledger.columns import A3_FROM_COLUMNS, APART, COLUMN_SETS, Column, ColumnSet, Paper

if TYPE_CHECKING:
    from rectify.models import LedgerForm

PREFIX = "own-"


def own_sets(forms: Iterable[LedgerForm]) -> dict[str, ColumnSet]:
    """By the key under which each is chosen."""
    return {f"{PREFIX}{form.pk}": _own(form) for form in forms}


def offered_columns(base: str) -> tuple[Column, ...]:
    """What may stand in a form made from this one: its columns, and single ones it puts together."""
    own = COLUMN_SETS[base].columns
    taken = {column.key for column in own}
    more = APART.columns if base == "A" else ()
    return (*own, *(column for column in more if column.key not in taken))


def _own(form: LedgerForm) -> ColumnSet:
    """What was chosen stays, also where nothing stands in it yet; what the program no longer has goes."""
    known = {column.key: column for column in offered_columns(form.base)}
    columns = tuple(
        replace(known[key], width=width, by_hand=True) for key, width in form.columns if key in known
    )
    base = COLUMN_SETS[form.base]
    paper = base.paper if len(columns) >= A3_FROM_COLUMNS else Paper.A4
    return replace(
        base, key=f"{PREFIX}{form.pk}", name=form.name, columns=columns, paper=paper, title=form.title
    )

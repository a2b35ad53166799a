"""The rows written since the last entry: `append_entry` names them, and a rollback forgets them.

A saving, a deletion and a change of a set report themselves. `QuerySet.update` and `bulk_create` cannot:
who uses them on a business row says so by `wrote`. What nobody has named when its transaction commits
gets an entry then, on the chain it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, models
from django.db.models.signals import m2m_changed, post_delete, post_save

from rectify.audit.rows import Shape, ledger_of, shape_of, stored_texts, text_in_hand
from rectify.audit.until_commit import InHand

Key = tuple[str, int]
# What happens to rows that no act has named: set by `chain`, which stands above this module.
_without_act: list[Callable[[list[Written]], None]] = []


class Written:
    """One row as last written: its text, or None where it must be read again, or that it is gone."""

    def __init__(self, shape: Shape, row: models.Model, text: str | None, *, gone: bool = False) -> None:
        self.shape, self.row, self.text, self.gone = shape, row, text, gone
        self._pk = row.pk  # a deletion takes it from the row
        self.sets: dict[str, set[int]] | None = None

    @property
    def pk(self) -> int:
        return int(self._pk or self.row.pk)

    @property
    def ledger(self) -> int | None:
        return ledger_of(self.shape, self.row)

    def final_text(self) -> str | None:
        """What stands in the database now; None where nothing does."""
        if self.gone:
            return None
        if self.text is None:
            rows = self.shape.model._base_manager.filter(pk=self.pk)
            self.text = dict(stored_texts(self.shape, rows)).get(self.pk)
            self.gone = self.text is None
        return self.text


class Waiting(InHand):
    """Rows that wait for their entry; those that get none until the commit get one then."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[Key, Written] = {}

    def __call__(self) -> None:
        if self.rows and _without_act:
            _without_act[0](self.take())

    def take(self) -> list[Written]:
        rows, self.rows = self.rows, {}  # it stays until the commit
        return list(rows.values())

    def take_over(self, later: Waiting) -> None:
        self.rows |= later.rows
        later.rows = {}


def wrote(*rows: models.Model | Written) -> None:
    """Rows that the caller has just written without `save()`; they hold the values now stored.

    A row with sets should come with them prefetched; otherwise it is read again.
    """
    for row in rows:
        if isinstance(row, Written):
            _note(row)
        elif shape := shape_of(type(row)):
            _note(_as_it_is(shape, row))


def as_it_is(row: models.Model) -> Written:
    """A business row with its values of now, which the caller writes later and then reports by `wrote`."""
    shape = shape_of(type(row))
    if shape is None:
        raise TypeError(f"{type(row).__name__} is no business row")
    return _as_it_is(shape, row)


def _as_it_is(shape: Shape, row: models.Model) -> Written:
    sets = _prefetched(shape, row)
    return Written(shape, row, None if sets is None else text_in_hand(shape, row, sets))


def wrote_all(rows: models.QuerySet) -> None:
    """The same for what an `update` of the database itself has changed: the rows are read again."""
    if shape := shape_of(rows.model):
        wrote(*rows.prefetch_related(*(field.name for field in shape.sets)))


def take_waiting() -> list[Written]:
    """Every row that waits, each once as last written; they count as named from now on."""
    rows: dict[Key, Written] = {}
    for waiting in Waiting.all():
        for row in waiting.take():
            rows[(row.shape.kind, row.pk)] = row
    return list(rows.values())


def connect(without_act: Callable[[list[Written]], None]) -> None:
    """Listen to what is written; `without_act` appends an entry for rows that no act has named."""
    _without_act[:] = [without_act]
    post_save.connect(_saved, dispatch_uid="written")
    post_delete.connect(_deleted, dispatch_uid="written")
    m2m_changed.connect(_set_changed, dispatch_uid="written")


def _saved(
    sender: Any, instance: Any, created: bool, raw: bool, update_fields: Any, using: str, **_: Any
) -> None:
    shape = shape_of(sender)
    if shape is None or raw:
        return
    if update_fields is not None:
        if any({column.name, column.attname} & set(update_fields) for column in shape.columns):
            _note(Written(shape, instance, None))
        return
    in_hand = created or not shape.sets
    written = Written(shape, instance, text_in_hand(shape, instance, {}) if in_hand else None)
    if created and shape.sets:
        written.sets = {}
    _note(written)


def _deleted(sender: Any, instance: Any, **_: Any) -> None:
    if shape := shape_of(sender):
        _note(Written(shape, instance, None, gone=True))


def _set_changed(
    sender: Any, instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **_: Any
) -> None:
    if action not in ("post_add", "post_remove", "post_clear"):
        return
    owners = model._base_manager.filter(pk__in=pk_set or ()) if reverse else [instance]
    for owner in owners:
        if (shape := shape_of(type(owner))) is None:
            continue
        field = next(field for field in shape.sets if field.remote_field.through is sender)
        waiting = _find((shape.kind, owner.pk))
        if waiting is None or waiting.sets is None or action != "post_add":
            _note(Written(shape, owner, None))
            continue
        # A row created in this act: its sets are what was added since.
        sets = waiting.sets | {field.name: waiting.sets.get(field.name, set()) | pk_set}
        written = Written(shape, owner, text_in_hand(shape, owner, sets))
        written.sets = sets
        _note(written)


def _note(written: Written) -> None:
    if not connection.in_atomic_block:
        if _without_act:
            _without_act[0]([written])
        return
    Waiting.here().rows[(written.shape.kind, written.pk)] = written


def _find(key: Key) -> Written | None:
    return next((waiting.rows[key] for waiting in reversed(Waiting.all()) if key in waiting.rows), None)


def _prefetched(shape: Shape, row: models.Model) -> dict[str, set[int]] | None:
    """The row's sets where all of them are at hand."""
    known = getattr(row, "_prefetched_objects_cache", {})
    if any(field.name not in known for field in shape.sets):
        return None
    return {field.name: {other.pk for other in known[field.name]} for field in shape.sets}

"""Entries of the record: appended to a chain whose head is locked, tied to one batch, found again."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import models, transaction

from rectify import clock
from rectify.audit.entries_ahead import fill, naming, saying
from rectify.audit.entries_together import Batch, tell
from rectify.audit.field_values import kind_of
from rectify.audit.until_commit import InHand
from rectify.audit.written import Written, take_waiting
from rectify.choices import IN_ARCHIVE, Action
from rectify.digests import canonical
from rectify.errors import ARCHIVED, NotAllowed
from rectify.models import AuditEntry, ChainHead, Problem, Report, User
from rectify.models.audit import EntryColumns
from rectify.models.compiled import compiled
from rectify.models.each import insert, update_each


class _Held(InHand):
    """Chain heads locked or moved within one savepoint."""

    def __init__(self) -> None:
        super().__init__()
        self.heads: dict[int | None, ChainHead] = {}

    def take_over(self, later: _Held) -> None:
        self.heads |= later.heads


_together: ContextVar[Batch | None] = ContextVar("together", default=None)


TICK = dt.timedelta(microseconds=1)


_decisions: ContextVar[list[dict[str, Any]]] = ContextVar("decisions", default=[])  # noqa: B039 (never changed)


def is_import() -> bool:
    """Whether an import is at work."""
    batch = _together.get()
    return batch is not None and batch.number is not None


@contextlib.contextmanager
def together(reports: Iterable[Report], *, batch: int | None = None) -> Iterator[None]:
    """The entries made inside are stored many at a time; those of an import name it by its number.

    The chains are locked once for all of them. An act that fails inside must therefore end the whole
    transaction: the head in hand would be ahead of one that a savepoint took back.
    """
    at_work = Batch(lock(reports), batch)
    token = _together.set(at_work)
    try:
        yield
        at_work.end()
    finally:
        _together.reset(token)
        _hold(at_work.heads)


def lock(reports: Iterable[Report | None]) -> dict[int | None, ChainHead]:
    """The chain heads, locked in id order so that two acts never wait for each other."""
    return _lock_ids({report.pk if report else None for report in reports})


def _lock_ids(keys: set[int | None]) -> dict[int | None, ChainHead]:
    batch = _together.get()
    held = batch.heads if batch else _held()
    if missing := keys - held.keys():
        locked = _locked(missing)
        held |= locked
        _hold(locked)
    return held


def _held() -> dict[int | None, ChainHead]:
    """The heads this transaction has in hand, as it has left them."""
    heads: dict[int | None, ChainHead] = {}
    for held in _Held.all():
        heads |= held.heads
    return heads


def _hold(heads: dict[int | None, ChainHead]) -> None:
    if batch := _together.get():
        batch.heads |= heads
        return
    _Held.here().heads |= heads


def _locked(keys: set[int | None]) -> dict[int | None, ChainHead]:
    ids = [key for key in keys if key is not None]
    of_all = models.Q(report__isnull=True) if None in keys else models.Q()

    def rows(*ids: int) -> models.QuerySet[ChainHead]:
        query = models.Q(report_id__in=ids) | of_all
        return ChainHead.objects.select_for_update().filter(query).order_by("id")

    heads = {head.report_id: head for head in compiled(("chain heads", None in keys), rows, *ids)}
    for key in sorted(keys - heads.keys(), key=lambda key: key or 0):  # the first entry of a chain
        heads[key], _ = ChainHead.objects.get_or_create(report=Report(pk=key) if key else None)
    return heads


def head_of(report: Report | None) -> str:
    """The digest at the end of a chain: what an exported ledger prints."""
    head = ChainHead.objects.filter(report=report).values_list("digest", flat=True).first()
    return head or "0" * 64


@contextlib.contextmanager
def decided(decision: dict[str, Any] | None) -> Iterator[None]:
    """What the person was shown and said about it before the act stands in the first entry made inside."""
    token = _decisions.set([decision] if decision else [])
    try:
        yield
    finally:
        _decisions.reset(token)


def find_duplicate(by: User | None, idempotency_key: str | None) -> int | None:
    """The id of what an identical submit has already made."""
    if not idempotency_key or by is None:
        return None
    return next(iter(compiled("duplicate", _made_by, by.pk, idempotency_key)), None)


def _made_by(actor: int, key: str) -> models.QuerySet:
    entries = AuditEntry.objects.filter(actor=actor, idempotency_key=key)
    return entries.order_by("id").values_list("target_id", flat=True)[:1]


def append_entry(
    *,
    by: User | None,
    act: str,
    report: Report | None,
    target: models.Model | None,
    label: str,
    payload: dict[str, Any],
    reason: str = "",
    problem: Problem | None = None,
    idempotency_key: str | None = None,
) -> AuditEntry:
    """Append one entry to the chain of the report (None: the system's). Call inside a transaction.

    It names every row written since the last entry; rows of another chain are named there.
    """
    _require_writable(act)
    report_id = report.pk if report else None
    written = _by_ledger(take_waiting())
    heads = _lock_ids({report_id, *written})
    if decisions := _decisions.get():
        payload = payload | {"decided": decisions.pop()}
    if (batch := _together.get()) and batch.number is not None:
        payload = payload | {"import": batch.number}
    entry = AuditEntry(
        report_id=report_id,
        actor=by,
        act=act,
        target_kind=kind_of(target) if target else "system",
        target_id=target.pk if target else None,
        target_label=label[:120],
        problem=problem,
        reason=reason,
        payload=canonical(payload),
        idempotency_key=idempotency_key or None,
    )
    _append(entry, heads[report_id], written.pop(report_id, []))
    for ledger, rows in written.items():
        _append(_naming(by, ledger, rows, {"entry": entry.digest}), heads[ledger], rows)
    return entry


def _require_writable(act: str) -> None:
    if settings.READ_ONLY and act not in IN_ARCHIVE:
        raise NotAllowed(ARCHIVED)


def append_waiting(by: User | None) -> None:
    """Name the rows that were written after the act's own entry, each on its chain. Inside the act."""
    _append_rows(take_waiting(), by)


def append_without_act(rows: Sequence[Written]) -> None:
    """Rows written outside every act (an account made at the console, say) still get their entry."""
    with transaction.atomic():
        _append_rows(rows, None)


def _append_rows(rows: Sequence[Written], by: User | None) -> None:
    written = _by_ledger(rows)
    if not written:
        return
    heads = _lock_ids(set(written))
    for ledger, found in written.items():
        _append(_naming(by, ledger, found, {}), heads[ledger], found)


def _naming(
    by: User | None, ledger: int | None, rows: Sequence[Written], facts: dict[str, Any]
) -> AuditEntry:
    """An entry that says no more than which rows were written."""
    return AuditEntry(
        report_id=ledger,
        actor=by,
        act=Action.NAME_ROWS,
        target_kind="system",
        target_label=f"{len(rows)} 行",
        payload=canonical({"facts": facts}),
    )


def _append(entry: AuditEntry, head: ChainHead, rows: Sequence[Written]) -> None:
    entry.number, entry.previous, entry.at = head.number + 1, head.digest, clock.now()
    fill(entry, rows)
    entry.digest = entry.compute_digest()
    moved = ChainHead(pk=head.pk, report_id=head.report_id, number=entry.number, digest=entry.digest)
    _hold({head.report_id: moved})
    if batch := _together.get():
        batch.add(entry, rows)
        return
    insert(entry)
    update_each([moved], ("number", "digest"))
    tell(rows)


def append_ahead(entries: Sequence[EntryColumns], by: User | None) -> None:
    """Append entries that were filled ahead: only their places are still open. Inside `together`.

    Who follows the rows that they name has been told by whoever filled them; rows written since the last
    entry are named by the first of them.
    """
    batch = _together.get()
    if batch is None or not entries:
        raise ValueError("entries filled ahead are some, and appended together")
    for act in {entry.act for entry in entries}:
        _require_writable(act)
    first, *others = entries
    waiting = _by_ledger(take_waiting())
    _lock_ids({entry.report_id for entry in entries} | waiting.keys())
    if decisions := _decisions.get():
        first = saying(first, {"decided": decisions.pop()})
    if rows := waiting.pop(first.report_id, []):
        first = naming(first, rows)
        tell(rows)
    batch.place([first, *others])
    for ledger, rows in waiting.items():
        _append(_naming(by, ledger, rows, {}), batch.heads[ledger], rows)


def _by_ledger(rows: Iterable[Written]) -> dict[int | None, list[Written]]:
    found: dict[int | None, list[Written]] = defaultdict(list)
    for row in rows:
        found[row.ledger].append(row)
    return found

"""Entries of the record: appended to a chain whose head is locked, tied to one batch, found again."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import models

from rectify import clock
from rectify.audit.field_values import kind_of
from rectify.digests import canonical, digest_of
from rectify.models import AuditEntry, ChainHead, Problem, Report, User


@dataclass
class _Batch:
    """One import at work: its number, and the heads it holds locked until the end of its transaction."""

    number: int
    heads: dict[int | None, ChainHead]


_import: ContextVar[_Batch | None] = ContextVar("batch", default=None)


TICK = dt.timedelta(microseconds=1)


_bulk_number: ContextVar[str] = ContextVar("bulk", default="")


@contextlib.contextmanager
def import_batch(batch: int, report: Report) -> Iterator[None]:
    """Every entry made inside names the import that it belongs to.

    The chain is locked once for all of them. An act that fails inside must therefore end the whole
    transaction: the head in hand would be ahead of one that a savepoint took back.
    """
    token = _import.set(_Batch(batch, lock([report])))
    try:
        yield
    finally:
        _import.reset(token)


def lock(reports: Iterable[Report | None]) -> dict[int | None, ChainHead]:
    """The chain heads, locked in id order so that two acts never wait for each other."""
    keys = {report.pk if report else None for report in reports}
    batch = _import.get()
    if batch and keys <= batch.heads.keys():
        return batch.heads
    ids = [key for key in keys if key is not None]
    query = models.Q(report_id__in=ids)
    if None in keys:
        ChainHead.objects.get_or_create(report=None)
        query |= models.Q(report__isnull=True)
    heads = ChainHead.objects.select_for_update().filter(query).order_by("id")
    return {head.report_id: head for head in heads}


def head_of(report: Report | None) -> str:
    """The digest at the end of a chain: what an exported ledger prints."""
    head = ChainHead.objects.filter(report=report).values_list("digest", flat=True).first()
    return head or "0" * 64


@contextlib.contextmanager
def bulk_act(number: str) -> Iterator[None]:
    """Every entry made inside carries this number: it ties the acts of one bulk act together."""
    token = _bulk_number.set(number)
    try:
        yield
    finally:
        _bulk_number.reset(token)


def find_duplicate(by: User | None, token: str | None) -> int | None:
    """The id of what an identical submit has already made."""
    if not token or by is None:
        return None
    return AuditEntry.objects.filter(actor=by, token=token).values_list("target_id", flat=True).first()


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
    token: str | None = None,
) -> AuditEntry:
    """Append one entry to the chain of the report (None: the system's). Call inside a transaction."""
    report_id = report.pk if report else None
    head = lock([report])[report_id]
    if number := _bulk_number.get():
        payload = payload | {"batch": number}
    batch = _import.get()
    text = canonical(payload | {"import": batch.number} if batch else payload)
    entry = AuditEntry(
        report_id=report_id,
        number=head.number + 1,
        at=clock.now(),
        actor=by,
        actor_label=(by.label if by else "系统")[:160],
        act=act,
        target_kind=kind_of(target) if target else "system",
        target_id=target.pk if target else None,
        target_label=label[:120],
        problem=problem,
        reason=reason,
        reason_digest=digest_of(reason),
        payload=text,
        payload_digest=digest_of(text),
        previous=head.digest,
        token=token or None,
    )
    entry.digest = entry.compute_digest()
    entry.save(force_insert=True)
    ChainHead.objects.filter(pk=head.pk).update(number=entry.number, digest=entry.digest)
    head.number, head.digest = entry.number, entry.digest
    return entry

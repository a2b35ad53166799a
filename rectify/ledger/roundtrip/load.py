"""A confirmed plan to operations: one transaction, one batch, through the acts everybody else uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from rectify.audit import chain
from rectify.choices import Action, ImportKind
from rectify.errors import Incomplete
from rectify.ledger.roundtrip import merge
from rectify.ledger.roundtrip.plan import MergePlan
from rectify.ledger.roundtrip.prepared import Confirmed, ItemRefused, Prepared
from rectify.ledger.roundtrip.reader import Returned
from rectify.models import Report
from rectify.operations import recording
from rectify.operations.exchange import import_export

__all__ = ["ItemRefused", "Loaded", "apply"]
TRIES = 3  # before the lock; then under it, where nothing moves any more


@dataclass
class Loaded:
    """What became of a confirmation: the batch, or the plan that is no longer the one confirmed."""

    plan: MergePlan
    batch: Any = None
    moved: bool = False
    applied: int = 0


def apply(
    returned: Returned,
    *,
    by: Any,
    may: Any,
    name: str,
    sha256: str,
    digest: str = "",
    choices: Mapping[str, str] | None = None,
    refusals: Mapping[str, str] | None = None,
    upload: Any = None,
) -> Loaded:
    """Carry the plan out if it still is the one of `digest` (empty: any).

    It is planned and decided before the lock, where others wait; under it only what acts have touched since.
    """
    confirmed = Confirmed(returned, by, may, name, choices or {}, refusals or {})
    kept = {"kind": ImportKind.RETURNED, "name": name, "sha256": sha256, "upload": upload}
    report = merge.report_of(returned, by)
    recording.require(by, Action.IMPORT, report)
    for _ in range(TRIES):
        ready = _ready(confirmed, report, digest)
        if isinstance(ready, Loaded):
            return ready
        with transaction.atomic():
            chain.lock([report])
            if ready.holds():
                return _stored(ready, kept)
    with transaction.atomic():
        chain.lock([report])
        ready = _ready(confirmed, report, digest)
        return ready if isinstance(ready, Loaded) else _stored(ready, kept)


def _ready(confirmed: Confirmed, report: Report, digest: str) -> Prepared | Loaded:
    """The acts of the plan, decided; or why nothing is done."""
    ready = Prepared(confirmed, report)
    if digest and ready.plan.digest != digest:
        return Loaded(ready.plan, moved=True)
    if why := ready.plan.too_much:
        raise Incomplete(why, field="file")
    if not ready.items:
        return Loaded(ready.plan)
    ready.build()
    return ready


def _stored(ready: Prepared, kept: dict[str, Any]) -> Loaded:
    """Under the lock: everything is stored as one batch."""
    with import_export.batch(ready.report, by=ready.confirmed.by, **kept) as batch:
        ready.store()
        batch.counts = ready.counts | {"applied": len(ready.items)}
    return Loaded(ready.plan, batch, applied=len(ready.items))

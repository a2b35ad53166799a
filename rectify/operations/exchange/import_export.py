"""What comes in by sheet: one batch for one confirmed import, the base it is compared with, choices kept."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action
from rectify.digests import canonical
from rectify.errors import Incomplete
from rectify.models import (
    ChainHead,
    ExportChoice,
    ImportBatch,
    KeptUpload,
    Leader,
    LedgerExport,
    Report,
    SheetMemory,
    Unit,
    User,
    WorkingCopy,
)
from rectify.operations import recording

HEADINGS_MAX = 500  # of one office; the oldest are forgotten
NAME_MAX = {"unit": 100, "leader": 50}


def free_code() -> int:
    """A number that no fillable copy has yet, and that nobody guesses."""
    while WorkingCopy.objects.filter(code=(code := 100_000_000 + secrets.randbelow(900_000_000))).exists():
        continue
    return code


def keep_base(export: LedgerExport, code: int, rows: dict[str, Any]) -> WorkingCopy:
    """Keep what a fillable copy held when it left, for the comparison when it comes back."""
    return WorkingCopy.objects.create(export=export, code=code, rows=canonical(rows))


def remember(user: User, report: Report, choice: dict[str, Any]) -> None:
    """What the person chose this time is what the page offers the next time."""
    ExportChoice.objects.update_or_create(user=user, report=report, defaults={"choice": choice})


def remember_columns(unit: Unit, columns: dict[str, str]) -> None:
    """What this office says of a heading is what its next sheet is read by."""
    memory, _ = SheetMemory.objects.get_or_create(unit=unit)
    kept = [*memory.columns.items(), *columns.items()][-HEADINGS_MAX:]
    SheetMemory.objects.filter(pk=memory.pk).update(columns=dict(kept))


@contextlib.contextmanager
def batch(
    report: Report,
    *,
    by: User,
    kind: str,
    name: str,
    sha256: str,
    upload: KeptUpload | None = None,
    number: int | None = None,
) -> Iterator[ImportBatch]:
    """One import: every entry made inside names it, and an entry of its own closes it, all or nothing.

    `number` is the one reserved for it, where entries were filled ahead.

    The chain stays locked from before the first entry, so the batch's entries follow one another.
    """
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.IMPORT, report)
        first = ChainHead.objects.get(report=report).number + 1
        made = ImportBatch.objects.create(
            pk=number,
            report=report,
            by=by,
            at=clock.now(),
            kind=kind,
            name=name[:255],
            sha256=sha256,
            first_entry=first,
        )
        with chain.together([report], batch=made.pk):
            yield made
            facts = {"file": made.name, "sha256": sha256, "kind": kind}
            made.last_entry = chain.lock([report])[report.pk].number + 1
            made.save(update_fields=["counts", "last_entry"])
            chain.append_entry(
                by=by,
                act=Action.IMPORT,
                report=report,
                target=made,
                label=f"导入 {made.pk}",
                payload={"facts": facts | {key: str(value) for key, value in made.counts.items()}},
            )
        if upload is not None:
            KeptUpload.objects.filter(pk=upload.pk).update(batch=made)


def add_unit(report: Report, *, by: User, name: str) -> Unit:
    """A unit that an old sheet or a report names and nobody knows yet, below the ledger's own unit."""
    name = _checked(name, "unit", "单位")
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.ADD_FROM_SHEET, report)
        parent = Unit.objects.get(pk=report.unit_id)
        if found := report.unit.subtree().filter(name=name).first():
            return found
        unit = Unit.objects.add_child(parent, {"name": name, "short": ""})
        _enter(report, by, unit, f"新增单位 {name}", {"name": name})
        return Unit.objects.get(pk=unit.pk)


def add_leader(report: Report, *, by: User, post: str) -> Leader:
    """A leader that an old sheet or a report names and nobody knows yet; without an account."""
    post = _checked(post, "leader", "责任领导")
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.ADD_FROM_SHEET, report)
        known = Leader.objects.active().filter(unit__path__startswith=report.unit.path, post=post)
        if found := known.first():
            return found
        leader = Leader.objects.create(post=post, unit=report.unit)
        _enter(report, by, leader, f"责任领导 {post}", {"post": post, "unit": str(report.unit)})
        return leader


def _checked(name: str, what: str, words: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_MAX[what]:
        raise Incomplete(f"{words}“{name[:40]}”的名称应为 1 到 {NAME_MAX[what]} 个字，请核对。")
    return name


def _enter(report: Report, by: User, target: Unit | Leader, label: str, facts: dict[str, str]) -> None:
    chain.append_entry(
        by=by, act=Action.ADD_FROM_SHEET, report=report, target=target, label=label, payload={"facts": facts}
    )

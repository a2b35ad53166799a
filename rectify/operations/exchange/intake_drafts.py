"""Reports being looked over: kept, changed, given up, done with. Not business state, so not in the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import models, transaction

from rectify import clock
from rectify.choices import Action, IntakeStatus
from rectify.errors import NotAllowed, Stale, WrongState
from rectify.evidence import storage
from rectify.models import IntakeDraft, Report, SourceText, Unit, User
from rectify.operations import recording

CHANGEABLE = {"outline", "unit", "year", "title", "meeting", "target"}


@dataclass(frozen=True)
class NewDraft:
    """One report of a file: its text, its outline, what it is to become; `part` if not all are taken."""

    text: str
    title: str
    outline: dict[str, Any] = field(default_factory=dict)
    target: Report | None = None
    part: int | None = None
    year: int | None = None  # where it is not that of the whole file


def start(
    file: storage.Kept,
    reports: Sequence[NewDraft],
    *,
    by: User,
    unit: Unit,
    year: int,
    meeting: str = "",
    idempotency_key: str | None = None,
) -> list[IntakeDraft]:
    """Keep an uploaded file with one draft for each report in it; the same key again returns those made."""
    with transaction.atomic():
        _require_office_of(unit, by)
        earlier = (
            list(IntakeDraft.objects.filter(user=by, idempotency_key=idempotency_key).order_by("part"))
            if idempotency_key
            else []
        )
        if earlier:
            return earlier
        at, file.named = clock.now(), True
        return [
            IntakeDraft.objects.create(
                user=by,
                name=file.name,
                stored=file.stored,
                size=file.size,
                sha256=file.sha256,
                part=one.part or position,
                parts=max(len(reports), one.part or 0),
                text=one.text,
                outline=one.outline,
                unit=unit,
                year=one.year or year,
                title=one.title,
                meeting=meeting,
                target=one.target,
                created_at=at,
                updated_at=at,
                idempotency_key=idempotency_key,
            )
            for position, one in enumerate(reports, start=1)
        ]


def change(draft: IntakeDraft, *, by: User, seen: int, **changes: Any) -> IntakeDraft:
    """Keep an edit if nothing was changed since version `seen`."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")
    with transaction.atomic():
        if "unit" in changes:
            _require_office_of(changes["unit"], by)
        return _change(draft, by, seen, changes)


def drop(draft: IntakeDraft, *, by: User, seen: int) -> None:
    """Give a draft up: its texts go, and its file where nothing else needs it."""
    stored = draft.stored
    with transaction.atomic():
        _change(draft, by, seen, _emptied(IntakeStatus.DROPPED))
        _remove_unless_named(stored)


def finish(draft: IntakeDraft, *, by: User, seen: int, report: Report) -> IntakeDraft:
    """The draft was loaded; the ledger keeps its source now."""
    return _change(draft, by, seen, _emptied(IntakeStatus.LOADED) | {"report": report})


def hold(draft: IntakeDraft, *, by: User, seen: int) -> IntakeDraft:
    """Lock the draft as it was seen, so that of two loads at once the second finds it done."""
    current = IntakeDraft.objects.select_for_update().get(pk=draft.pk)
    recording.require(by, Action.CREATE_REPORT)
    if current.user_id != by.pk:
        raise NotAllowed("这份草稿由上传的人核对，您填写的内容没有丢失。")
    if current.status != IntakeStatus.OPEN:
        raise WrongState(f"这份报告{IntakeStatus(current.status).label}，不能再改。台账没有改动。")
    if current.version != seen:
        words = "这次改动没有保存：草稿刚刚在另一个窗口里改过。下面是现在的草稿，请核对后再改。"
        raise Stale(words, [], current.version)
    return current


def forget(drafts: models.QuerySet) -> None:
    """Empty drafts whose content is being purged, whoever holds them."""
    for draft in drafts.filter(status=IntakeStatus.OPEN):
        emptied = _emptied(IntakeStatus.DROPPED)
        IntakeDraft.objects.filter(pk=draft.pk).update(version=models.F("version") + 1, **emptied)
        transaction.on_commit(partial(storage.discard, draft.stored))


def _emptied(status: str) -> dict[str, Any]:
    return {"status": status, "text": "", "outline": {}, "stored": "", "idempotency_key": None}


def _change(draft: IntakeDraft, by: User, seen: int, changes: dict[str, Any]) -> IntakeDraft:
    with transaction.atomic():
        hold(draft, by=by, seen=seen)
        rows = IntakeDraft.objects.filter(pk=draft.pk, version=seen)
        rows.update(version=models.F("version") + 1, updated_at=clock.now(), **changes)
        return IntakeDraft.objects.get(pk=draft.pk)


def _require_office_of(unit: Unit, by: User) -> None:
    recording.require(by, Action.CREATE_REPORT, Report(unit=unit))


def _remove_unless_named(stored: str) -> None:
    """Several drafts of one file share it, and a ledger keeps what was loaded from it."""
    named = IntakeDraft.objects.filter(stored=stored).exists()
    if stored and not named and not SourceText.objects.filter(stored=stored).exists():
        transaction.on_commit(partial(storage.discard, stored))

"""Unsent input of a user: kept, read back and dropped. Not business state, so not in the audit log."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from rectify import clock
from rectify.errors import TooLong
from rectify.models import Draft, User
from rectify.models.compiled import compiled
from rectify.models.exchange import draft_max


def keep(user: User, *, key: str, fields: dict[str, str]) -> Draft | None:
    """Keep the text of a form; an empty one drops the draft. Raises TooLong past the cap."""
    filled = {name: value for name, value in fields.items() if value.strip()}
    if sum(map(len, filled.values())) > (most := draft_max(key)):
        raise TooLong(f"草稿最多保存 {most} 个字，请先另存文字再精简。", field="text")
    if not filled:
        drop(user, key)
        return None
    draft, _ = Draft.objects.update_or_create(
        user=user, key=key[:100], defaults={"fields": filled, "updated_at": clock.now()}
    )
    return draft


def fields(user: User, key: str) -> dict[str, str]:
    """What the user had typed, or nothing."""
    return next((dict(draft.fields) for draft in compiled("draft", _kept, user.pk, key)), {})


def drop(user: User, key: str) -> None:
    """Forget a draft that was sent or given up."""
    for draft in compiled("draft", _kept, user.pk, key):  # with none, nobody waits for the write lock
        draft.delete()


def _kept(user: int, key: str) -> QuerySet:
    return Draft.objects.filter(user=user, key=key)


def drop_older(than: dt.datetime) -> int:
    """Forget drafts nobody came back for; returns how many."""
    count, _ = Draft.objects.filter(updated_at__lt=than).delete()
    return count

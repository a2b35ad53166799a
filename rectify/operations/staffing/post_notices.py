"""Whoever takes or leaves a post is told."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from rectify import hand_overs
from rectify.models import Membership, Notice
from rectify.notifications import outbox


def post_changed(row: Any, changes: list[dict[str, Any]]) -> list[Notice]:
    """The notices of a post that begins or ends by these changes; none of anything else."""
    if not isinstance(row, Membership) or not any(change["field"] == "active" for change in changes):
        return []
    if not row.active and row.pk and all(change["old"] is None for change in changes):
        return []  # it waits for its second person: nothing has begun
    return post_notices(row, "已生效" if row.active else "已停用")


def post_notices(post: Membership, change: str) -> list[Notice]:
    kind, text = hand_overs.POST.kind, hand_overs.POST.message.format(post=post, change=change)
    return outbox.to_person(
        post.user_id, None, kind=kind, text=text, url=reverse("home"), items=[], mailed=False
    )

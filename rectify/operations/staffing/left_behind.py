"""A post or an account ends while its holder still holds things: said at once, and the office is told."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from rectify.choices import NoticeKind
from rectify.models import Leader, Membership, Notice, User
from rectify.notifications import outbox
from rectify.notifications.recipients import Directory
from rectify.selectors.staffing.holdings import held_words, waiting_words


def left_behind(row: Any) -> tuple[str, list[Notice]]:
    """What the holder of this post or account, just switched off, still holds, and the notices of it."""
    person = _who_left(row)
    if person is None:
        return "", []
    posts = [row] if isinstance(row, Membership) else person.memberships.filter(active=True)
    words = "；".join(filter(None, [held_words(person), *map(waiting_words, posts)]))
    if not words:
        return "", []
    offices = Directory()
    told = {one.user_id for path in _paths(row, person) for one in offices.office(path)} - {person.pk}
    url = f"{reverse('hand_over')}?giver={person.pk}"
    text = f"{person.name}的任职或账号已停用，名下还有：{words}。请办理工作交接。"
    notices = [
        notice
        for user in sorted(told)
        for notice in outbox.to_person(
            user, None, kind=NoticeKind.HAND_OVER, text=text, url=url, items=[], mailed=False
        )
    ]
    told_words = "已通知整改办办理工作交接" if told else "请整改办办理工作交接"
    return f"{person.name}名下还有：{words}。这些内容没有改动，{told_words}。", notices


def _who_left(row: Any) -> User | None:
    if isinstance(row, User):
        return None if row.is_active else row
    if isinstance(row, Membership | Leader) and not row.active:
        return row.user
    return None


def _paths(row: Any, person: User) -> list[str]:
    if not isinstance(row, User):
        return [row.unit.path]
    return list(person.memberships.values_list("unit__path", flat=True).distinct())

"""A person's calendar of deadlines: an address that needs no sign-in, opened and closed by that person."""

from __future__ import annotations

import secrets

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action
from rectify.errors import WrongState
from rectify.models import CalendarFeed, User
from rectify.operations import recording


def open_feed(user: User) -> str:
    """The token of a new address, told this once; an earlier one ends."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        chain.lock([None])
        recording.require(user, Action.OPEN_CALENDAR, user)
        CalendarFeed.objects.filter(user=user).delete()
        feed = CalendarFeed.objects.create(user=user, digest=CalendarFeed.digest_of(token), since=clock.now())
        _enter(user, feed.user, Action.OPEN_CALENDAR)
    return token


def close_feed(user: User) -> None:
    with transaction.atomic():
        chain.lock([None])
        recording.require(user, Action.CLOSE_CALENDAR, user)
        if not CalendarFeed.objects.filter(user=user).delete()[0]:
            raise WrongState("没有正在使用的日历地址，没有任何改动。")
        _enter(user, user, Action.CLOSE_CALENDAR)


def _enter(by: User, target: User, act: str) -> None:
    chain.append_entry(by=by, act=act, report=None, target=target, label=str(target), payload={})

"""Ending the sessions of a person whose password, posts or second factor are others now."""

from __future__ import annotations

from django.db.models import F

from rectify.audit import written
from rectify.models import User


def end_sessions(user: User) -> None:
    """Whoever is signed in as this person signs in again. Call inside the act, before its entry."""
    rows = User.objects.filter(pk=user.pk)
    rows.update(session_round=F("session_round") + 1)
    written.wrote_all(rows)
    user.refresh_from_db(fields=["session_round"])

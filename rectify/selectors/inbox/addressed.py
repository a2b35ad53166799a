"""What 督办单 are addressed to a person, the most urgent first."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, When

from rectify import clock
from rectify.models import Addressee, User


def addressed_to(user: User, state: str = "") -> Any:
    """What is addressed to the person, the most urgent first; the inbox counts exactly this."""
    rows: Any = Addressee.objects.of(user).with_state(clock.today())
    rows = rows.filter(state=state) if state else rows
    related = ("supervision__report__unit", "unit", "leader", "receipt", "reply")
    open_first = Case(When(reply=None, then=0), default=1)
    return rows.select_related(*related).order_by(open_first, "supervision__reply_by", "pk")

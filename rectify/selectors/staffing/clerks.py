"""Whom the choice of 经办人 offers where the units chosen change on the page: clerks and heads by unit."""

from __future__ import annotations

import json

from rectify.models import Membership
from rectify.models.people import within
from rectify.roles import REPORTING


def workers_within(paths: list[str]) -> str:
    """Every clerk and head of some subtrees as JSON [id, label, units], for the page to narrow by itself."""
    posts = Membership.objects.filter(
        within("unit__path", paths), role__in=REPORTING, active=True, user__is_active=True
    )
    people: dict[int, tuple[str, list[int]]] = {}
    rows = posts.order_by("user__name", "user_id", "pk")
    for user, name, unit, unit_name in rows.values_list("user_id", "user__name", "unit_id", "unit__name"):
        label = name if name.startswith(unit_name) else f"{unit_name} {name}"
        people.setdefault(user, (label, []))[1].append(unit)
    return json.dumps([[user, *said] for user, said in people.items()], ensure_ascii=False)

"""The indexes from which the list of problems is read under one condition, in each of its orders."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rectify.choices import Status

LIST_ORDERS = {
    "urgent": ("rank", "due", "id"),
    "due": ("due", "id"),
    "number": ("report", "number", "id"),
}
OWNERS = {"unit": "lead_unit", "leader": "leader", "clerk": "clerk", "aspect": "aspect"}
_IN_ORDER = ("rank", "due", "id")
PUT_OFF = Q(due__gt=F("original_deadline"))  # or without a deadline since
SELDOM = {
    "late": (("status", *_IN_ORDER), Q(status=Status.CLOSED, closed_on__gt=F("deadline"))),
    "late_first": (("status", *_IN_ORDER), Q(status=Status.CLOSED, closed_on__gt=F("original_deadline"))),
    "extended": (_IN_ORDER, PUT_OFF),
    "follow_up": ((*_IN_ORDER, "follow_up_on", "report"), Q(follow_up_on__isnull=False)),
}


def list_indexes() -> list[models.Index]:
    """One for each condition and order, one for a light in order of number (`rank` leads the other orders),
    one for what each owner has; and of what is late, was extended or is to be looked at again, which may be
    few among many."""
    each = [
        models.Index(fields=[name, *order], name=f"problem_{name}_{words}")
        for name in ("status", "kind", "source")
        for words, order in LIST_ORDERS.items()
    ]
    each.append(models.Index(fields=["rank", *LIST_ORDERS["number"]], name="problem_rank_number"))
    each += [
        models.Index(fields=[field, "rank", "due"], name=f"problem_{name}_urgency")
        for name, field in OWNERS.items()
    ]
    return each + [
        models.Index(fields=fields, condition=rule, name=f"problem_{name}")
        for name, (fields, rule) in SELDOM.items()
    ]

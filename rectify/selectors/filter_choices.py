"""What a person may filter the problem list by."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from rectify.models import Aspect, Leader, Membership, Report, Unit, User
from rectify.roles import OVERSEERS, REPORTING

# Of each condition: what may be chosen, and the field of a problem that holds it.
OCCURRING: dict[str, tuple[Any, str]] = {
    "leader": (Leader, "leader"),
    "unit": (Unit, "lead_unit"),
    "clerk": (User, "clerk"),
}
NAMES = ("aspect", *OCCURRING)


def choices_for(name: str, user: User, seen: QuerySet) -> QuerySet:
    """What a person may choose of one condition. Office and inspector: the people and units of the trees they
    work in, from which problems are assigned; the others: what occurs in their problems, which are few."""
    if name not in OCCURRING:
        reports = Report.objects.visible_to(user).select_related("unit")
        return reports if name == "report" else Aspect.objects.filter(report__in=reports.values("pk"))
    if user.has_role(*OVERSEERS):
        return _of_trees(name, user)
    model, field = OCCURRING[name]
    return model.objects.filter(pk__in=seen.order_by().values(field))


def _of_trees(name: str, user: User) -> QuerySet:
    if name == "leader":
        return Leader.objects.visible_to(user)
    units = Unit.objects.visible_to(user)
    worked = Membership.objects.filter(unit__in=units, role__in=REPORTING)
    return units if name == "unit" else User.objects.filter(pk__in=worked.values("user"))

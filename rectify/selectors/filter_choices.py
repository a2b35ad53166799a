"""What a person may filter the problem list by."""

from __future__ import annotations

from django.db.models import QuerySet

from rectify.models import Aspect, Leader, Membership, Report, Unit, User
from rectify.roles import OVERSEERS, REPORTING


def choices_for(user: User, seen: QuerySet) -> dict[str, QuerySet]:
    """What a person may filter by. Office and inspector: the people and units of the trees they work in,
    from which problems are assigned; the others: what occurs in their problems, which are few."""
    reports = Report.objects.visible_to(user).select_related("unit")
    found: dict[str, QuerySet] = {
        "report": reports,
        "aspect": Aspect.objects.filter(report__in=reports.values("pk")),
    }
    if user.has_role(*OVERSEERS):
        units = Unit.objects.visible_to(user)
        worked = Membership.objects.filter(unit__in=units, role__in=REPORTING)
        clerks = User.objects.filter(pk__in=worked.values("user"))
        return found | {"leader": Leader.objects.visible_to(user), "unit": units, "clerk": clerks}
    seen = seen.order_by()
    return found | {
        "leader": Leader.objects.filter(pk__in=seen.values("leader")),
        "unit": Unit.objects.filter(pk__in=seen.values("lead_unit")),
        "clerk": User.objects.filter(pk__in=seen.values("clerk")),
    }

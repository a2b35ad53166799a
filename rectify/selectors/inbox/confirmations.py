"""What waits for a second look: proposed ties to causes and directions, and requests to purge."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from rectify.choices import Action, LinkStatus, Role
from rectify.models import DutyRequest, ProblemCause, ProblemDirection, Purge, Report, User
from rectify.models.compiled import compiled
from rectify.models.rank import Rank
from rectify.policies import may
from rectify.roles import WATCHING
from rectify.selectors.staffing.duty_batches import DutyBatch, batches


def links_to_confirm(user: User) -> list[tuple[Report, int]]:
    """The reports of the office with ties to causes and directions that no person has confirmed."""
    waiting: dict[tuple[int, int, str], int] = {}
    for pk, year, title, n in compiled(("links", user.scope), lambda: _pending(user)):
        waiting[year, pk, title] = waiting.get((year, pk, title), 0) + n
    newest_first = sorted(waiting.items(), reverse=True)
    return [(Report(pk=pk, year=year, title=title), n) for (year, pk, title), n in newest_first]


def _pending(user: User) -> QuerySet:
    reports = Report.objects.run_by(user).values("pk")
    parts = []
    for model in (ProblemCause, ProblemDirection):
        rows = model.objects.filter(
            status=LinkStatus.PENDING,
            problem__report__in=reports,
            problem__rank__in=(Rank.OPEN, Rank.STANDING),
        )
        named = rows.order_by().values_list(
            "problem__report", "problem__report__year", "problem__report__title"
        )
        parts.append(named.annotate(n=Count("*")))
    return parts[0].union(parts[1], all=True)


def purges_to_confirm(user: User) -> list[Purge]:
    """Requests to remove content that this person may confirm as the second one."""
    if not user.has_role(Role.OFFICE, Role.SYSADMIN):
        return []
    asked = compiled(("purges", user.scope), lambda: _purges(user))
    return [purge for purge in asked if may(user, Action.CONFIRM_PURGE, purge)]


def _purges(user: User) -> QuerySet:
    return Purge.objects.visible_to(user).waiting().select_related("report__unit", "requested_by")


def duties_to_confirm(user: User) -> list[DutyBatch]:
    """What this person may agree to as the second one, put together as it was asked for."""
    if not user.has_role(*WATCHING):
        return []
    asked = compiled(("duties", user.scope), lambda: _duties(user))
    return [batch for batch in batches(asked, user) if may(user, Action.CONFIRM_DUTY, batch.row)]


def _duties(user: User) -> QuerySet:
    waiting = DutyRequest.objects.visible_to(user).waiting()
    return waiting.select_related("user", "unit", "membership__unit", "requested_by", "moved", "target")

"""What waits for a second look: proposed ties to causes and directions, and requests to purge."""

from __future__ import annotations

from django.db.models import Count

from rectify.choices import Action, LinkStatus, Role
from rectify.models import DutyRequest, ProblemCause, ProblemDirection, Purge, Report, User
from rectify.models.rank import Rank
from rectify.policies import may
from rectify.roles import WATCHING
from rectify.selectors.staffing.duty_batches import DutyBatch, batches


def links_to_confirm(user: User) -> list[tuple[Report, int]]:
    """The reports of the office with ties to causes and directions that no person has confirmed."""
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
    waiting: dict[tuple[int, int, str], int] = {}
    for pk, year, title, n in parts[0].union(parts[1], all=True):
        waiting[year, pk, title] = waiting.get((year, pk, title), 0) + n
    newest_first = sorted(waiting.items(), reverse=True)
    return [(Report(pk=pk, year=year, title=title), n) for (year, pk, title), n in newest_first]


def purges_to_confirm(user: User) -> list[Purge]:
    """Requests to remove content that this person may confirm as the second one."""
    if not user.has_role(Role.OFFICE, Role.SYSADMIN):
        return []
    waiting = Purge.objects.visible_to(user).waiting().select_related("report__unit", "requested_by")
    return [purge for purge in waiting if may(user, Action.CONFIRM_PURGE, purge)]


def duties_to_confirm(user: User) -> list[DutyBatch]:
    """What this person may agree to as the second one, put together as it was asked for."""
    if not user.has_role(*WATCHING):
        return []
    waiting = DutyRequest.objects.visible_to(user).waiting()
    waiting = waiting.select_related("user", "unit", "membership__unit", "requested_by", "moved", "target")
    return [batch for batch in batches(waiting, user) if may(user, Action.CONFIRM_DUTY, batch.row)]

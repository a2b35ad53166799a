"""Who may report progress on which of many problems, in at most one query."""

from __future__ import annotations

from rectify.choices import Role
from rectify.models import Problem, User
from rectify.transitions import OPEN_FOR_WORK


def workable(user: User, problems: list[Problem]) -> set[int]:
    """The problems a person may report progress on, in at most one query: what the row's button offers."""
    open_now = [
        one for one in problems if one.status in OPEN_FOR_WORK and not one.withdrawn and not one.carried
    ]
    offices = user.paths(Role.OFFICE)
    units = user.unit_ids(Role.UNIT_HEAD, Role.CLERK)
    able = {one.pk for one in open_now if any(one.report.unit.path.startswith(path) for path in offices)}
    able |= {one.pk for one in open_now if one.lead_unit_id in units}
    rest = [one.pk for one in open_now if one.pk not in able]
    if units and rest:
        through = Problem.supporting_units.through.objects
        able |= set(through.filter(problem__in=rest, unit__in=units).values_list("problem_id", flat=True))
    return able

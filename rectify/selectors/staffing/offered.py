"""Whom and what the form of an act on many problems may offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rectify.choices import Kind
from rectify.models import Leader, Problem, Unit, User
from rectify.models.people import within
from rectify.selectors.staffing.clerks import workers_within
from rectify.transitions import BY_HAND


def choices(rows: Sequence[Problem], lead_unit: str = "") -> dict[str, Any]:
    """Whom and what the form may offer: what lies in the units of these problems' ledgers; as clerks, who
    works in the unit chosen, or where none is chosen in those of the problems."""
    paths = sorted({problem.report.unit.path for problem in rows})
    leads = {problem.lead_unit_id for problem in rows} - {None}
    supporting = {unit.pk for problem in rows for unit in problem.supporting_units.all()}
    chosen = (
        {int(lead_unit)} if lead_unit.isascii() and lead_unit.isdecimal() and len(lead_unit) < 12 else leads
    )
    units = Unit.objects.filter(within("path", paths), active=True)
    working = units.filter(pk__in=chosen | supporting).values_list("pk", flat=True)
    return {
        "leader": Leader.objects.able().filter(within("unit__path", paths)).select_related("unit", "user"),
        "lead_unit": units,
        "clerk": User.objects.working_at(working).order_by("name", "pk").prefetch_related("memberships"),
        "workers": workers_within(paths),
        "units": leads | supporting,
        "kind": Kind.choices,
        "status": [(status.value, status.label) for status in BY_HAND],
    }

"""What is there now, as the rows of a roster: to be looked through, changed and brought back."""

from __future__ import annotations

from rectify.choices import Role
from rectify.models import Holiday, Leader, Membership, Unit, User
from rectify.models.people import within
from rectify.selectors.roster.rows import HOLIDAYS, LEADERS, PEOPLE, UNITS

YES = "是"


def current_rows(by: User) -> dict[str, list[list[str]]]:
    """By table, the cells of each row: everything in use that this administrator may change."""
    paths = by.paths(Role.SYSADMIN)
    units = list(Unit.objects.filter(within("path", paths), active=True))
    names = [unit.name for unit in units]
    full = {unit.path: unit.name for unit in units}
    written = {unit.path: _written(unit, full, names) for unit in units}
    return {
        UNITS: [[unit.name, written.get(unit.path[: -Unit.steplen], ""), unit.short] for unit in units],
        PEOPLE: _people(by, written),
        LEADERS: _leaders(written),
        HOLIDAYS: [
            [one.day.isoformat(), one.name, YES if one.is_workday else ""] for one in Holiday.objects.all()
        ],
    }


def _people(by: User, written: dict[str, str]) -> list[list[str]]:
    mine = User.objects.administered_by(by).filter(is_active=True).exclude(pk=by.pk)
    posts = Membership.objects.filter(unit__path__in=written, active=True, user__in=mine)
    posts = posts.select_related("user", "unit").order_by("unit__path", "user__username", "role")
    return [
        [
            one.user.name,
            one.user.username,
            written[one.unit.path],
            str(Role(one.role).label),
            one.user.phone,
            "",
        ]
        for one in posts
    ]


def _leaders(written: dict[str, str]) -> list[list[str]]:
    leaders = Leader.objects.active().filter(unit__path__in=written).select_related("user", "unit")
    return [
        [one.post, written[one.unit.path], one.user.username if one.user else "", str(one.rank), ""]
        for one in leaders
    ]


def _written(unit: Unit, full: dict[str, str], names: list[str]) -> str:
    """The name alone where nobody else has it; else the path."""
    if names.count(unit.name) == 1:
        return unit.name
    ends = range(Unit.steplen, len(unit.path) + 1, Unit.steplen)
    return "/".join(full[unit.path[:end]] for end in ends if unit.path[:end] in full)

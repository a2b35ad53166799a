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
    posts = Membership.objects.filter(
        within("unit__path", paths), active=True, user__is_active=True, unit__active=True,
        user__in=User.objects.administered_by(by),
    ).exclude(user=by)  # fmt: skip
    leaders = Leader.objects.filter(within("unit__path", paths), active=True, unit__active=True)
    return {
        UNITS: [[unit.name, written.get(unit.path[: -Unit.steplen], ""), unit.short] for unit in units],
        PEOPLE: [
            [
                post.user.name,
                post.user.username,
                written[post.unit.path],
                post.get_role_display(),
                post.user.phone,
                "",
            ]
            for post in posts.select_related("user", "unit").order_by("unit__path", "user__username", "role")
        ],
        LEADERS: [
            [one.post, written[one.unit.path], one.user.username if one.user else "", str(one.rank), ""]
            for one in leaders.select_related("user", "unit")
        ],
        HOLIDAYS: [
            [one.day.isoformat(), one.name, YES if one.is_workday else ""] for one in Holiday.objects.all()
        ],
    }


def _written(unit: Unit, full: dict[str, str], names: list[str]) -> str:
    """The name alone where nobody else has it; else the path."""
    if names.count(unit.name) == 1:
        return unit.name
    ends = range(Unit.steplen, len(unit.path) + 1, Unit.steplen)
    return "/".join(full[unit.path[:end]] for end in ends if unit.path[:end] in full)

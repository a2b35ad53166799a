"""What an office knows already: the units and leaders that a sheet names, what its headings meant before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rectify.choices import Role
from rectify.ledger.legacy.headings import BY_KEY, SKIP
from rectify.ledger.legacy.match import NEW, Match, match_names
from rectify.ledger.legacy.problem import OldSheet
from rectify.models import Leader, SheetMemory, Unit, User
from rectify.models.people import within


@dataclass(frozen=True)
class Names:
    """Each name of the sheet with what it is taken for, and the rows that are known."""

    units: list[Match]
    leaders: list[Match]
    known_units: dict[int, Unit]
    known_leaders: dict[int, Leader]

    @property
    def new_units(self) -> int:
        return sum(match.chosen == NEW for match in self.units)

    @property
    def new_leaders(self) -> int:
        return sum(match.chosen == NEW for match in self.leaders)


def names_of_sheet(old: OldSheet, unit: Unit, chosen: Mapping[str, str]) -> Names:
    """`chosen` is what a person decided of some of them."""
    units = unit.subtree().filter(active=True)
    leaders = Leader.objects.active().filter(unit__path__startswith=unit.path)
    known = [(row.pk, row.name, row.short) for row in units]
    posts = [(row.pk, row.post, "") for row in leaders]
    return Names(
        match_names(old.unit_names, known, "unit", dict(chosen), shortened=True),
        match_names(old.leader_names, posts, "leader", dict(chosen), shortened=False),
        {row.pk: row for row in units},
        {row.pk: row for row in leaders},
    )


def remembered_columns(unit: Unit) -> dict[str, str]:
    """Heading to meaning, as this office last decided."""
    memory = SheetMemory.objects.filter(unit=unit).first()
    known = memory.columns if memory else {}
    return {heading: key for heading, key in known.items() if key in BY_KEY or key == SKIP}


def own_units(user: User) -> list[Unit]:
    """Where a ledger may be opened: the units whose office this person is, and those below."""
    return list(Unit.objects.filter(within("path", user.paths(Role.OFFICE)), active=True))

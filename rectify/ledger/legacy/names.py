"""What an office knows already: the units and leaders that a sheet names, what its headings meant before."""

from __future__ import annotations

from collections.abc import Mapping

from rectify.choices import Role
from rectify.ledger.legacy import headings
from rectify.ledger.legacy.problem import OldSheet
from rectify.models import SheetMemory, Unit, User
from rectify.models.people import within
from rectify.papers.names import Names, names_within


def names_of_sheet(old: OldSheet, unit: Unit, chosen: Mapping[str, str]) -> Names:
    """`chosen` is what a person decided of some of them."""
    return names_within(unit, units=old.unit_names, leaders=old.leader_names, chosen=chosen)


def remembered_columns(unit: Unit) -> dict[str, str]:
    """Heading to meaning, as this office last decided."""
    memory = SheetMemory.objects.filter(unit=unit).first()
    known = memory.columns if memory else {}
    return {heading: key for heading, key in known.items() if key in (*headings.BY_KEY, headings.SKIP)}


def own_units(user: User) -> list[Unit]:
    """Where a ledger may be opened: the units whose office this person is, and those below."""
    return list(Unit.objects.filter(within("path", user.paths(Role.OFFICE)), active=True))

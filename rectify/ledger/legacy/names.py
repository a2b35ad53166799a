"""What an office knows already: the units and leaders that a sheet names, what its headings meant before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rectify.choices import Role
from rectify.ledger.legacy import headings
from rectify.ledger.legacy.problem import OldSheet
from rectify.models import Leader, SheetMemory, Unit, User
from rectify.models.people import within
from rectify.xlsx.values import normal

NEW, SKIP = "new", "skip"


@dataclass(frozen=True)
class Match:
    """One name of the sheet and what it is taken for: the id of a known one, NEW or SKIP."""

    name: str
    field: str
    chosen: str
    sure: bool


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
    return {heading: key for heading, key in known.items() if key in (*headings.BY_KEY, headings.SKIP)}


def own_units(user: User) -> list[Unit]:
    """Where a ledger may be opened: the units whose office this person is, and those below."""
    return list(Unit.objects.filter(within("path", user.paths(Role.OFFICE)), active=True))


def match_names(
    names: Iterable[str],
    known: Iterable[tuple[int, str, str]],
    prefix: str,
    chosen: dict[str, str],
    *,
    shortened: bool,
) -> list[Match]:
    """Each name with its choice; `known` is id, name, short name; `chosen` what a person decided.

    Units go by shortened names (宣传部 for 县委宣传部); posts do not (副县长 is not 常务副县长).
    """
    entries = [(pk, normal(name), normal(short)) for pk, name, short in known]
    ids = {str(pk) for pk, _, _ in entries} | {NEW, SKIP}
    matches = []
    for index, name in enumerate(names):
        field = f"{prefix}-{index}"
        decided = chosen.get(field, "")
        exact = [pk for pk, full, short in entries if name in (full, short)]
        close = [pk for pk, full, _ in entries if full.endswith(name) or name.endswith(full)]
        guess = exact if len(exact) == 1 or not shortened else close
        answer = str(guess[0]) if len(guess) == 1 else NEW
        matches.append(Match(name, field, decided if decided in ids else answer, len(exact) == 1))
    return matches

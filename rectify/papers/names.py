"""Which unit or leader of an office a paper means by a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rectify.models import Leader, Unit
from rectify.papers.persons import Person, persons
from rectify.papers.posts import as_said
from rectify.xlsx.values import normal

NEW, SKIP = "new", "skip"


@dataclass(frozen=True)
class Match:
    """One name of a paper and what it is taken for: the id of a known one, NEW or SKIP.

    `sure` where exactly one goes by that very name, `several` where more than one may be meant.
    """

    name: str
    field: str
    chosen: str
    sure: bool
    several: bool = False

    @property
    def is_known(self) -> bool:
        return self.chosen not in (NEW, SKIP)


@dataclass(frozen=True)
class Names:
    """Each name of a paper with what it is taken for, and the rows that are known."""

    units: list[Match]
    leaders: list[Match]
    known_units: dict[int, Unit]
    known_leaders: dict[int, Leader]

    @property
    def new_units(self) -> list[str]:
        """Names of which a unit is to be made."""
        return [match.name for match in self.units if match.chosen == NEW]

    @property
    def new_leaders(self) -> list[str]:
        """Names of which a leader is to be made."""
        return [match.name for match in self.leaders if match.chosen == NEW]

    @property
    def open(self) -> list[Match]:
        """Names that nobody is taken for, and nobody made of."""
        return [match for match in (*self.leaders, *self.units) if match.chosen == SKIP]

    def unit(self, name: str) -> Unit | None:
        """The known one that the name is taken for."""
        return self._units.get(name)

    def leader(self, name: str) -> Leader | None:
        """The known one that the name is taken for."""
        return self._leaders.get(name)

    def made(self, units: Mapping[str, Unit], leaders: Mapping[str, Leader]) -> Names:
        """The same once those that were to be made of names are there."""
        return Names(
            [_taken_for(match, units) for match in self.units],
            [_taken_for(match, leaders) for match in self.leaders],
            self.known_units | {row.pk: row for row in units.values()},
            self.known_leaders | {row.pk: row for row in leaders.values()},
        )

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {match.name: self.known_units[int(match.chosen)] for match in self.units if match.is_known}

    @cached_property
    def _leaders(self) -> dict[str, Leader]:
        known = self.known_leaders
        return {match.name: known[int(match.chosen)] for match in self.leaders if match.is_known}


def _taken_for(match: Match, made: Mapping[str, Unit] | Mapping[str, Leader]) -> Match:
    row = made.get(match.name)
    return replace(match, chosen=str(row.pk)) if row else match


def names_within(
    unit: Unit, *, units: Iterable[str], leaders: Iterable[str], chosen: Mapping[str, str], unknown: str = NEW
) -> Names:
    """Names of units and leaders at that unit and below; `chosen` is what a person decided of some of them.

    A leader goes by the post, or by the name of the account.
    """
    known_units = {row.pk: row for row in unit.subtree().filter(active=True)}
    in_office = Leader.objects.able().filter(unit__path__startswith=unit.path).select_related("user", "unit")
    known_leaders = {row.pk: row for row in in_office}
    names = [(row.pk, row.name, row.short) for row in known_units.values()]
    posts = [(row.pk, row.post, row.user.name if row.user else "") for row in known_leaders.values()]
    return Names(
        match_names(units, names, "unit", chosen, shortened=True, unknown=unknown),
        match_names(leaders, posts, "leader", chosen, shortened=False, unknown=unknown),
        known_units,
        known_leaders,
    )


def match_names(
    names: Iterable[str],
    known: Iterable[tuple[int, str, str]],
    prefix: str,
    chosen: Mapping[str, str],
    *,
    shortened: bool,
    unknown: str = NEW,
) -> list[Match]:
    """Each name with its choice; `known` is id, name, other name; `chosen` what a person decided.

    Units go by shortened names (宣传部 for 县委宣传部); posts do not (副县长 is not 常务副县长), but as they
    are said (宣传部长).
    """
    entries = [(pk, normal(full), normal(other)) for pk, full, other in known]
    posts = [] if shortened else [(pk, as_said(full), other) for pk, full, other in entries]
    ids = {str(pk) for pk, _, _ in entries} | {NEW, SKIP}
    matches = []
    for index, name in enumerate(names):
        field = f"{prefix}-{index}"
        decided = chosen.get(field, "")
        exact = [pk for pk, full, other in entries if name in (full, other)] or _named_so(name, posts)
        close = [pk for pk, full, _ in entries if full.endswith(name) or name.endswith(full)]
        guess = exact if len(exact) == 1 or not shortened else close
        answer = str(guess[0]) if len(guess) == 1 else unknown
        choice = decided if decided in ids else answer
        matches.append(Match(name, field, choice, len(exact) == 1, len(guess) > 1))
    return matches


def _named_so(words: str, posts: Sequence[tuple[int, str, str]]) -> list[int]:
    """Leaders by the post as it is said, by the name that stands behind a post, or else by that post."""
    said = as_said(words)
    if same := [pk for pk, post, _ in posts if post == said]:
        return same
    match persons(words):
        case [Person(name=name, post=post)] if post:
            return _of(posts, name=name) or _of(posts, post=as_said(post), name="")
    return []


def _of(posts: Sequence[tuple[int, str, str]], *, name: str, post: str = "") -> list[int]:
    """Whose name it is, and whose post where one is said."""
    return [pk for pk, held, own in posts if own == name and post in ("", held)]

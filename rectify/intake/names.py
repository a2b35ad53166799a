"""The names of a report: whom the office knows by them, and what a person has decided of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rectify.errors import Incomplete
from rectify.intake.review.edited import PROBLEM, EditedOutline
from rectify.models import Unit
from rectify.papers.names import NEW, SKIP, Match, Names, names_within


def names_of_report(outline: EditedOutline, unit: Unit) -> Names | None:
    """Everybody whom its problems name; None where they name nobody."""
    said = [item.assignment for item in outline.kept(PROBLEM)]
    leaders = _each_once(name for one in said for name in one.leaders)
    units = _each_once(name for one in said for name in one.units)
    if not leaders and not units:
        return None
    chosen = {f"leader-{at}": outline.chosen.get(f"leader:{name}", "") for at, name in enumerate(leaders)}
    chosen |= {f"unit-{at}": outline.chosen.get(f"unit:{name}", "") for at, name in enumerate(units)}
    return names_within(unit, units=units, leaders=leaders, chosen=chosen, unknown=SKIP)


def choose(outline: EditedOutline, names: Names | None, answers: Mapping[str, str], may_add: bool) -> int:
    """Keep whom a person takes the names for, by the fields of the page; returns for how many there is one.

    Who `may_add` may also have a leader or a unit made of a name.
    """
    if names is None:
        return 0
    taken = 0
    kinds: tuple[tuple[str, list[Match], Mapping[int, object]], ...] = (
        ("leader", names.leaders, names.known_leaders),
        ("unit", names.units, names.known_units),
    )
    for kind, matches, known in kinds:
        ids = {str(pk) for pk in known} | {SKIP} | ({NEW} if may_add else set())
        for match in matches:
            answer = answers.get(match.field, match.chosen)
            if answer not in ids:
                raise Incomplete(f"“{match.name}”所选的不在可选范围内，没有保存，请重新选择。")
            if answer != match.chosen:
                outline.chosen[f"{kind}:{match.name}"] = answer
            taken += answer != SKIP
    return taken


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
